use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Alert,
    wire::{Malformed, rows},
};

/// Reads the alerts that a file is part of; none for a file that Defender does not know.
///
/// Source: "Get file related alerts API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-related-alerts>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetFileAlerts {
    /// SHA-1 of the file.
    pub sha1: String,
}

impl Operation for GetFileAlerts {
    type Answer = Vec<Alert>;
    const NAME: &'static str = "get_file_alerts";

    fn request(&self) -> RequestParts {
        RequestParts::get(["files", &self.sha1, "alerts"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Alert>, Malformed> {
        rows(answer, Alert::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
