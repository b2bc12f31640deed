use serde_json::{Value, json};

use crate::{
    budget::Class,
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to run commands on one device, one after the other. The answer is the machine action that was opened;
/// after a command that fails the rest is skipped.
///
/// Limited to 10 calls a minute and 25 sessions at once in the tenant, pending ones included; over either the answer is
/// `Throttled`. While another session is active on the device Defender answers `AlreadyActive`. A device that is not
/// reachable keeps the action pending for up to three days.
///
/// Source: "Run live response commands on a device",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLiveResponse {
    /// Device id.
    pub machine_id: String,
    /// Kept on the action as its `requestorComment`. Not documented as required.
    pub comment: Option<String>,
    /// What is done, in this order: first all `PutFile`, then all `RunScript`, then all `GetFile`. The order is
    /// Defender's rule; other orders are sent as they are, and refused.
    pub commands: Vec<LiveResponseCommand>,
}

/// One command of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveResponseCommand {
    /// Puts a file of the library into a working folder on the device. It is gone after a restart of the device.
    PutFile {
        /// Name of the file in the library.
        file_name: String,
    },
    /// Runs a script of the library, for at most ten minutes.
    RunScript {
        /// Name of the script in the library.
        script_name: String,
        /// What is handed to it.
        args: Option<String>,
    },
    /// Fetches a file from the device.
    GetFile {
        /// Path on the device.
        path: String,
    },
}

impl LiveResponseCommand {
    fn to_json(&self) -> Value {
        let param = |key: &str, value: &str| json!({ "key": key, "value": value });
        let (kind, params) = match self {
            LiveResponseCommand::PutFile { file_name } => ("PutFile", vec![param("FileName", file_name)]),
            LiveResponseCommand::RunScript { script_name, args } => {
                let script = param("ScriptName", script_name);
                let args = args.as_deref().map(|args| param("Args", args));
                ("RunScript", std::iter::once(script).chain(args).collect())
            }
            LiveResponseCommand::GetFile { path } => ("GetFile", vec![param("Path", path)]),
        };
        json!({ "type": kind, "params": params })
    }
}

impl Operation for RunLiveResponse {
    type Answer = MachineAction;
    const NAME: &'static str = "run_live_response";
    const CLASS: Class = Class::LiveResponse;

    fn request(&self) -> RequestParts {
        let commands: Vec<Value> = self.commands.iter().map(LiveResponseCommand::to_json).collect();
        // The page spells it so; paths do not depend on case.
        RequestParts::post(["machines", &self.machine_id, "runliveresponse"])
            .field("Commands", commands)
            .optional_field("Comment", self.comment.as_deref())
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
