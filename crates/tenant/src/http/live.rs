//! Live response: what a session is asked to do, how its commands are written, and what they bring.

use serde_json::{Value, json};

use super::actions;
use super::body::Fields;
use super::call::{Answered, Call, Done};
use super::content::Content;
use super::error::ApiError;
use super::machines::READ;
use super::packages;
use super::wire::with_context;
use crate::clock::stamp;
use crate::truth::{CommandState, Session, SessionCommand};

/// Sessions that may be under way at once in a tenant, those that wait for their device included.
const MAX_SESSIONS: usize = 25;
/// After how many seconds to come again where there are too many sessions. Nothing is documented.
const COME_AGAIN: u64 = 60;

/// Lets another session in, or not.
pub(super) fn room(call: &Call<'_>) -> Result<(), ApiError> {
    if call.config.rate_limits && call.state.truth.sessions(call.now) >= MAX_SESSIONS {
        return Err(ApiError::too_many_requests(COME_AGAIN));
    }
    Ok(())
}

/// Reads `Commands`: PutFile, RunScript and GetFile in this order, each as often as wanted.
pub(super) fn session(fields: &Fields) -> Result<Session, ApiError> {
    let commands = fields.list("Commands")?.filter(|commands| !commands.is_empty());
    let commands = commands.ok_or_else(|| ApiError::missing_parameter("Commands"))?;
    let commands = commands.iter().map(command).collect::<Result<Vec<_>, _>>()?;
    if commands.is_sorted_by_key(place) {
        Ok(Session::new(commands))
    } else {
        Err(ApiError::invalid_input("'Commands' must come in the order PutFile, RunScript, GetFile."))
    }
}

fn place(command: &SessionCommand) -> u8 {
    match command {
        SessionCommand::PutFile { .. } => 0,
        SessionCommand::RunScript { .. } => 1,
        SessionCommand::GetFile { .. } => 2,
    }
}

fn command(value: &Value) -> Result<SessionCommand, ApiError> {
    let mut params = params(value)?;
    let command = match value["type"].as_str() {
        Some("PutFile") => SessionCommand::PutFile { file_name: required(&mut params, "FileName")? },
        Some("RunScript") => SessionCommand::RunScript {
            script_name: required(&mut params, "ScriptName")?,
            args: take(&mut params, "Args"),
        },
        Some("GetFile") => SessionCommand::GetFile { path: required(&mut params, "Path")? },
        _ => {
            return Err(ApiError::invalid_input(
                "The 'type' of a command must be one of: PutFile, RunScript, GetFile.",
            ));
        }
    };
    match params.first() {
        Some((key, _)) => Err(ApiError::invalid_input(format!(
            "A command of this type takes no parameter '{}'.",
            crate::text::cut(key, 64)
        ))),
        None => Ok(command),
    }
}

/// Takes a parameter out of those that are left. One without a value counts as missing.
fn take(params: &mut Vec<(&str, &str)>, key: &str) -> Option<String> {
    let at = params.iter().position(|(known, _)| *known == key)?;
    let (_, value) = params.swap_remove(at);
    (!value.trim().is_empty()).then(|| value.to_owned())
}

fn required(params: &mut Vec<(&str, &str)>, key: &str) -> Result<String, ApiError> {
    take(params, key).ok_or_else(|| ApiError::missing_parameter(key))
}

fn params(command: &Value) -> Result<Vec<(&str, &str)>, ApiError> {
    let list = command["params"].as_array();
    let list = list.ok_or_else(|| ApiError::invalid_body("The 'params' of a command must be a list."))?;
    list.iter()
        .map(|param| Some((param["key"].as_str()?, param["value"].as_str()?)))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| ApiError::invalid_body("A parameter has a 'key' and a 'value', both texts."))
}

/// The commands of a session as its machine action shows them.
pub(super) fn written(commands: &[(&SessionCommand, CommandState)]) -> Value {
    let row = |(index, (command, state)): (usize, &(&SessionCommand, CommandState))| {
        let status = match (state.ended, state.failed) {
            (None, _) => "Created",
            (Some(_), false) => "Completed",
            (Some(_), true) => "Failed",
        };
        let errors: Vec<&str> = if state.failed { vec!["The file is not in the library."] } else { vec![] };
        json!({
            "index": index,
            "startTime": state.started.map(stamp),
            "endTime": state.ended.map(stamp),
            "commandStatus": status,
            "errors": errors,
            "command": echo(command),
        })
    };
    commands.iter().enumerate().map(row).collect()
}

fn echo(command: &SessionCommand) -> Value {
    let param = |key: &str, value: &str| json!({ "key": key, "value": value });
    match command {
        SessionCommand::PutFile { file_name } => {
            json!({ "type": "PutFile", "params": [param("FileName", file_name)] })
        }
        SessionCommand::RunScript { script_name, args } => {
            let mut params = vec![param("ScriptName", script_name)];
            params.extend(args.as_deref().map(|args| param("Args", args)));
            json!({ "type": "RunScript", "params": params })
        }
        SessionCommand::GetFile { path } => json!({ "type": "GetFile", "params": [param("Path", path)] }),
    }
}

/// `GET /machineactions/{id}/GetLiveResponseResultDownloadLink(index={index})`
pub(super) fn result(call: &mut Call<'_>, id: &str, index: usize) -> Answered {
    call.admit(READ)?;
    let action = actions::find(call, id)?;
    let action_id = action.id;
    let commands = action.commands(Some(call.now)).unwrap_or_default();
    let content = commands
        .get(index)
        .filter(|(_, state)| state.is_completed())
        .and_then(|(command, _)| Content::brought(action_id, index, command));
    let Some(content) = content else {
        return Err(ApiError::no_resource(format!("Command {index} of action {id} has no result.")));
    };
    let until = packages::until(call.config, call.now);
    let link = call.state.packages.result_link(call.base(), action_id, index, content, until);
    // Not wrapped in quotes, unlike the link to a package.
    Ok(Done::read(with_context(call.base(), "Edm.String", json!({ "value": link }))))
}
