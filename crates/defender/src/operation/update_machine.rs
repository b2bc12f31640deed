use serde_json::{Map, Value};

use crate::{
    operation::DeviceValue,
    request::{Body, Method, Operation, RequestParts},
    resource::Machine,
    wire::Malformed,
};

/// Sets the tags or the worth of one device, and answers with the device.
///
/// The page contradicts itself about tags that are there and not in the list: it speaks of appending, and of losing them. The
/// answer tells.
///
/// Source: "Update machine", <https://learn.microsoft.com/en-us/defender-endpoint/api/update-machine-method>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateMachine {
    /// Device id.
    pub machine_id: String,
    /// All tags; None leaves them as they are.
    pub tags: Option<Vec<String>>,
    /// The worth; None leaves it as it is.
    pub value: Option<DeviceValue>,
}

impl Operation for UpdateMachine {
    type Answer = Machine;
    const NAME: &'static str = "update_machine";

    fn request(&self) -> RequestParts {
        RequestParts {
            body: Body::Json(Map::new()),
            ..RequestParts::new(Method::Patch, ["machines", &self.machine_id])
        }
        .optional_field("machineTags", self.tags.clone())
        .optional_field("deviceValue", self.value.map(DeviceValue::as_str))
    }

    fn decode(&self, answer: Value) -> Result<Machine, Malformed> {
        Machine::read(answer)
    }
}
