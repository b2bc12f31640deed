//! `defender.add_machine_tag_multiple`

use crate::defender::entity::{MACHINE_WRITE, Single, documents, machine, many, texts, words};
use crate::defender::shape::{self, machine_id, name, text};
use riposte_defender::AddMachineTagMultiple;
use riposte_model::{ActionSpec, Effect, Schema};

/// Puts a tag on many devices. Effect: `idempotent`. Source: "Add or remove a tag for multiple machines".
pub(super) const ACTION: Single<AddMachineTagMultiple> = Single {
    spec,
    operation: |arguments| {
        Ok(AddMachineTagMultiple {
            machine_ids: texts(arguments, "machine_ids").unwrap_or_default(),
            tag: text(arguments, "tag"),
        })
    },
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("add_machine_tag_multiple"),
        summary: "Put a tag on up to 500 devices",
        arguments: Schema::object()
            .required("machine_ids", many(machine_id(), AddMachineTagMultiple::MAX))
            .required("tag", words(200)),
        output: Schema::array(machine()),
        effect: Effect::Idempotent,
        inverse: Some(name("remove_machine_tag_multiple")),
        permissions: MACHINE_WRITE,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/add-or-remove-multiple-machine-tags",
        ..shape::question()
    }
}
