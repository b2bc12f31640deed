//! `defender.set_device_value`

use crate::defender::entity::{MACHINE_WRITE, Single, machine};
use crate::defender::shape::{self, machine_id, name, text, without_annotations};
use riposte_defender::{DeviceValue, Error, InvalidRequest, SetDeviceValue};
use riposte_model::{ActionSpec, Effect, Schema};

/// Says how much a device is worth. Undone by setting the former worth. Effect: `idempotent`. Source: "Set device value API".
pub(super) const ACTION: Single<SetDeviceValue> = Single {
    spec,
    operation: |arguments| {
        Ok(SetDeviceValue {
            machine_id: text(arguments, "machine_id"),
            value: device_value(&text(arguments, "device_value"))?,
        })
    },
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("set_device_value"),
        summary: "Say how much a device is worth to the organisation",
        arguments: Schema::object()
            .required("machine_id", machine_id())
            .required("device_value", device_values()),
        output: machine(),
        effect: Effect::Idempotent,
        inverse: Some(name("set_device_value")),
        permissions: MACHINE_WRITE,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/set-device-value",
        ..shape::question()
    }
}

/// The worths that there are.
pub(super) fn device_values() -> Schema {
    Schema::choice(["Normal", "Low", "High"])
}

/// The worth that a text names.
pub(super) fn device_value(text: &str) -> Result<DeviceValue, Error> {
    let wrong = InvalidRequest::Value { name: "device_value", expected: "Normal, Low or High" };
    DeviceValue::parse(text).ok_or(Error::Invalid(wrong))
}
