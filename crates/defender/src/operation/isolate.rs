use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to cut one device off the network.
///
/// The answer is the machine action that was opened, not the isolation: the device is isolated when that action has
/// succeeded, and an offline device may keep it pending for days. While another isolation is active Defender answers in any
/// of three ways: the pending action, `AlreadyActive`, or a new action that stays pending.
///
/// Source: "Isolate machine API", <https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolate {
    /// Device id.
    pub machine_id: String,
    /// Kept on the action as its `requestorComment`.
    pub comment: String,
    /// How far the device is cut off. No default is documented.
    pub isolation_type: Option<IsolationType>,
}

/// How far an isolated device is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IsolationType {
    /// Full isolation of a managed device.
    Full,
    /// Selective isolation of a managed Windows device.
    Selective,
    /// For unmanaged devices only: contains the device.
    UnManagedDevice,
}

impl IsolationType {
    /// All values.
    pub const ALL: [IsolationType; 3] =
        [IsolationType::Full, IsolationType::Selective, IsolationType::UnManagedDevice];

    /// The value as the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            IsolationType::Full => "Full",
            IsolationType::Selective => "Selective",
            IsolationType::UnManagedDevice => "UnManagedDevice",
        }
    }

    /// Reads the API's spelling, exactly.
    pub fn parse(text: &str) -> Option<IsolationType> {
        IsolationType::ALL.into_iter().find(|value| value.as_str() == text)
    }
}

impl Operation for Isolate {
    type Answer = MachineAction;
    const NAME: &'static str = "isolate_machine";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "isolate"])
            .field("Comment", self.comment.as_str())
            .optional_field("IsolationType", self.isolation_type.map(IsolationType::as_str))
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
