use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Alert,
    wire::{Malformed, rows},
};

/// Reads the alerts of one device.
///
/// Source: "Get machine related alerts API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-related-alerts>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMachineAlerts {
    /// Device id.
    pub machine_id: String,
}

impl Operation for GetMachineAlerts {
    type Answer = Vec<Alert>;
    const NAME: &'static str = "get_machine_alerts";

    fn request(&self) -> RequestParts {
        RequestParts::get(["machines", &self.machine_id, "alerts"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Alert>, Malformed> {
        rows(answer, Alert::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
