use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::Machine,
    wire::Malformed,
};

/// Takes a tag off one device, and answers with the device. Doing it twice changes nothing more.
///
/// Source: "Add or remove a tag for a machine API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/add-or-remove-machine-tags>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveMachineTag {
    /// Device id.
    pub machine_id: String,
    /// Name of the tag.
    pub tag: String,
}

impl Operation for RemoveMachineTag {
    type Answer = Machine;
    const NAME: &'static str = "remove_machine_tag";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "tags"])
            .field("Value", self.tag.as_str())
            .field("Action", "Remove")
    }

    fn decode(&self, answer: Value) -> Result<Machine, Malformed> {
        Machine::read(answer)
    }
}
