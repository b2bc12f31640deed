use serde_json::{Map, Value};

use crate::{
    request::{Method, Operation, RequestParts},
    resource::{Alert, AlertClassification, AlertDetermination, AlertStatus},
    wire::Malformed,
};

/// Changes what is given of one alert, and answers with the alert.
///
/// State is set, so repeating it is harmless; a comment is added by each call.
///
/// Source: "Update alert API", <https://learn.microsoft.com/en-us/defender-endpoint/api/update-alert>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateAlert {
    /// Id of the alert.
    pub alert_id: String,
    /// `New`, `InProgress` or `Resolved`.
    pub status: Option<AlertStatus>,
    /// Who works on it.
    pub assigned_to: Option<String>,
    /// Verdict.
    pub classification: Option<AlertClassification>,
    /// Finer verdict; which one goes with which verdict is on the page.
    pub determination: Option<AlertDetermination>,
    /// A comment to add; may be sent alone.
    pub comment: Option<String>,
}

impl Operation for UpdateAlert {
    type Answer = Alert;
    const NAME: &'static str = "update_alert";

    fn request(&self) -> RequestParts {
        // The table capitalises these names; the example, which works, does not.
        RequestParts {
            body: Some(Map::new()),
            ..RequestParts::new(Method::Patch, ["alerts", &self.alert_id])
        }
        .optional_field("status", self.status.as_ref().map(AlertStatus::as_str))
        .optional_field("assignedTo", self.assigned_to.as_deref())
        .optional_field("classification", self.classification.as_ref().map(AlertClassification::as_str))
        .optional_field("determination", self.determination.as_ref().map(AlertDetermination::as_str))
        .optional_field("comment", self.comment.as_deref())
    }

    fn decode(&self, answer: Value) -> Result<Alert, Malformed> {
        Alert::read(answer)
    }
}
