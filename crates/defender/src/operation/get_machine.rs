use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::Machine,
    wire::Malformed,
};

/// Reads one device. `NotFound` when there is none.
///
/// Source: "Get machine by ID API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-by-id>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMachine {
    /// Device id or computer name.
    pub machine_id: String,
}

impl Operation for GetMachine {
    type Answer = Machine;
    const NAME: &'static str = "get_machine";

    fn request(&self) -> RequestParts {
        RequestParts::get(["machines", &self.machine_id])
    }

    fn decode(&self, answer: Value) -> Result<Machine, Malformed> {
        Machine::read(answer)
    }
}
