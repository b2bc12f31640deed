//! Loading the one playbook of a command, and its inputs.

use crate::exit::usage;
use crate::files;
use crate::render::say;
use crate::render::style::Style;
use anyhow::Result;
use riposte_actions::catalogue;
use riposte_engine::Trigger;
use riposte_executor::{NewRun, SystemClock};
use riposte_model::{Violation, parse_bounded};
use riposte_playbook::{MAX_SOURCE, Playbook, load};
use riposte_server::hooks::{Bound, bind};
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;

/// Most bytes of an alert: the daemon's default limit for a webhook's body.
const MAX_EVENT: usize = 1 << 20;

/// Loads a playbook; prints what is wrong with it to stderr.
pub(super) fn open(path: &Path) -> Result<Arc<Playbook>> {
    check(&path.display().to_string(), &files::read_text(path, MAX_SOURCE)?)
}

/// Checks a playbook's source; prints what is wrong with it to stderr.
pub(super) fn check(name: &str, source: &str) -> Result<Arc<Playbook>> {
    let loaded = load(name, source, &catalogue());
    if !loaded.report.is_empty() {
        say!("{}", loaded.report.render(Style::stderr().into()));
    }
    loaded.playbook.ok_or_else(|| usage(format!("{name} has errors; nothing was run")))
}

/// A run from `NAME=VALUE` pairs.
pub(super) fn from_pairs(playbook: Arc<Playbook>, pairs: &[String]) -> Result<NewRun> {
    let mut given = Map::new();
    for pair in pairs {
        let (name, text) = pair
            .split_once('=')
            .ok_or_else(|| usage(format!("`{pair}` is no input: write --input NAME=VALUE")))?;
        if given.insert(name.to_owned(), playbook.inputs.read_text(name, text)).is_some() {
            return Err(usage(format!("the input `{name}` is given twice")));
        }
    }
    let inputs = playbook.inputs.accept(given).map_err(|violations| misfit(&playbook, &violations))?;
    let trigger = Trigger { kind: "manual".into(), name: "riposte run".into(), body: Value::Null };
    Ok(NewRun { playbook, inputs, trigger })
}

/// Everything wrong with the inputs, and what is wanted.
fn misfit(playbook: &Playbook, violations: &[Violation]) -> anyhow::Error {
    let mut text = "the inputs do not fit:".to_owned();
    for violation in violations {
        text.push_str(&format!("\n  {violation}"));
        if let Some(near) = violation
            .route
            .last()
            .and_then(|name| riposte_expr::nearest(name, violation.valid.iter().map(String::as_str)))
        {
            text.push_str(&format!(" (did you mean `{near}`?)"));
        }
    }
    text.push_str(&format!("\n{} takes:", playbook.name));
    for (name, property) in &playbook.inputs.declarations().properties {
        let need = match (&property.default, property.required) {
            (Some(default), _) => format!("default {default}"),
            (None, true) => "required".to_owned(),
            (None, false) => "optional".to_owned(),
        };
        let words = property.schema.description.as_deref().unwrap_or("");
        let choices = property.schema.choices().map(|choices| choices.join(" | "));
        let kind = choices.unwrap_or_else(|| property.schema.type_name().to_owned());
        let line = format!("  --input {name}=…   {kind} ({need}) {words}");
        text.push_str(&format!(
            "
{}",
            line.trim_end()
        ));
    }
    usage(text)
}

/// The runs that a webhook's body asks for, through the playbook's own binding.
pub(super) fn from_event(playbook: &Arc<Playbook>, bytes: &[u8]) -> Result<Vec<NewRun>> {
    // What Windows programs save as UTF-8 begins with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let body = parse_bounded(bytes, MAX_EVENT).map_err(|error| usage(format!("the alert: {error}")))?;
    let webhook = playbook
        .webhooks()
        .next()
        .ok_or_else(|| usage(format!("{} has no webhook trigger to bind an alert with", playbook.name)))?;
    let now = riposte_engine::Clock::now(&SystemClock);
    let bound = bind(playbook, webhook, &body, now)
        .map_err(|error| usage(format!("the alert does not fit webhook `{}`: {error}", webhook.name)))?;
    Ok(bound
        .into_iter()
        .filter_map(|bound| match bound {
            Bound::Run { inputs, trigger } => Some(NewRun { playbook: playbook.clone(), inputs, trigger }),
            Bound::Filtered => None,
        })
        .collect())
}

/// Reads an alert's file.
pub(super) fn read_event(path: &Path) -> Result<Vec<u8>> {
    files::read(path, MAX_EVENT)
}
