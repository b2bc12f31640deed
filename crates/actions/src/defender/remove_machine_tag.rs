//! `defender.remove_machine_tag`

use crate::defender::entity::{MACHINE_WRITE, Single, machine, words};
use crate::defender::shape::{self, machine_id, name, text, without_annotations};
use riposte_defender::RemoveMachineTag;
use riposte_model::{ActionSpec, Effect, Schema};

/// Takes a tag off one device. Effect: `idempotent`. Source: "Add or remove a tag for a machine API".
pub(super) const ACTION: Single<RemoveMachineTag> = Single {
    spec,
    operation: |arguments| {
        Ok(RemoveMachineTag { machine_id: text(arguments, "machine_id"), tag: text(arguments, "tag") })
    },
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("remove_machine_tag"),
        summary: "Take a tag off a device",
        arguments: Schema::object().required("machine_id", machine_id()).required("tag", words(200)),
        output: machine(),
        effect: Effect::Idempotent,
        inverse: Some(name("add_machine_tag")),
        permissions: MACHINE_WRITE,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/add-or-remove-machine-tags",
        ..shape::question()
    }
}
