use serde_json::Value;

use crate::{
    request::{Method, Operation, RequestParts},
    wire::Malformed,
};

/// Deletes a file from the library for live response. `NotFound` when there is none, so a repeated deletion too.
///
/// Source: "Delete a file from the library", <https://learn.microsoft.com/en-us/defender-endpoint/api/delete-library>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteLibraryFile {
    /// Its name as stored, with extension.
    pub file_name: String,
}

impl Operation for DeleteLibraryFile {
    type Answer = ();
    const NAME: &'static str = "delete_library_file";

    fn request(&self) -> RequestParts {
        RequestParts::new(Method::Delete, ["libraryfiles", &self.file_name])
    }

    fn decode(&self, _: Value) -> Result<(), Malformed> {
        Ok(())
    }
}
