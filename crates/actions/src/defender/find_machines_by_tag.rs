//! `defender.find_machines_by_tag`

use crate::defender::entity::{Single, documents, machine, words};
use crate::defender::shape::{self, name, text};
use riposte_defender::FindMachinesByTag;
use riposte_model::{ActionSpec, Schema};
use serde_json::Value;

/// Reads the devices with a tag. Effect: `read`. Source: "Find devices by tag API".
pub(super) const ACTION: Single<FindMachinesByTag> = Single {
    spec,
    operation: |arguments| {
        Ok(FindMachinesByTag {
            tag: text(arguments, "tag"),
            prefix: arguments.get("prefix").and_then(Value::as_bool).unwrap_or(false),
        })
    },
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("find_machines_by_tag"),
        summary: "List the devices with a tag",
        arguments: Schema::object()
            .required("tag", words(200))
            .optional("prefix", Schema::boolean().described("whether the tag may go on behind this text")),
        output: Schema::array(machine()),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/find-machines-by-tag",
        ..shape::question()
    }
}
