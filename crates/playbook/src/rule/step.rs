//! Steps: what every step has, and what each kind does.

use super::Checker;
use super::expression::At;
use super::outline::{Turn, default_id};
use crate::diagnostic::{list, quote};
use crate::yaml::{Field, Fields, Node, Spanned, not_served};
use crate::{Code, Diagnostic, OnError, Step, StepKind, suggest};
use riposte_model::Schema;

/// Keys of every step.
const COMMON: [&str; 4] = ["id", "if", "timeout", "on_error"];

/// The kinds of step, each with the keys that may stand beside it.
const KINDS: [(&str, &[&str]); 7] = [
    ("action", &["with", "retry", "select", "await"]),
    ("steps", &[]),
    ("parallel", &["max"]),
    ("wait", &[]),
    ("stop", &[]),
    ("fail", &[]),
    ("set", &[]),
];

/// Kinds of step that are not served yet.
const UNSERVED_KINDS: [&str; 3] = ["for_each", "call", "until"];
/// Keys that are not served yet.
const UNSERVED_KEYS: [&str; 4] = ["on_failure", "always", "as", "on_item_error"];

/// What keys of other languages are called here.
const OTHER_NAMES: [(&str, &str); 8] = [
    ("when", "if"),
    ("condition", "if"),
    ("uses", "action"),
    ("run", "action"),
    ("module", "action"),
    ("continue_on_error", "on_error: continue"),
    ("ignore_errors", "on_error: continue"),
    ("timeout_minutes", "timeout"),
];

/// The key, or the key and its value, that a key of another language means.
fn other_name(key: &str) -> Option<&'static str> {
    let key = key.replace('-', "_");
    OTHER_NAMES.iter().find(|(other, _)| *other == key).map(|(_, name)| *name)
}

/// Whether a key says what a step does, in a way that is not understood here.
fn is_foreign_kind(key: &str) -> bool {
    UNSERVED_KINDS.contains(&key) || other_name(key) == Some("action")
}

/// What a step does, and what `steps.<id>.output` then holds.
type Kind = (StepKind, Option<Schema>);

/// The first kind that a step's keys name.
pub(super) fn kind_of(entries: &[(Spanned<String>, Spanned<Node>)]) -> Option<&'static str> {
    entries.iter().find_map(|(key, _)| kind_named(&key.value))
}

fn kind_named(key: &str) -> Option<&'static str> {
    KINDS.iter().map(|(kind, _)| *kind).find(|kind| *kind == key)
}

/// The `stop` or `fail` with which a run always ends at this step.
fn ends_here(step: &Spanned<Node>) -> Option<&Spanned<String>> {
    let Node::Map(entries) = &step.value else { return None };
    let goes_on = |(key, value): &(Spanned<String>, Spanned<Node>)| match key.value.as_str() {
        "if" => true,
        "on_error" => matches!(&value.value, Node::Str(text) if text.value == "continue"),
        _ => false,
    };
    let (key, _) = entries.iter().find(|(key, _)| matches!(key.value.as_str(), "stop" | "fail"))?;
    (!entries.iter().any(goes_on)).then_some(key)
}

