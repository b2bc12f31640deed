use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Machine,
    wire::{Malformed, rows},
};

/// Reads the devices that a user logged on to; none for a user that Defender does not know.
///
/// Source: "Get user related machines API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-user-related-machines>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetUserMachines {
    /// Account name alone: `user1` for `user1@contoso.com`.
    pub user: String,
}

impl Operation for GetUserMachines {
    type Answer = Vec<Machine>;
    const NAME: &'static str = "get_user_machines";

    fn request(&self) -> RequestParts {
        RequestParts::get(["users", &self.user, "machines"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Machine>, Malformed> {
        rows(answer, Machine::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
