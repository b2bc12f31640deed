use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Machine,
    wire::{Malformed, rows},
};

/// Reads the devices that a file was seen on; none for a file that Defender does not know.
///
/// Source: "Get file related machines API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-related-machines>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetFileMachines {
    /// SHA-1 of the file.
    pub sha1: String,
}

impl Operation for GetFileMachines {
    type Answer = Vec<Machine>;
    const NAME: &'static str = "get_file_machines";

    fn request(&self) -> RequestParts {
        RequestParts::get(["files", &self.sha1, "machines"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Machine>, Malformed> {
        rows(answer, Machine::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
