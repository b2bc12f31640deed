use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Alert,
    wire::{Malformed, rows},
};

/// Reads the alerts that a user is part of; none for a user that Defender does not know.
///
/// Source: "Get user related alerts API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-user-related-alerts>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetUserAlerts {
    /// Account name alone: `user1` for `user1@contoso.com`.
    pub user: String,
}

impl Operation for GetUserAlerts {
    type Answer = Vec<Alert>;
    const NAME: &'static str = "get_user_alerts";

    fn request(&self) -> RequestParts {
        RequestParts::get(["users", &self.user, "alerts"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Alert>, Malformed> {
        rows(answer, Alert::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
