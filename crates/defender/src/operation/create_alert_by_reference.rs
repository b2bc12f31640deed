use serde_json::Value;

use crate::{
    budget::Class,
    request::{Operation, RequestParts},
    resource::{Alert, AlertSeverity},
    wire::Malformed,
};

/// Raises an alert on an event that hunting has found, and answers with the alert. `NotFound` when there is no such event.
///
/// Not to be repeated: Defender investigates the alert by itself. When an alert of this title is open on the device, the
/// event is added to that one, and it is the answer. Limited to 15 calls a minute.
///
/// Source: "Create alert API", <https://learn.microsoft.com/en-us/defender-endpoint/api/create-alert-by-reference>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateAlertByReference {
    /// Device of the event.
    pub machine_id: String,
    /// When the event was, exactly as hunting wrote it: a rounded time finds no event.
    pub event_time: String,
    /// Report id of the event, from hunting.
    pub report_id: String,
    /// Low, Medium or High.
    pub severity: AlertSeverity,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Advice in the alert.
    pub recommended_action: String,
    /// Category, for example `Exploit`; the page lists them.
    pub category: String,
}

impl Operation for CreateAlertByReference {
    type Answer = Alert;
    const NAME: &'static str = "create_alert_by_reference";
    const CLASS: Class = Class::AlertCreation;

    fn request(&self) -> RequestParts {
        RequestParts::post(["alerts", "CreateAlertByReference"])
            .field("machineId", self.machine_id.as_str())
            .field("eventTime", self.event_time.as_str())
            .field("reportId", self.report_id.as_str())
            .field("severity", self.severity.as_str())
            .field("title", self.title.as_str())
            .field("description", self.description.as_str())
            .field("recommendedAction", self.recommended_action.as_str())
            .field("category", self.category.as_str())
    }

    fn decode(&self, answer: Value) -> Result<Alert, Malformed> {
        Alert::read(answer)
    }
}
