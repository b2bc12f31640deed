//! Steps: what every step has, and what each kind does.

use super::Checker;
use super::expression::{At, describe};
use super::outline::{self, Turn, default_id};
use super::presence::Traits;
use crate::diagnostic::{list, quote};
use crate::yaml::{Field, Fields, Node, Spanned};
use crate::{Code, Diagnostic, OnError, Step, StepKind, Wait, suggest};
use riposte_model::{Schema, Type};

/// Keys of every step.
const COMMON: [&str; 4] = ["id", "if", "timeout", "on_error"];

/// The kinds of step, each with the keys that may stand beside it. A step with `for_each` has `steps` as its own.
pub(crate) const KINDS: [(&str, &[&str]); 9] = [
    ("action", &["with", "retry", "select", "await"]),
    ("steps", &["on_failure", "always"]),
    ("parallel", &["max"]),
    ("for_each", &["as", "steps", "outputs", "max", "on_item_error"]),
    ("call", &["with"]),
    ("wait", &[]),
    ("stop", &[]),
    ("fail", &[]),
    ("set", &[]),
];

/// What keys of other languages are called here.
const OTHER_NAMES: [(&str, &str); 19] = [
    ("when", "if"),
    ("condition", "if"),
    ("until", "wait: { until: … }"),
    ("loop", "for_each"),
    ("foreach", "for_each"),
    ("with_items", "for_each"),
    ("rescue", "on_failure"),
    ("catch", "on_failure"),
    ("finally", "always"),
    ("workflow", "call"),
    ("playbook", "call"),
    ("sleep", "wait"),
    ("max_parallel", "max"),
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
    other_name(key).is_some_and(|name| kind_named(name.split(':').next().unwrap_or(name)).is_some())
}

/// What a step does, and what `steps.<id>.output` then holds.
pub(super) type Kind = (StepKind, Option<Schema>);

/// The first kind that a step's keys name.
pub(super) fn kind_of(entries: &[(Spanned<String>, Spanned<Node>)]) -> Option<&'static str> {
    kinds(entries.iter().map(|(key, _)| key)).first().map(|(kind, _)| *kind)
}

/// The kinds that a step's keys name. The `steps` of a loop are no second kind.
fn kinds<'k>(keys: impl Iterator<Item = &'k Spanned<String>>) -> Vec<(&'static str, &'k Spanned<String>)> {
    let mut kinds: Vec<_> = keys.filter_map(|key| Some((kind_named(&key.value)?, key))).collect();
    if kinds.iter().any(|(kind, _)| *kind == "for_each") {
        kinds.retain(|(kind, _)| *kind != "steps");
    }
    kinds
}

fn kind_named(key: &str) -> Option<&'static str> {
    KINDS.iter().map(|(kind, _)| *kind).find(|kind| *kind == key)
}

