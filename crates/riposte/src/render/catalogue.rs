//! The action catalogue, for people and for programs.

use crate::render::style::Style;
use crate::render::table;
use riposte_model::{
    ActionName, ActionSpec, Completion, Permissions, Property, RateLimit, Schema, Type, format_duration,
};
use serde_json::{Value, json};

/// One line for each action.
pub(crate) fn list<'a>(actions: impl Iterator<Item = &'a ActionSpec>, style: Style) -> String {
    let rows: Vec<Vec<String>> = actions
        .map(|action| vec![action.name.to_string(), action.effect.to_string(), action.summary.to_owned()])
        .collect();
    let mut lines = table(&rows);
    lines.push(String::new());
    lines.push(style.dim("`riposte actions NAME` shows one in full"));
    lines.join("\n")
}

/// One action in full.
pub(crate) fn one(action: &ActionSpec, style: Style) -> String {
    let mut lines = vec![style.strong(action.name.as_str()), action.summary.to_owned(), String::new()];
    let completion = match action.completion {
        Completion::Immediate => "with the answer",
        Completion::Fetched => "when the file is whole and on disk",
        Completion::Followed => {
            "when the machine action that it opens has ended (`await: accepted`: when it was taken)"
        }
    };
    let mut facts = vec![
        vec!["effect".to_owned(), action.effect.to_string()],
        vec!["ends".to_owned(), completion.to_owned()],
        vec![
            "timeout".to_owned(),
            format!("{} unless the step says otherwise", format_duration(action.default_timeout)),
        ],
        vec!["priority".to_owned(), action.priority.as_str().to_owned()],
        vec!["limit".to_owned(), rate(action.rate_limit)],
    ];
    if let Some(argument) = action.device {
        let words = format!("`{argument}`: waits there for what else acts on it, except to stop harm");
        facts.push(vec!["device".to_owned(), words]);
    }
    if action.permissions == Permissions::default() {
        facts.push(vec!["permission".to_owned(), "none".to_owned()]);
    } else {
        let Permissions { application, delegated } = action.permissions;
        facts.push(vec!["permission".to_owned(), format!("application {}", any_of(application))]);
        facts.push(vec![String::new(), format!("delegated {}", any_of(delegated))]);
    }
    if let Some(inverse) = &action.inverse {
        facts.push(vec!["inverse".to_owned(), inverse.to_string()]);
    }
    if !action.docs.is_empty() {
        facts.push(vec!["source".to_owned(), action.docs.to_owned()]);
    }
    lines.extend(table(&facts));
    lines.extend([String::new(), "arguments".to_owned()]);
    lines.extend(properties(&action.arguments));
    lines.extend([String::new(), "output".to_owned()]);
    match &action.output.kind {
        Type::Array { items, .. } => {
            lines.push("  a list of".to_owned());
            lines.extend(properties(items));
        }
        _ => lines.extend(properties(&action.output)),
    }
    lines.join("\n")
}

fn properties(schema: &Schema) -> Vec<String> {
    let Some(object) = schema.as_object() else { return vec![format!("  {}", kind(schema))] };
    let rows: Vec<Vec<String>> = object
        .properties
        .iter()
        .map(|(name, property)| {
            let words = property.schema.description.clone().unwrap_or_default();
            vec![format!("  {name}"), kind(&property.schema), need(property), words]
        })
        .collect();
    table(&rows)
}

fn need(property: &Property) -> String {
    match (&property.default, property.required) {
        (Some(default), _) => format!("default {default}"),
        (None, true) => "required".to_owned(),
        (None, false) => "optional".to_owned(),
    }
}

fn kind(schema: &Schema) -> String {
    match &schema.kind {
        Type::String { choices, .. } if !choices.is_empty() => choices.join(" | "),
        Type::String { format: Some(format), .. } => format.as_str().to_owned(),
        Type::Array { items, .. } => format!("list of {}", kind(items)),
        _ => schema.type_name().to_owned(),
    }
}

fn rate(limit: RateLimit) -> String {
    match (limit.per_minute, limit.per_hour) {
        (Some(minute), Some(hour)) => format!("{minute} calls a minute, {hour} an hour"),
        (Some(minute), None) => format!("{minute} calls a minute"),
        (None, Some(hour)) => format!("{hour} calls an hour"),
        (None, None) => "none documented".to_owned(),
    }
}

fn any_of(names: &[&str]) -> String {
    names.join(" or ")
}

/// One action as JSON, its schemas as JSON Schema.
pub(crate) fn to_json(action: &ActionSpec) -> Value {
    json!({
        "name": action.name.as_str(),
        "summary": action.summary,
        "effect": action.effect.as_str(),
        "completion": match action.completion {
            Completion::Immediate => "immediate",
            Completion::Fetched => "fetched",
            Completion::Followed => "followed",
        },
        "priority": action.priority.as_str(),
        "device": action.device,
        "inverse": action.inverse.as_ref().map(ActionName::as_str),
        "permissions": { "application": action.permissions.application, "delegated": action.permissions.delegated },
        "rate_limit": {
            "class": action.rate_limit.class,
            "per_minute": action.rate_limit.per_minute,
            "per_hour": action.rate_limit.per_hour,
        },
        "default_timeout": format_duration(action.default_timeout),
        "arguments": action.arguments.to_json(),
        "output": action.output.to_json(),
        "docs": action.docs,
    })
}
