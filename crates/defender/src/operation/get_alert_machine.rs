use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::Machine,
    wire::Malformed,
};

/// Reads the device that an alert is about. `NotFound` also when Defender does not know it any more.
///
/// Source: "Get alert related machine information API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-machine-info>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAlertMachine {
    /// Id of the alert.
    pub alert_id: String,
}

impl Operation for GetAlertMachine {
    type Answer = Machine;
    const NAME: &'static str = "get_alert_machine";

    fn request(&self) -> RequestParts {
        RequestParts::get(["alerts", &self.alert_id, "machine"])
    }

    fn decode(&self, answer: Value) -> Result<Machine, Malformed> {
        Machine::read(answer)
    }
}
