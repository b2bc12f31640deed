use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Machine,
    wire::{Malformed, rows},
};

/// Reads the devices with a tag.
///
/// Source: "Find devices by tag API", <https://learn.microsoft.com/en-us/defender-endpoint/api/find-machines-by-tag>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindMachinesByTag {
    /// Name of the tag.
    pub tag: String,
    /// Whether the tag may go on behind this text.
    pub prefix: bool,
}

impl Operation for FindMachinesByTag {
    type Answer = Vec<Machine>;
    const NAME: &'static str = "find_machines_by_tag";

    fn request(&self) -> RequestParts {
        let parts = RequestParts::get(["machines", "findbytag"]).query("tag", self.tag.as_str());
        // Documented as false by default.
        if self.prefix { parts.query("useStartsWithFilter", "true") } else { parts }
    }

    fn decode(&self, answer: Value) -> Result<Vec<Machine>, Malformed> {
        rows(answer, Machine::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
