//! Which steps there are and where, before any of them is checked: what is needed to say "runs later".

use super::name::check_identifier;
use super::step::kind_of;
use crate::diagnostic::quote;
use crate::load::Found;
use crate::yaml::{Node, Spanned};
use crate::{Code, Diagnostic, Section};
use indexmap::IndexMap;
use std::ops::Range;

/// One turn on the way from the file to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Turn {
    /// Into the list's step with this number.
    Step(usize),
    /// Into the branch with this number.
    Branch(usize),
    /// Into the steps of a loop.
    Body,
    /// Into what follows a failure.
    OnFailure,
    /// Into what follows in any case.
    Always,
}

/// How a step is seen from another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has ended, or will never run.
    Ended,
    /// It comes after this place.
    Later(Range<usize>),
    /// It is in another branch.
    Beside(Range<usize>),
    /// It is in a loop, and this place is not: it has run any number of times.
    InLoop(Range<usize>),
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

/// A list of steps in the file, and the turn that leads to it.
pub(super) type Part<'n> = (Option<Turn>, &'n [Spanned<Node>]);

impl Outline {
    /// Collects the ids, and reports those that are wrong or used twice.
    pub(super) fn of(parts: &[Part<'_>], found: &mut Found) -> Outline {
        let mut outline = Outline::default();
        let mut unnamed = IndexMap::new();
        for (turn, steps) in parts {
            outline.collect(steps, &mut turn.iter().copied().collect(), &mut unnamed, found);
        }
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
            for (turn, list) in parts(entries) {
                let depth = route.len();
                route.extend(turn);
                self.collect(list, route, unnamed, found);
                route.truncate(depth);
            }
            route.pop();
        }
    }

    fn add(&mut self, id: &Spanned<Node>, route: &[Turn], found: &mut Found) {
        // That an id is text is the step's own rule.
        let Node::Str(text) = &id.value else { return };
        if Section::NAMES.contains(&text.value.as_str()) {
            found.push(
                Diagnostic::error(
                    Code::Name,
                    format!("{} cannot be a step's id", quote(&text.value)),
                    id.span.clone(),
                    "a word of the language",
                )
                .with_help("choose an id that says what the step is for"),
            );
        }
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

    /// How a step stands to a place. `at_end`: the place is the end of the list to which the route leads.
    pub(super) fn standing(&self, id: &str, from: &[Turn], at_end: bool) -> Standing {
        match self.steps.get(id) {
            None => Standing::Unknown,
            Some((to, span)) => compare(from, at_end, to, span),
        }
    }

    /// The way to a step.
    pub(super) fn route(&self, id: &str) -> Option<&[Turn]> {
        self.steps.get(id).map(|(route, _)| route.as_slice())
    }

    /// The ids of the steps that have ended there.
    pub(super) fn ended(&self, from: &[Turn], at_end: bool) -> Vec<&str> {
        let ended = |(_, (to, span)): &(&String, &(Vec<Turn>, Range<usize>))| {
            compare(from, at_end, to, span) == Standing::Ended
        };
        self.steps.iter().filter(ended).map(|(id, _)| id.as_str()).collect()
    }

    /// All ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.steps.keys().map(String::as_str)
    }
}

/// The lists of steps in a step.
pub(super) fn parts(entries: &[(Spanned<String>, Spanned<Node>)]) -> Vec<Part<'_>> {
    let is_loop = entries.iter().any(|(key, _)| key.value == "for_each");
    let mut parts = Vec::new();
    for (key, value) in entries {
        let Node::Seq(list) = &value.value else { continue };
        match key.value.as_str() {
            "steps" => parts.push((is_loop.then_some(Turn::Body), list.as_slice())),
            "on_failure" => parts.push((Some(Turn::OnFailure), list)),
            "always" => parts.push((Some(Turn::Always), list)),
            "parallel" => {
                for (number, branch) in list.iter().enumerate() {
                    if let Node::Map(entries) = &branch.value
                        && let Some((_, steps)) = entries.iter().find(|(key, _)| key.value == "steps")
                        && let Node::Seq(inner) = &steps.value
                    {
                        parts.push((Some(Turn::Branch(number)), inner));
                    }
                }
            }
            _ => {}
        }
    }
    parts
}

fn compare(from: &[Turn], at_end: bool, to: &[Turn], span: &Range<usize>) -> Standing {
    let common = shared(from, to);
    let ended = || match to[common..].contains(&Turn::Body) {
        true => Standing::InLoop(span.clone()),
        false => Standing::Ended,
    };
    match (from.get(common), to.get(common)) {
        (Some(Turn::Step(here)), Some(Turn::Step(there))) if there < here => ended(),
        (Some(Turn::Branch(_)), Some(Turn::Branch(_))) => Standing::Beside(span.clone()),
        (Some(Turn::OnFailure | Turn::Always), Some(Turn::Step(_)))
        | (Some(Turn::Always), Some(Turn::OnFailure)) => ended(),
        (Some(_), Some(_)) => Standing::Later(span.clone()),
        (None, Some(_)) if at_end => ended(),
        (None, Some(_)) => Standing::Later(span.clone()),
        (None, None) => Standing::Itself,
        (Some(_), None) => Standing::Around(span.clone()),
    }
}

/// How many turns two ways have in common.
pub(super) fn shared(from: &[Turn], to: &[Turn]) -> usize {
    from.iter().zip(to).take_while(|(here, there)| here == there).count()
}

/// The id of a step that was given none.
pub(super) fn default_id(kind: &str, index: usize) -> String {
    format!("{kind}_{}", index + 1)
}
