use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::Machine,
    wire::{Malformed, rows},
};

/// Puts a tag on many devices, and answers with the devices. Doing it twice changes nothing more.
///
/// Source: "Add or remove a tag for multiple machines",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/add-or-remove-multiple-machine-tags>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddMachineTagMultiple {
    /// Device ids: 1 to [`AddMachineTagMultiple::MAX`].
    pub machine_ids: Vec<String>,
    /// Name of the tag.
    pub tag: String,
}

impl AddMachineTagMultiple {
    /// Most devices of one call.
    pub const MAX: usize = 500;
}

impl Operation for AddMachineTagMultiple {
    type Answer = Vec<Machine>;
    const NAME: &'static str = "add_machine_tag_multiple";

    fn request(&self) -> RequestParts {
        tagging(&self.machine_ids, &self.tag, "Add")
    }

    fn decode(&self, answer: Value) -> Result<Vec<Machine>, Malformed> {
        rows(answer, Machine::read)
    }
}

/// One address does both; `action` decides.
pub(super) fn tagging(machine_ids: &[String], tag: &str, action: &str) -> RequestParts {
    RequestParts::post(["machines", "AddOrRemoveTagForMultipleMachines"])
        .field("Value", tag)
        .field("Action", action)
        .field("MachineIds", machine_ids)
}
