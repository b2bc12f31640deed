use serde_json::Value;

use super::add_machine_tag_multiple::tagging;
use crate::{
    request::{Operation, RequestParts},
    resource::Machine,
    wire::{Malformed, rows},
};

/// Takes a tag off many devices, and answers with the devices. Doing it twice changes nothing more.
///
/// Source: "Add or remove a tag for multiple machines",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/add-or-remove-multiple-machine-tags>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveMachineTagMultiple {
    /// Device ids: 1 to [`RemoveMachineTagMultiple::MAX`].
    pub machine_ids: Vec<String>,
    /// Name of the tag.
    pub tag: String,
}

impl RemoveMachineTagMultiple {
    /// Most devices of one call.
    pub const MAX: usize = 500;
}

impl Operation for RemoveMachineTagMultiple {
    type Answer = Vec<Machine>;
    const NAME: &'static str = "remove_machine_tag_multiple";

    fn request(&self) -> RequestParts {
        tagging(&self.machine_ids, &self.tag, "Remove")
    }

    fn decode(&self, answer: Value) -> Result<Vec<Machine>, Malformed> {
        rows(answer, Machine::read)
    }
}
