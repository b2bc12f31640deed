//! `defender.run_live_response`

use crate::defender::shape::{self, name, text};
use crate::defender::{Arguments, Start};
use async_trait::async_trait;
use riposte_defender::{
    ActionKind, Client, Error, InvalidRequest, LiveResponseCommand, MachineAction, RunLiveResponse,
};
use riposte_model::{ActionSpec, Permissions, Schema, Type};
use serde_json::Value;
use std::time::Duration;

/// Asks Defender to run commands on one device. Effect: `once`.
///
/// Defender wants all files to put first, then all scripts, then all files to get, so each kind has a list of its own and
/// there is no wrong order to write. A command's index, for `defender.get_live_response_result` and the download, counts through the lists
/// in this order, from 0. The first command that fails fails the session. Source: "Run live response commands on a
/// device".
pub(super) struct LiveResponse;

#[async_trait]
impl Start for LiveResponse {
    fn spec(&self) -> ActionSpec {
        let script = Schema::object()
            .required("script_name", named().described("name of a script in the library"))
            .optional("args", Schema::string().described("what is handed to the script"));
        ActionSpec {
            name: name("run_live_response"),
            summary: "Put library files on a device, run library scripts there, get files from it",
            arguments: shape::on_device()
                .arguments
                .optional(
                    "put_files",
                    some(named()).described("names of library files to put on the device, done first"),
                )
                .optional("run_scripts", some(script).described("library scripts to run, done next"))
                .optional(
                    "get_files",
                    some(named()).described("paths on the device of files to get, done last"),
                ),
            ..session()
        }
    }

    fn kind(&self) -> ActionKind {
        ActionKind::LiveResponse
    }

    async fn start(
        &self,
        client: &Client,
        arguments: &Arguments,
        comment: String,
        budget: Duration,
    ) -> Result<MachineAction, Error> {
        let commands = commands(arguments);
        if commands.is_empty() {
            return Err(InvalidRequest::NoCommand.into());
        }
        let machine_id = text(arguments, "machine_id");
        client.send(&RunLiveResponse { machine_id, comment: Some(comment), commands }, budget).await
    }
}

/// What all sessions have in common.
pub(super) fn session() -> ActionSpec {
    ActionSpec {
        permissions: Permissions {
            application: &["Machine.LiveResponse"],
            delegated: &["Machine.LiveResponse"],
        },
        rate_limit: shape::limit_of::<RunLiveResponse>(),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response",
        ..shape::on_device()
    }
}

/// A name or a path: anything but nothing.
pub(super) fn named() -> Schema {
    let mut schema = Schema::string();
    if let Type::String { min_length, .. } = &mut schema.kind {
        *min_length = Some(1);
    }
    schema
}

/// A list with something in it.
fn some(items: Schema) -> Schema {
    let mut schema = Schema::array(items);
    if let Type::Array { min_items, .. } = &mut schema.kind {
        *min_items = Some(1);
    }
    schema
}

fn commands(arguments: &Arguments) -> Vec<LiveResponseCommand> {
    let list = |name: &str| arguments.get(name).and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let put = list("put_files").map(|file| LiveResponseCommand::PutFile { file_name: text(file) });
    let run = list("run_scripts").map(|script| LiveResponseCommand::RunScript {
        script_name: text(&script["script_name"]),
        args: script["args"].as_str().map(str::to_owned),
    });
    let get = list("get_files").map(|path| LiveResponseCommand::GetFile { path: text(path) });
    put.chain(run).chain(get).collect()
}
