use serde_json::{Map, Value};

use crate::{
    operation::AlertUpdate,
    request::{Body, Method, Operation, RequestParts},
    resource::{Alert, AlertClassification, AlertDetermination},
    wire::Malformed,
};

/// Changes what is given of one alert, and answers with the alert.
///
/// Source: "Update alert API", <https://learn.microsoft.com/en-us/defender-endpoint/api/update-alert>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateAlert {
    /// Id of the alert.
    pub alert_id: String,
    /// What changes.
    pub update: AlertUpdate,
}

impl Operation for UpdateAlert {
    type Answer = Alert;
    const NAME: &'static str = "update_alert";

    fn request(&self) -> RequestParts {
        let parts = RequestParts {
            body: Body::Json(Map::new()),
            ..RequestParts::new(Method::Patch, ["alerts", &self.alert_id])
        };
        self.update.write(parts, AlertClassification::as_str, AlertDetermination::as_str)
    }

    fn decode(&self, answer: Value) -> Result<Alert, Malformed> {
        Alert::read(answer)
    }
}
