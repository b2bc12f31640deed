use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::Machine,
    wire::Malformed,
};

/// Says how much a device is worth, and answers with the device.
///
/// Source: "Set device value API", <https://learn.microsoft.com/en-us/defender-endpoint/api/set-device-value>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetDeviceValue {
    /// Device id.
    pub machine_id: String,
    /// The worth.
    pub value: DeviceValue,
}

impl Operation for SetDeviceValue {
    type Answer = Machine;
    const NAME: &'static str = "set_device_value";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "setDeviceValue"])
            .field("DeviceValue", self.value.as_str())
    }

    fn decode(&self, answer: Value) -> Result<Machine, Malformed> {
        Machine::read(answer)
    }
}

/// How much a device is worth to the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceValue {
    /// Less than others.
    Low,
    /// As others.
    Normal,
    /// More than others.
    High,
}

impl DeviceValue {
    /// All values.
    pub const ALL: [DeviceValue; 3] = [DeviceValue::Low, DeviceValue::Normal, DeviceValue::High];

    /// The value as the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            DeviceValue::Low => "Low",
            DeviceValue::Normal => "Normal",
            DeviceValue::High => "High",
        }
    }

    /// Reads the API's spelling, exactly.
    pub fn parse(text: &str) -> Option<DeviceValue> {
        DeviceValue::ALL.into_iter().find(|value| value.as_str() == text)
    }
}
