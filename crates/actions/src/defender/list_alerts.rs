//! `defender.list_alerts`

use crate::defender::entity::{ALERT_READ, Single, alert, documents, moment, rows_wanted, top, words};
use crate::defender::shape::{self, name, optional_text};
use riposte_defender::{AlertField, Filter, ListAlerts};
use riposte_model::{ActionSpec, Format, Schema};
use serde_json::Value;

/// Reads the alerts that pass a filter. Effect: `read`. Source: "List alerts API".
pub(super) const ACTION: Single<ListAlerts> = Single {
    spec,
    operation: |arguments| {
        Ok(ListAlerts {
            filter: [
                ("status", AlertField::Status),
                ("severity", AlertField::Severity),
                ("category", AlertField::Category),
                ("assigned_to", AlertField::AssignedTo),
                ("detection_source", AlertField::DetectionSource),
            ]
            .into_iter()
            .filter_map(|(name, field)| Some(Filter::equals(field, optional_text(arguments, name)?)))
            .chain(
                arguments
                    .get("incident_id")
                    .and_then(Value::as_i64)
                    .map(|incident| Filter::is_number(AlertField::IncidentId, incident)),
            )
            .chain(
                moment(arguments, "created_since")
                    .map(|since| Filter::at_or_after(AlertField::AlertCreationTime, since)),
            )
            .chain(
                moment(arguments, "updated_since")
                    .map(|since| Filter::at_or_after(AlertField::LastUpdateTime, since)),
            )
            .reduce(Filter::and),
            evidence: arguments.get("evidence").and_then(Value::as_bool).unwrap_or(false),
            top: rows_wanted(arguments),
        })
    },
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("list_alerts"),
        summary: "List alerts, filtered by status, severity, category, owner, source, incident or time",
        arguments: Schema::object()
            .optional("status", Schema::choice(["New", "InProgress", "Resolved"]))
            .optional("severity", Schema::choice(["Informational", "Low", "Medium", "High"]))
            .optional("category", words(200).described("for example Execution"))
            .optional("assigned_to", words(512).described("who works on it"))
            .optional("detection_source", words(200).described("for example WindowsDefenderAv"))
            .optional("incident_id", Schema::integer())
            .optional("created_since", Schema::formatted(Format::DateTime))
            .optional("updated_since", Schema::formatted(Format::DateTime))
            .optional("evidence", Schema::boolean().described("whether the evidence comes too; no if absent"))
            .optional("top", top()),
        output: Schema::array(alert()),
        permissions: ALERT_READ,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-alerts",
        ..shape::question()
    }
}
