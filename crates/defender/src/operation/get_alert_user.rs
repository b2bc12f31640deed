use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::User,
    wire::Malformed,
};

/// Reads the user that an alert is about. `NotFound` also when it is about none.
///
/// Source: "Get alert related user information API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-user-info>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAlertUser {
    /// Id of the alert.
    pub alert_id: String,
}

impl Operation for GetAlertUser {
    type Answer = User;
    const NAME: &'static str = "get_alert_user";

    fn request(&self) -> RequestParts {
        RequestParts::get(["alerts", &self.alert_id, "user"])
    }

    fn decode(&self, answer: Value) -> Result<User, Malformed> {
        User::read(answer)
    }
}
