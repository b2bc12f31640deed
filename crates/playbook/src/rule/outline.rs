//! Which steps there are and where, before any of them is checked: what is needed to say "runs later".

use super::name::check_identifier;
use super::step::kind_of;
use crate::diagnostic::quote;
use crate::load::Found;
use crate::yaml::{Node, Spanned};
use crate::{Code, Diagnostic};
use indexmap::IndexMap;
use std::ops::Range;

/// One turn on the way from the file's list of steps to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Into the list's step with this number.
    Step(usize),
    /// Into the branch with this number.
    Branch(usize),
}

/// How a step is seen from another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has surely ended.
    Ended,
    /// It comes after this place.
    Later(Range<usize>),
    /// It is in another branch.
    Beside(Range<usize>),
    /// This place is inside of it.
    Around(Range<usize>),
    /// It is this place.
    Itself,
    /// There is none.
    Unknown,
}

/// Every step with an id.
#[derive(Debug, Default)]
pub(super) struct Outline {
    steps: IndexMap<String, (Vec<Turn>, Range<usize>)>,
}

impl Outline {
    /// Collects the ids, and reports those that are wrong or used twice.
    pub(super) fn of(steps: &[Spanned<Node>], found: &mut Found) -> Outline {
        let mut outline = Outline::default();
        let mut unnamed = IndexMap::new();
        outline.collect(steps, &mut Vec::new(), &mut unnamed, found);
        for (id, head) in &unnamed {
            if let Some((_, span)) = outline.steps.get(id) {
                found.push(
                    Diagnostic::error(
                        Code::DuplicateId,
                        format!("the id {} is taken by a step without an id", quote(id)),
                        span.clone(),
                        "used a second time here",
                    )
                    .with_secondary(head.clone(), "this step gets it, after its kind and its position")
                    .with_help("choose an id that says what the step is for"),
                );
            }
        }
        outline
    }

    fn collect(
        &mut self,
        steps: &[Spanned<Node>],
        route: &mut Vec<Turn>,
        unnamed: &mut IndexMap<String, Range<usize>>,
        found: &mut Found,
    ) {
        for (index, step) in steps.iter().enumerate() {
            let Node::Map(entries) = &step.value else { continue };
            route.push(Turn::Step(index));
            match entries.iter().find(|(key, _)| key.value == "id") {
                Some((_, id)) => self.add(id, route, found),
                None => {
                    if let Some(kind) = kind_of(entries) {
                        unnamed.entry(default_id(kind, index)).or_insert_with(|| step.head());
                    }
                }
            }
            for (key, value) in entries {
                match (key.value.as_str(), &value.value) {
                    ("steps", Node::Seq(inner)) => self.collect(inner, route, unnamed, found),
                    ("parallel", Node::Seq(branches)) => {
                        for (number, branch) in branches.iter().enumerate() {
                            route.push(Turn::Branch(number));
                            if let Node::Map(entries) = &branch.value
                                && let Some((_, steps)) = entries.iter().find(|(key, _)| key.value == "steps")
                                && let Node::Seq(inner) = &steps.value
                            {
                                self.collect(inner, route, unnamed, found);
                            }
                            route.pop();
                        }
                    }
                    _ => {}
                }
            }
            route.pop();
        }
    }

    fn add(&mut self, id: &Spanned<Node>, route: &[Turn], found: &mut Found) {
        // That an id is text is the step's own rule.
        let Node::Str(text) = &id.value else { return };
        check_identifier("a step's id", &text.value, &id.span, found);
        if let Some((_, first)) = self.steps.get(&text.value) {
            found.push(
                Diagnostic::error(
                    Code::DuplicateId,
                    format!("the id {} is used twice", quote(&text.value)),
                    id.span.clone(),
                    "used a second time here",
                )
                .with_secondary(first.clone(), "first used here")
                .with_help("every step of a playbook has an id of its own, also in blocks and branches"),
            );
        } else {
            self.steps.insert(text.value.clone(), (route.to_vec(), id.span.clone()));
        }
    }

    /// How a step stands to the place with this route.
    pub(super) fn standing(&self, id: &str, from: &[Turn]) -> Standing {
        match self.steps.get(id) {
            None => Standing::Unknown,
            Some((to, span)) => compare(from, to, span),
        }
    }

    /// The ids of the steps that have surely ended there.
    pub(super) fn ended(&self, from: &[Turn]) -> Vec<&str> {
        let ended = |(_, (to, span)): &(&String, &(Vec<Turn>, Range<usize>))| {
            compare(from, to, span) == Standing::Ended
        };
        self.steps.iter().filter(ended).map(|(id, _)| id.as_str()).collect()
    }

    /// All ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.steps.keys().map(String::as_str)
    }
}

fn compare(from: &[Turn], to: &[Turn], span: &Range<usize>) -> Standing {
    let parted = from.iter().zip(to).find(|(here, there)| here != there);
    match parted {
        Some((Turn::Step(here), Turn::Step(there))) if there < here => Standing::Ended,
        Some((Turn::Branch(_), Turn::Branch(_))) => Standing::Beside(span.clone()),
        Some(_) => Standing::Later(span.clone()),
        // The end of the playbook, where everything has ended.
        None if from.is_empty() => Standing::Ended,
        None if to.len() > from.len() => Standing::Later(span.clone()),
        None if to.len() == from.len() => Standing::Itself,
        None => Standing::Around(span.clone()),
    }
}

/// The id of a step that was given none.
pub(super) fn default_id(kind: &str, index: usize) -> String {
    format!("{kind}_{}", index + 1)
}
