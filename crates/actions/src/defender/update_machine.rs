//! `defender.update_machine`

use crate::defender::entity::{MACHINE_WRITE, Single, machine, texts, words};
use crate::defender::set_device_value::{device_value, device_values};
use crate::defender::shape::{self, machine_id, name, optional_text, text, without_annotations};
use riposte_defender::{Error, InvalidRequest, UpdateMachine};
use riposte_model::{ActionSpec, Effect, Schema, Type};

/// Most tags of one device. Defender documents no limit; this one is ours.
const MAX_TAGS: u64 = 100;

/// Sets the tags or the worth of one device. Undone by setting the former ones. Effect: `idempotent`. Source: "Update
/// machine".
pub(super) const ACTION: Single<UpdateMachine> = Single {
    spec,
    operation: |arguments| {
        let update = UpdateMachine {
            machine_id: text(arguments, "machine_id"),
            tags: texts(arguments, "machine_tags"),
            value: optional_text(arguments, "device_value").map(device_value).transpose()?,
        };
        if update.tags.is_none() && update.value.is_none() {
            return Err(Error::Invalid(InvalidRequest::NoChange("machine_tags, device_value")));
        }
        Ok(update)
    },
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    let mut tags = Schema::array(words(200)).described(
        "the whole list: those left out are taken off, or stay, for Defender's page says both; the output tells",
    );
    if let Type::Array { max_items, .. } = &mut tags.kind {
        *max_items = Some(MAX_TAGS);
    }
    ActionSpec {
        name: name("update_machine"),
        summary: "Set all tags of a device, or how much it is worth",
        arguments: Schema::object()
            .required("machine_id", machine_id())
            .optional("machine_tags", tags)
            .optional("device_value", device_values()),
        output: machine(),
        effect: Effect::Idempotent,
        inverse: Some(name("update_machine")),
        permissions: MACHINE_WRITE,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/update-machine-method",
        ..shape::question()
    }
}
