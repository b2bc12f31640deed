use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::User,
    wire::{Malformed, rows},
};

/// Reads who logged on to one device.
///
/// Source: "Get machine logon users API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-log-on-users>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMachineLogonUsers {
    /// Device id.
    pub machine_id: String,
}

impl Operation for GetMachineLogonUsers {
    type Answer = Vec<User>;
    const NAME: &'static str = "get_machine_logon_users";

    fn request(&self) -> RequestParts {
        RequestParts::get(["machines", &self.machine_id, "logonusers"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<User>, Malformed> {
        rows(answer, User::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
