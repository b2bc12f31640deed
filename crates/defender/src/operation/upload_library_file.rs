use ring::digest;
use serde_json::Value;

use crate::{
    form::{Form, hexadecimal},
    request::{Operation, RequestParts},
    resource::LibraryFile,
    wire::Malformed,
};

/// Uploads a file to the library for live response.
///
/// Without [`override_if_exists`](Self::override_if_exists) a file of this name that is there already is kept. What
/// Defender answers then is not documented; its page knows 400 alone, "usually incorrect body". With it, a repeated
/// upload ends in the same library.
///
/// Source: "Upload files to the live response library",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/upload-library>.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadLibraryFile {
    /// Its name, which is its key.
    pub file_name: String,
    /// At most [`UploadLibraryFile::MAX_BYTES`].
    pub content: Vec<u8>,
    /// What it is.
    pub description: Option<String>,
    /// What the script's parameters are. Without it, the script is said to take none.
    pub parameters_description: Option<String>,
    /// Whether a file of this name is replaced.
    pub override_if_exists: bool,
}

impl UploadLibraryFile {
    /// Most bytes of a file, as documented: 20 MB.
    pub const MAX_BYTES: usize = 20_000_000;

    /// SHA-256 of the content, as Defender shows it of a file in its library.
    pub fn sha256(&self) -> String {
        hexadecimal(digest::digest(&digest::SHA256, &self.content).as_ref())
    }
}

impl Operation for UploadLibraryFile {
    type Answer = LibraryFile;
    const NAME: &'static str = "upload_library_file";

    /// The fields are spelled as in the page's sample: its table has `File` and no `HasParameters`.
    fn request(&self) -> RequestParts {
        let file = Form::with_file("file", &self.file_name, self.content.clone());
        RequestParts::upload(["libraryfiles"], file)
            .optional_field("ParametersDescription", self.parameters_description.as_deref())
            .field("HasParameters", self.parameters_description.is_some())
            .field("OverrideIfExists", self.override_if_exists)
            .optional_field("Description", self.description.as_deref())
    }

    fn decode(&self, answer: Value) -> Result<LibraryFile, Malformed> {
        LibraryFile::read(answer)
    }
}
