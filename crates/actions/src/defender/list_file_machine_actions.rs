//! `defender.list_file_machine_actions`

use crate::defender::file_action::{KINDS, concerns_a_file};
use crate::defender::list_machine_actions::{criteria, filter};
use crate::defender::shape::{self, name, without_annotations};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use riposte_defender::{ActionKind, Client, Error, Filter, MachineActionField};
use riposte_model::{ActionSpec, Schema};
use serde_json::Value;
use std::time::Duration;

/// Reads the machine actions that concern a file: quarantines, and live response sessions that get a file. Effect: `read`.
///
/// The retired collection of `FileMachineAction` is no longer served; this is the part of today's machine actions that
/// corresponds to it, in their shape. The hash is in `relatedFileInfo`, a path in `commands`. Source: "List
/// machineActions API".
pub(super) struct ListFileMachineActions;

#[async_trait]
impl Look for ListFileMachineActions {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("list_file_machine_actions"),
            summary: "List machine actions that quarantine a file or get one (today's shape of FileMachineAction)",
            arguments: criteria(),
            output: Schema::array(shape::machine_action()),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let [first, rest @ ..] = &KINDS;
        let rest: Vec<&str> = rest.iter().map(ActionKind::as_str).collect();
        let of_kind = Filter::one_of(MachineActionField::Kind, first.as_str(), &rest);
        let filter = match filter(arguments) {
            Some(filter) => of_kind.and(filter),
            None => of_kind,
        };
        // Which sessions get a file cannot be asked for, so all are read before they are counted.
        let request = riposte_defender::ListMachineActions { filter: Some(filter), top: None };
        let actions = client.send(&request, budget).await?;
        let top = arguments.get("top").and_then(Value::as_u64).and_then(|top| usize::try_from(top).ok());
        Ok(actions
            .into_iter()
            .map(|action| without_annotations(action.raw))
            .filter(concerns_a_file)
            .take(top.unwrap_or(usize::MAX))
            .collect())
    }
}
