use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to scan one device. The answer is the machine action that was opened.
///
/// While another scan is active Defender answers `AlreadyActive` or the pending action.
///
/// Source: "Run antivirus scan API", <https://learn.microsoft.com/en-us/defender-endpoint/api/run-av-scan>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAntivirusScan {
    /// Device id.
    pub machine_id: String,
    /// Kept on the action as its `requestorComment`.
    pub comment: String,
    /// How much is scanned.
    pub scan_type: ScanType,
}

/// How much a scan covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScanType {
    /// The usual places.
    Quick,
    /// The whole device.
    Full,
}

impl ScanType {
    /// All values.
    pub const ALL: [ScanType; 2] = [ScanType::Quick, ScanType::Full];

    /// The value as the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            ScanType::Quick => "Quick",
            ScanType::Full => "Full",
        }
    }

    /// Reads the API's spelling, exactly.
    pub fn parse(text: &str) -> Option<ScanType> {
        ScanType::ALL.into_iter().find(|value| value.as_str() == text)
    }
}

impl Operation for RunAntivirusScan {
    type Answer = MachineAction;
    const NAME: &'static str = "run_antivirus_scan";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "runAntiVirusScan"])
            .field("Comment", self.comment.as_str())
            .field("ScanType", self.scan_type.as_str())
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
