use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::File,
    wire::Malformed,
};

/// Reads what Defender knows of a file. `NotFound` when it does not know it.
///
/// Source: "Get file information API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-information>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetFile {
    /// SHA-1 or SHA-256 of the file.
    pub hash: String,
}

impl Operation for GetFile {
    type Answer = File;
    const NAME: &'static str = "get_file";

    fn request(&self) -> RequestParts {
        RequestParts::get(["files", &self.hash])
    }

    fn decode(&self, answer: Value) -> Result<File, Malformed> {
        File::read(answer)
    }
}
