//! A file of the library for live response.

use serde_json::{Map, Value};

use crate::wire::{Fields, Malformed, Timestamp};

/// A file of the library. Only its name is certain to be there.
///
/// Source: "List library files", <https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files>.
#[derive(Debug, Clone, PartialEq)]
pub struct LibraryFile {
    /// Its name, which is its key.
    pub file_name: String,
    /// SHA-256 of its content.
    pub sha256: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// When it was uploaded.
    pub creation_time: Option<Timestamp>,
    /// When it was last changed.
    pub last_updated_time: Option<Timestamp>,
    /// Who uploaded it.
    pub created_by: Option<String>,
    /// Whether the script takes parameters.
    pub has_parameters: Option<bool>,
    /// What the parameters are; left out when there are none.
    pub parameters_description: Option<String>,
    /// Fields that are not known here.
    pub other: Map<String, Value>,
    /// The provider's own document.
    pub raw: Value,
}

impl LibraryFile {
    pub(crate) fn read(raw: Value) -> Result<LibraryFile, Malformed> {
        const EXPECTED: &str = "a library file with a name";
        let mut fields = Fields::of(&raw, EXPECTED)?;
        Ok(LibraryFile {
            file_name: fields.text("fileName").ok_or(Malformed { expected: EXPECTED })?,
            sha256: fields.text("sha256"),
            description: fields.text("description"),
            creation_time: fields.timestamp("creationTime"),
            last_updated_time: fields.timestamp("lastUpdatedTime"),
            created_by: fields.text("createdBy"),
            has_parameters: fields.flag("hasParameters"),
            parameters_description: fields.text("parametersDescription"),
            other: fields.rest(),
            raw,
        })
    }
}
