//! The playbooks of a daemon, as a table.

use crate::render::style::Style;
use crate::render::{clean, table};
use serde_json::Value;

/// Those of the API's answer, and under the table what stops which of them.
pub(crate) fn lines(answer: &Value, style: Style) -> String {
    let playbooks = list(answer, "playbooks");
    if playbooks.is_empty() {
        return "no playbooks".to_owned();
    }
    let head = ["PLAYBOOK", "STATE", "STARTED BY", "DESCRIPTION"].map(str::to_owned).to_vec();
    let rows = playbooks.iter().map(|playbook| {
        let enabled = playbook.get("enabled").and_then(Value::as_bool).unwrap_or(true);
        let state = if enabled { style.good("enabled") } else { style.bad("stopped") };
        let triggers: Vec<String> = list(playbook, "triggers").iter().map(trigger).collect();
        let triggers = if triggers.is_empty() { "-".to_owned() } else { triggers.join(", ") };
        vec![text(playbook, "name"), state, triggers, text(playbook, "description")]
    });
    let mut lines = table(&std::iter::once(head).chain(rows).collect::<Vec<_>>());
    for playbook in playbooks {
        for stop in list(playbook, "stops") {
            lines.push(format!(
                "{} is stopped since {} by {}",
                text(playbook, "name"),
                text(stop, "at"),
                text(stop, "by")
            ));
        }
    }
    lines.join("\n")
}

fn trigger(trigger: &Value) -> String {
    match text(trigger, "kind").as_str() {
        "webhook" => format!("webhook {}", text(trigger, "name")),
        "schedule" => format!("{} {}", text(trigger, "cron"), text(trigger, "zone")),
        kind => kind.to_owned(),
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
}

fn text(value: &Value, key: &str) -> String {
    clean(value.get(key).and_then(Value::as_str).unwrap_or_default())
}
