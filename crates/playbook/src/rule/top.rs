//! The keys of the file itself.

use super::computed::object_of;
use super::expression::At;
use super::outline::{Part, Turn};
use super::presence::Presence;
use super::scope::Scopes;
use super::{Checker, Handler, Outline};
use crate::load::Found;
use crate::report::LineIndex;
use crate::retry::Policy;
use crate::signature::Signatures;
use crate::yaml::{Field, Fields, Node, Spanned};
use crate::{Block, Code, Concurrency, Diagnostic, Inputs, Playbook, WhenFull};
use riposte_model::{Catalogue, Schema, SourceHash};
use std::sync::Arc;
use std::time::Duration;

/// Most runs with one key that may be asked for at once.
const MAX_LIMIT: i64 = 10_000;

/// What steps take that say nothing else.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    pub(super) retry: Option<Policy>,
    pub(super) timeout: Option<Duration>,
}

/// Checks a whole file: the playbook, and what is known of its outputs. Without a playbook there is at least one problem.
pub(crate) fn playbook(
    source: &Arc<str>,
    root: &Spanned<Node>,
    catalogue: &Catalogue,
    callable: Option<&Signatures>,
    found: Found,
) -> (Option<(Playbook, Schema)>, Found) {
    let mut checker = Checker {
        source,
        lines: LineIndex::new(source),
        catalogue,
        callable,
        outline: Outline::default(),
        presence: Presence::default(),
        scopes: Scopes::default(),
        defaults: Defaults::default(),
        facts: Vec::new(),
        handlers: Vec::new(),
        no_stop: None,
        patterns: 0,
        expressions: 0,
        found,
    };
    let playbook = checker.playbook(source, root);
    (playbook, checker.found)
}

/// The key that only a configuration has, if the file has no steps.
fn configures(root: &Spanned<Node>) -> Option<&Spanned<String>> {
    let Node::Map(entries) = &root.value else { return None };
    let mut keys = entries.iter().map(|(key, _)| key);
    let key = keys.clone().find(|key| key.value == "connections")?;
    keys.all(|key| key.value != "steps").then_some(key)
}

impl Checker<'_> {
    fn playbook(&mut self, source: &Arc<str>, root: &Spanned<Node>) -> Option<(Playbook, Schema)> {
        if root.value == Node::Null {
            let problem = Diagnostic::error(Code::Empty, "the file is empty", root.span.clone(), "");
            self.found.push(problem.with_help("a playbook has at least `name` and `steps`"));
            return None;
        }
        if let Some(key) = configures(root) {
            let problem = Diagnostic::error(
                Code::UnknownKey,
                "this is a configuration, not a playbook",
                key.span.clone(),
                "connections are configured",
            );
            self.found.push(problem.with_help(
                "check it with `riposte check --config FILE`, and keep it out of folders of playbooks",
            ));
            return None;
        }
        let mut fields = Fields::of("a playbook", root, &mut self.found)?;
        let name = fields.require("name", &mut self.found).and_then(|field| self.playbook_name(field));
        let description = fields.take("description").and_then(|field| field.text(&mut self.found));
        let inputs = fields.take("inputs");
        let triggers = fields.take("triggers");
        let concurrency = fields.take("concurrency");
        let defaults = fields.take("defaults");
        let steps = fields.require("steps", &mut self.found);
        let on_failure = fields.take("on_failure");
        let always = fields.take("always");
        let outputs = fields.take("outputs");
        fields.finish(&mut self.found);

        let inputs = inputs.map_or_else(Inputs::default, |field| self.inputs(field));
        self.scopes.declare(&inputs);
        self.defaults = defaults.and_then(|field| self.defaults(field)).unwrap_or_default();
        let steps = steps.and_then(|field| field.filled_list(&mut self.found));
        let parts = [
            (None, steps),
            (Some(Turn::OnFailure), on_failure.and_then(Field::items)),
            (Some(Turn::Always), always.and_then(Field::items)),
        ];
        let parts: Vec<Part<'_>> = parts.into_iter().filter_map(|(turn, list)| Some((turn, list?))).collect();
        self.outline = Outline::of(&parts, &mut self.found);
        let triggers = triggers.map_or_else(Vec::new, |field| self.triggers(field, &inputs));
        let concurrency = concurrency.and_then(|field| self.concurrency(field));
        let route = &mut Vec::new();
        let steps = steps.map(|steps| self.steps(steps, route));
        let on_failure =
            self.handler(on_failure, Handler::OnFailure, Some("a playbook's `on_failure`"), route);
        let always = self.handler(always, Handler::Always, Some("`always`"), route);
        let outputs =
            outputs.map_or_else(Vec::new, |field| self.named_values("an output", field, At::End(&[])));
        self.unused_inputs();
        let gives = object_of(&outputs);
        let playbook = Playbook {
            name: name?,
            hash: SourceHash::of(source),
            source: Arc::clone(source),
            description: description.map(|text| text.value.clone()),
            inputs,
            triggers,
            concurrency,
            body: Block { steps: steps?, on_failure, always },
            outputs: outputs.into_iter().map(|(name, value)| (name, value.into_computed())).collect(),
        };
        Some((playbook, gives))
    }

    fn defaults(&mut self, field: Field<'_>) -> Option<Defaults> {
        let mut fields = Fields::of("`defaults`", field.value, &mut self.found)?;
        let (retry, timeout) = (fields.take("retry"), fields.take("timeout"));
        fields.finish(&mut self.found);
        Some(Defaults {
            retry: retry.and_then(|field| self.retry(field)),
            timeout: timeout.and_then(|field| field.duration(&mut self.found)),
        })
    }

    fn concurrency(&mut self, field: Field<'_>) -> Option<Concurrency> {
        let mut fields = Fields::of("`concurrency`", field.value, &mut self.found)?;
        let key = fields.require("key", &mut self.found);
        let limit = fields.take("limit").map(|field| field.integer(1..=MAX_LIMIT, &mut self.found));
        let words = [("queue", WhenFull::Queue), ("skip", WhenFull::Skip)];
        let when_full = fields.take("when_full").map(|field| field.word(&words, &mut self.found));
        fields.finish(&mut self.found);
        let key =
            self.key(key?, "name what the runs that wait for each other share, like `inputs.device_id`")?;
        Some(Concurrency {
            key,
            limit: limit.map_or(Some(1), |limit| limit.and_then(|limit| u32::try_from(limit).ok()))?,
            when_full: when_full.unwrap_or(Some(WhenFull::Queue))?,
        })
    }
}
