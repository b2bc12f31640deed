use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::File,
    wire::{Malformed, rows},
};

/// Reads the files that an alert is about.
///
/// Source: "Get alert related files information API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-files-info>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAlertFiles {
    /// Id of the alert.
    pub alert_id: String,
}

impl Operation for GetAlertFiles {
    type Answer = Vec<File>;
    const NAME: &'static str = "get_alert_files";

    fn request(&self) -> RequestParts {
        RequestParts::get(["alerts", &self.alert_id, "files"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<File>, Malformed> {
        rows(answer, File::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
