//! Loading the one playbook of a command, and its inputs.

use crate::command::library::{self, Library};
use crate::exit::usage;
use crate::files;
use crate::render::say;
use crate::render::style::Style;
use anyhow::Result;
use riposte_actions::catalogue;
use riposte_engine::Trigger;
use riposte_executor::{NewRun, SystemClock};
use riposte_model::{PlaybookName, Violation, parse_bounded};
use riposte_playbook::{Loaded, MAX_SOURCE, Playbook, load};
use riposte_server::hooks::{Bound, bind};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Most bytes of an alert: the daemon's default limit for a webhook's body.
const MAX_EVENT: usize = 1 << 20;

/// A playbook, and those that it calls, however far down.
pub(super) struct Opened {
    pub(super) playbook: Arc<Playbook>,
    pub(super) called: Vec<Arc<Playbook>>,
}

impl Opened {
    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Playbook>> {
        std::iter::once(&self.playbook).chain(&self.called)
    }
}

/// Loads a playbook, with those that it calls from the same folder; prints what is wrong with them to stderr.
pub(super) fn open(path: &Path) -> Result<Opened> {
    let source = files::read_text(path, MAX_SOURCE)?;
    let Library { asked, beside } = library::load(vec![(path.to_owned(), source)], &catalogue());
    let mut asked = asked.into_iter();
    let name = path.display().to_string();
    let loaded = asked.next().ok_or_else(|| usage(format!("{name} was not loaded")))?;
    let playbook = accepted(&name, loaded)?;
    // Found out half-way, a playbook with errors would leave a device half-treated.
    let mut called: Vec<Arc<Playbook>> = Vec::new();
    let mut wanted: Vec<PlaybookName> = names_called(&playbook);
    while let Some(name) = wanted.pop() {
        if called.iter().any(|known| known.name == name) || playbook.name == name {
            continue;
        }
        let found = beside.iter().find(|loaded| {
            let is_it = |playbook: &Arc<Playbook>| playbook.name == name;
            loaded.playbook.as_ref().is_some_and(is_it)
        });
        let Some(found) = found else {
            return Err(broken(&name, &beside));
        };
        let found = accepted(found.report.file(), found.clone())?;
        wanted.extend(names_called(&found));
        called.push(found);
    }
    Ok(Opened { playbook, called })
}

fn names_called(playbook: &Playbook) -> Vec<PlaybookName> {
    playbook.calls().into_iter().map(|(_, call)| call.playbook.clone()).collect()
}

/// A playbook that is called has errors: they are shown, as far as it can be told which file it is.
fn broken(name: &PlaybookName, beside: &[Loaded]) -> anyhow::Error {
    let declares = format!("name: {name}");
    let files = beside.iter().filter(|loaded| loaded.report.has_errors());
    for loaded in
        files.filter(|loaded| loaded.report.source().lines().any(|line| line.trim_end() == declares))
    {
        say!("{}", loaded.report.render(Style::stderr().into()));
    }
    usage(format!("the playbook {name}, which is called, has errors; nothing was run"))
}

/// Checks a playbook's source; prints what is wrong with it to stderr.
pub(super) fn check(name: &str, source: &str) -> Result<Arc<Playbook>> {
    accepted(name, load(name, source, &catalogue()))
}

fn accepted(name: &str, loaded: Loaded) -> Result<Arc<Playbook>> {
    if !loaded.report.is_empty() {
        say!("{}", loaded.report.render(Style::stderr().into()));
    }
    loaded.playbook.ok_or_else(|| usage(format!("{name} has errors; nothing was run")))
}

/// A run from `NAME=VALUE` pairs.
pub(super) fn from_pairs(playbook: Arc<Playbook>, pairs: &[String]) -> Result<NewRun> {
    let given = self::pairs(pairs)?;
    let given = given.into_iter().map(|(name, text)| {
        let value = playbook.inputs.read_text(&name, &text);
        (name, value)
    });
    let given: Map<String, Value> = given.collect();
    let inputs = playbook.inputs.accept(given).map_err(|violations| misfit(&playbook, &violations))?;
    let trigger = Trigger { kind: "manual".into(), name: "riposte run".into(), body: Value::Null.into() };
    Ok(NewRun { playbook, inputs, trigger })
}

/// Inputs as they are given on the command line.
pub(super) fn pairs(pairs: &[String]) -> Result<BTreeMap<String, String>> {
    let mut given = BTreeMap::new();
    for pair in pairs {
        let (name, text) = pair
            .split_once('=')
            .ok_or_else(|| usage(format!("`{pair}` is no input: write --input NAME=VALUE")))?;
        if given.insert(name.to_owned(), text.to_owned()).is_some() {
            return Err(usage(format!("the input `{name}` is given twice")));
        }
    }
    Ok(given)
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
    let bound = bind(playbook, webhook, &body.into(), now)
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
