//! `defender.list_machine_actions`

use crate::defender::shape::{self, machine_id, name, optional_text, without_annotations};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use riposte_defender::{Client, Error, Filter, MachineActionField};
use riposte_model::{ActionSpec, Format, Schema, Type};
use serde_json::Value;
use std::time::Duration;

/// Most machine actions in one answer (documented page size limit).
const MAX_TOP: i64 = 10_000;

/// Reads the machine actions that pass a filter. Effect: `read`. Source: "List machineActions API".
pub(super) struct ListMachineActions;

#[async_trait]
impl Look for ListMachineActions {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("list_machine_actions"),
            summary: "List machine actions, filtered by device, kind, status, requestor or time",
            arguments: criteria()
                .optional("type", Schema::string().described("kind of action, for example Isolate")),
            output: Schema::array(shape::machine_action()),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let top = arguments.get("top").and_then(Value::as_u64).and_then(|top| usize::try_from(top).ok());
        let request = riposte_defender::ListMachineActions { filter: filter(arguments), top };
        let actions = client.send(&request, budget).await?;
        Ok(actions.into_iter().map(|action| without_annotations(action.raw)).collect())
    }
}

/// What machine actions can be chosen by, whatever their kind, and how many at most.
pub(super) fn criteria() -> Schema {
    let mut top = Schema::integer().described("how many at most");
    top.kind = Type::Integer { minimum: Some(1), maximum: Some(MAX_TOP) };
    let since = Schema::formatted(Format::DateTime).described("only actions created at or after this time");
    Schema::object()
        .optional("machine_id", machine_id())
        .optional("status", Schema::string().described("for example Pending"))
        .optional("requestor", Schema::string().described("who asked"))
        .optional("created_since", since)
        .optional("top", top)
}

/// All given conditions together.
pub(super) fn filter(arguments: &Arguments) -> Option<Filter<MachineActionField>> {
    let fields = [
        ("machine_id", MachineActionField::MachineId),
        ("type", MachineActionField::Kind),
        ("status", MachineActionField::Status),
        ("requestor", MachineActionField::Requestor),
    ];
    let equal = fields
        .into_iter()
        .filter_map(|(name, field)| Some(Filter::equals(field, optional_text(arguments, name)?)));
    let since = optional_text(arguments, "created_since")
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
        .map(|time| Filter::at_or_after(MachineActionField::CreationDateTimeUtc, time.with_timezone(&Utc)));
    equal.chain(since).reduce(Filter::and)
}
