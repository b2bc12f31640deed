use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::FileStatistics,
    wire::Malformed,
};

/// Reads how common a file is. `NotFound` when Defender does not know it.
///
/// Source: "Get file statistics API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-statistics>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetFileStatistics {
    /// SHA-1 or SHA-256 of the file.
    pub hash: String,
    /// How many hours to look back, at most 720, which is also the default.
    pub look_back_hours: Option<u32>,
}

impl Operation for GetFileStatistics {
    type Answer = FileStatistics;
    const NAME: &'static str = "get_file_statistics";

    fn request(&self) -> RequestParts {
        RequestParts::get(["files", &self.hash, "stats"])
            .optional_query("lookBackHours", self.look_back_hours)
    }

    fn decode(&self, answer: Value) -> Result<FileStatistics, Malformed> {
        FileStatistics::read(answer)
    }
}