/// The `stop` or `fail` with which a run always ends at this step.
fn ends_here(step: &Spanned<Node>) -> Option<&Spanned<String>> {
    let Node::Map(entries) = &step.value else { return None };
    let goes_on = |(key, value): &(Spanned<String>, Spanned<Node>)| match key.value.as_str() {
        "if" | "for_each" | "on_failure" => true,
        "on_error" => matches!(&value.value, Node::Str(text) if text.value == "continue"),
        _ => false,
    };
    if entries.iter().any(goes_on) {
        return None;
    }
    let own = entries.iter().map(|(key, _)| key).find(|key| matches!(key.value.as_str(), "stop" | "fail"));
    own.or_else(|| outline::parts(entries).into_iter().find_map(|(_, list)| list.iter().find_map(ends_here)))
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
                    .with_secondary(key.span.clone(), "always ends here")
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
        let if_field = fields.take("if");
        let condition = if_field.map(|field| self.condition(field, At::Step(route)));
        let limit = fields.take("timeout");
        let timeout = limit.and_then(|field| field.duration(&mut self.found));
        let on_error_field = fields.take("on_error");
        let on_error = on_error_field.and_then(|field| {
            field.word(&[("fail", OnError::Fail), ("continue", OnError::Continue)], &mut self.found)
        });
        let handles = fields.take("on_failure").filter(|_| kind == Some("steps"));
        let known = condition.iter().flatten().zip(if_field);
        let known =
            known.filter_map(|(expression, field)| Traits::condition(expression, field.key.span.clone()));
        let traits = Traits {
            id: id.flatten().map(|id| id.value.clone()),
            condition: known.into_iter().next(),
            goes_on: on_error_field
                .filter(|_| on_error == Some(OnError::Continue))
                .map(|field| field.key.span.clone()),
            handles: handles.map(|field| field.key.span.clone()),
        };
        // Whatever this step reads, its `if` has held.
        self.facts.push(traits.condition.as_ref().map_or_else(Vec::new, |(facts, _)| facts.clone()));
        self.presence.note(route, traits);
        let built = kind.and_then(|kind| self.kind_of_step(kind, &mut fields, route));
        self.facts.pop();

        if let (Some((StepKind::Wait(Wait::For(pause)), _)), Some(timeout), Some(limit)) =
            (&built, timeout, limit)
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
        let default = self.defaults.timeout.filter(|_| matches!(built, Some(StepKind::Action(_))));
        Some(Step {
            id,
            line,
            condition: condition.flatten(),
            timeout: timeout.or(default),
            on_error: on_error.unwrap_or(OnError::Fail),
            kind: built?,
        })
    }

    /// The one kind a step has.
    fn one_kind(&mut self, fields: &Fields<'_>) -> Option<&'static str> {
        let mut kinds = kinds(fields.keys()).into_iter();
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
        for key in fields.keys() {
            let name = key.value.as_str();
            if self.found.is_full() {
                return;
            }
            if COMMON.contains(&name) || own.contains(&name) || kind_named(name).is_some() {
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
        match kind {
            "action" => self.action(field, fields, At::Step(route)),
            "steps" => self.block(field, fields, route),
            "parallel" => self.parallel(field, fields, route),
            "for_each" => self.for_each(field, fields, route),
            "call" => self.call(field, fields, At::Step(route)),
            "wait" => Some((StepKind::Wait(self.wait(field, At::Step(route))?), None)),
            "stop" => {
                self.may_stop(field);
                Some((StepKind::Stop(self.message(field, At::Step(route))?), None))
            }
            "fail" => Some((StepKind::Fail(self.message(field, At::Step(route))?), None)),
            _ => Some(self.set(field, At::Step(route))),
        }
    }

    /// Where a failure is dealt with, a run has to end as what it is.
    fn may_stop(&mut self, field: Field<'_>) {
        if let Some(place) = self.no_stop {
            self.found.push(
                Diagnostic::error(
                    Code::StopNotHere,
                    format!("`stop` cannot stand in {place}"),
                    field.key.span.clone(),
                    "would hide how the run ended",
                )
                .with_help("leave it out: the run goes on to its own end"),
            );
        }
    }

    fn wait(&mut self, field: Field<'_>, at: At<'_>) -> Option<Wait> {
        let Node::Map(_) = &field.value.value else {
            return field.duration(&mut self.found).map(Wait::For);
        };
        let mut fields = Fields::of("`wait`", field.value, &mut self.found)?;
        let until = fields.require("until", &mut self.found);
        fields.finish(&mut self.found);
        let until = until?;
        let (expression, schema) = self.bare(until, at)?;
        if !matches!(schema.kind, Type::Any | Type::String { .. }) {
            self.found.push(
                Diagnostic::error(
                    Code::ExpressionType,
                    format!("`until` must give a time, not {}", describe(&schema)),
                    until.value.span.clone(),
                    format!("this gives {}", describe(&schema)),
                )
                .with_help("like `timestamp(steps.x.finished_at) + duration(\"2h\")`"),
            );
        }
        Some(Wait::Until(expression))
    }

    fn set(&mut self, field: Field<'_>, at: At<'_>) -> Kind {
        if matches!(&field.value.value, Node::Map(entries) if entries.is_empty()) {
            self.found.push(
                Diagnostic::error(
                    Code::Empty,
                    "`set` must not be empty",
                    field.value.span.clone(),
                    "nothing in it",
                )
                .with_help("name a value, like `set: { name: 1 }`"),
            );
        }
        let values = self.named_values("a value", field, at);
        let output = super::computed::object_of(&values);
        let values = values.into_iter().map(|(name, value)| (name, value.into_computed())).collect();
        (StepKind::Set(values), Some(output))
    }
}
