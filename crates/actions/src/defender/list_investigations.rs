//! `defender.list_investigations`

use crate::defender::shape::{self, machine_id, name, optional_text, without_annotations};
use crate::defender::{Arguments, Look, investigation};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use riposte_defender::{Client, Error, Filter, InvestigationField};
use riposte_model::{ActionSpec, Format, Schema, Type};
use serde_json::Value;
use std::time::Duration;

/// Most investigations in one answer (documented page size limit).
const MAX_TOP: i64 = 10_000;

/// Reads the automated investigations that pass a filter. Effect: `read`. Source: "List investigations API".
pub(super) struct ListInvestigations;

#[async_trait]
impl Look for ListInvestigations {
    fn spec(&self) -> ActionSpec {
        let mut top = Schema::integer().described("how many at most");
        top.kind = Type::Integer { minimum: Some(1), maximum: Some(MAX_TOP) };
        ActionSpec {
            name: name("list_investigations"),
            summary: "List automated investigations, filtered by device, state, alert or time",
            arguments: Schema::object()
                .optional("machine_id", machine_id())
                .optional("state", Schema::choice(investigation::STATES).described("how far they are"))
                .optional("triggering_alert_id", Schema::string().described("the alert that started them"))
                .optional(
                    "started_since",
                    Schema::formatted(Format::DateTime)
                        .described("only investigations that began at or after this time"),
                )
                .optional("top", top),
            output: Schema::array(investigation::schema()),
            permissions: investigation::READ,
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-investigation-collection",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let top = arguments.get("top").and_then(Value::as_u64).and_then(|top| usize::try_from(top).ok());
        let request = riposte_defender::ListInvestigations { filter: filter(arguments), top };
        let investigations = client.send(&request, budget).await?;
        Ok(investigations.into_iter().map(|one| without_annotations(one.raw)).collect())
    }
}

/// All given conditions together.
fn filter(arguments: &Arguments) -> Option<Filter<InvestigationField>> {
    let fields = [
        ("machine_id", InvestigationField::MachineId),
        ("state", InvestigationField::State),
        ("triggering_alert_id", InvestigationField::TriggeringAlertId),
    ];
    let equal = fields
        .into_iter()
        .filter_map(|(name, field)| Some(Filter::equals(field, optional_text(arguments, name)?)));
    let since = optional_text(arguments, "started_since")
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
        .map(|time| Filter::at_or_after(InvestigationField::StartTime, time.with_timezone(&Utc)));
    equal.chain(since).reduce(Filter::and)
}