impl Checker<'_> {
    /// A list of steps. `route` leads to the list.
    pub(super) fn steps(&mut self, nodes: &[Spanned<Node>], route: &mut Vec<Turn>) -> Vec<Step> {
        let mut steps = Vec::new();
        // The first step that is never reached speaks for all behind it.
        let mut ended = false;
        for (index, node) in nodes.iter().enumerate() {
            if self.found.is_full() {
                break;
            }
            if let Some(before) = index.checked_sub(1).and_then(|before| nodes.get(before))
                && !ended
                && let Some(key) = ends_here(before)
            {
                ended = true;
                self.found.push(
                    Diagnostic::warning(
                        Code::NeverReached,
                        "this step is never reached",
                        node.head(),
                        "nothing runs from here on",
                    )
                    .with_secondary(key.span.clone(), "the run always ends here")
                    .with_help(format!("give the `{}` an `if`, or move it to the end", key.value)),
                );
            }
            route.push(Turn::Step(index));
            steps.extend(self.step(node, index, route));
            route.pop();
        }
        steps
    }

    fn step(&mut self, node: &Spanned<Node>, index: usize, route: &mut Vec<Turn>) -> Option<Step> {
        let mut fields = Fields::of("a step", node, &mut self.found)?;
        let kind = self.one_kind(&fields);
        self.step_keys(&fields, kind);

        let id = fields.take("id").map(|field| field.text(&mut self.found));
        let condition = fields.take("if").map(|field| self.condition(field, At::Step(route)));
        let limit = fields.take("timeout");
        let timeout = limit.and_then(|field| field.duration(&mut self.found));
        let on_error = fields.take("on_error").and_then(|field| {
            field.word(&[("fail", OnError::Fail), ("continue", OnError::Continue)], &mut self.found)
        });
        let built = kind.and_then(|kind| self.kind_of_step(kind, &mut fields, route));
        if let (Some((StepKind::Wait(pause), _)), Some(timeout), Some(limit)) = (&built, timeout, limit)
            && *pause > timeout
        {
            self.found.push(
                Diagnostic::error(
                    Code::WaitTooLong,
                    "the pause is longer than the step's own `timeout`",
                    limit.value.span.clone(),
                    "the step fails before it has waited",
                )
                .with_help("drop `timeout`: a `wait` ends by itself"),
            );
        }
        let (built, output) =
            built.map_or((None, Some(Schema::any())), |(kind, output)| (Some(kind), output));
        if let Some(Some(id)) = id {
            self.scopes.add_step(&id.value, output);
        }
        let id = match id {
            Some(id) => id?.value.clone(),
            None => default_id(kind?, index),
        };
        let line = u32::try_from(self.lines.line(node.span.start) + 1).unwrap_or(u32::MAX);
        Some(Step {
            id,
            line,
            condition: condition.flatten(),
            timeout,
            on_error: on_error.unwrap_or(OnError::Fail),
            kind: built?,
        })
    }

    /// The one kind a step has.
    fn one_kind(&mut self, fields: &Fields<'_>) -> Option<&'static str> {
        let mut kinds = fields.keys().filter_map(|key| Some((kind_named(&key.value)?, key)));
        let Some((kind, first)) = kinds.next() else {
            let names = KINDS.map(|(kind, _)| kind);
            // A misspelt kind is told about as the unknown key that it is.
            let misspelt = fields.keys().any(|key| {
                is_foreign_kind(&key.value)
                    || (!COMMON.contains(&key.value.as_str())
                        && suggest(&key.value, names, "").is_some_and(|help| help.starts_with("did")))
            });
            if !misspelt {
                self.found.push(
                    Diagnostic::error(
                        Code::StepKind,
                        "a step must say what it does",
                        fields.head(),
                        "this step does nothing",
                    )
                    .with_help(format!("give it one of {}", list(names))),
                );
            }
            return None;
        };
        for (other, key) in kinds {
            self.found.push(
                Diagnostic::error(
                    Code::StepKind,
                    format!("a step does one thing, and this one has `{kind}` and `{other}`"),
                    key.span.clone(),
                    "a second kind",
                )
                .with_secondary(first.span.clone(), "the first")
                .with_help("make two steps of it"),
            );
        }
        Some(kind)
    }

    /// Reports keys that no step has, and those that belong to another kind.
    fn step_keys(&mut self, fields: &Fields<'_>, kind: Option<&'static str>) {
        let beside =
            |name: &str| KINDS.iter().find(|(kind, _)| *kind == name).map_or(&[][..], |(_, keys)| *keys);
        let own = kind.map_or(&[][..], beside);
        let is_unserved = fields.keys().any(|key| UNSERVED_KINDS.contains(&key.value.as_str()));
        for key in fields.keys() {
            let name = key.value.as_str();
            if self.found.is_full() {
                return;
            }
            if COMMON.contains(&name) || own.contains(&name) || kind_named(name).is_some() {
                continue;
            }
            if UNSERVED_KINDS.contains(&name) || (UNSERVED_KEYS.contains(&name) && !is_unserved) {
                self.found.push(not_served(key));
                continue;
            }
            // What stands beside such a kind is its own.
            if is_unserved
                && (UNSERVED_KEYS.contains(&name) || KINDS.iter().any(|(_, keys)| keys.contains(&name)))
            {
                continue;
            }
            let problem = match (kind, KINDS.iter().find(|(_, keys)| keys.contains(&name))) {
                // Whose key it is cannot be said of a step that has no kind.
                (None, Some(_)) => continue,
                (Some(kind), Some((owner, _))) => Diagnostic::error(
                    Code::MisplacedKey,
                    format!("`{name}` belongs to a step with `{owner}`"),
                    key.span.clone(),
                    format!("this step has `{kind}`"),
                ),
                (_, None) => {
                    let kinds = KINDS.map(|(kind, _)| kind);
                    let valid = own
                        .iter()
                        .chain(&COMMON)
                        .chain(kind.is_none().then_some(&kinds).into_iter().flatten());
                    Diagnostic::error(
                        Code::UnknownKey,
                        format!("a step has no key {}", quote(name)),
                        key.span.clone(),
                        "unknown key",
                    )
                    .with_help_if(match other_name(name) {
                        Some(meant) => Some(format!("write `{meant}`")),
                        None => suggest(name, valid.copied(), "valid keys"),
                    })
                }
            };
            self.found.push(problem);
        }
    }

    fn kind_of_step(
        &mut self,
        kind: &'static str,
        fields: &mut Fields<'_>,
        route: &mut Vec<Turn>,
    ) -> Option<Kind> {
        let field = fields.take(kind)?;
        let at = At::Step(route);
        match kind {
            "action" => self.action(field, fields, at),
            "steps" => {
                let steps = field.filled_list(&mut self.found)?;
                Some((StepKind::Block(self.steps(steps, route)), None))
            }
            "parallel" => self.parallel(field, fields, route),
            "wait" => {
                if let Node::Map(entries) = &field.value.value
                    && let Some((key, _)) = entries.iter().find(|(key, _)| key.value == "until")
                {
                    self.found.push(not_served(key));
                    return None;
                }
                Some((StepKind::Wait(field.duration(&mut self.found)?), None))
            }
            "stop" => Some((StepKind::Stop(self.message(field, at)?), None)),
            "fail" => Some((StepKind::Fail(self.message(field, at)?), None)),
            _ => Some(self.set(field, at)),
        }
    }

    fn set(&mut self, field: Field<'_>, at: At<'_>) -> Kind {
        if matches!(&field.value.value, Node::Map(entries) if entries.is_empty()) {
            self.found.push(Diagnostic::error(
                Code::Empty,
                "`set` must not be empty",
                field.value.span.clone(),
                "nothing in it",
            ));
        }
        let values = self.named_values("a value", field, at);
        let output = values
            .iter()
            .fold(Schema::object(), |object, (name, value)| object.required(name, value.schema()));
        let values = values.into_iter().map(|(name, value)| (name, value.into_computed())).collect();
        (StepKind::Set(values), Some(output))
    }

    fn parallel(&mut self, field: Field<'_>, fields: &mut Fields<'_>, route: &mut Vec<Turn>) -> Option<Kind> {
        let nodes = field.filled_list(&mut self.found);
        let max = fields.take("max").map(|field| field.integer(1..=i64::MAX, &mut self.found));
        let nodes = nodes?;
        let mut branches = Vec::new();
        for (number, node) in nodes.iter().enumerate() {
            let Some(mut branch) = Fields::of("a branch", node, &mut self.found) else { continue };
            let steps = branch.require("steps", &mut self.found);
            branch.finish(&mut self.found);
            let Some(steps) = steps.and_then(|field| field.filled_list(&mut self.found)) else { continue };
            route.push(Turn::Branch(number));
            branches.push(self.steps(steps, route));
            route.pop();
        }
        let max = max.flatten().and_then(|max| usize::try_from(max).ok()).unwrap_or(branches.len());
        Some((StepKind::Parallel { branches, max }, None))
    }
}
