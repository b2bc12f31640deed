use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::Alert,
    wire::Malformed,
};

/// Reads one alert with its evidence. `NotFound` when there is none.
///
/// Source: "Get alert information by ID API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-info-by-id>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAlert {
    /// Id of the alert.
    pub alert_id: String,
}

impl Operation for GetAlert {
    type Answer = Alert;
    const NAME: &'static str = "get_alert";

    fn request(&self) -> RequestParts {
        RequestParts::get(["alerts", &self.alert_id])
    }

    fn decode(&self, answer: Value) -> Result<Alert, Malformed> {
        Alert::read(answer)
    }
}
