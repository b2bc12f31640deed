//! Whether what is read of a step is there: a step may have been skipped, or failed, or never reached.

use super::expression::At;
use super::outline::{Turn, shared};
use super::{Checker, Handler};
use crate::diagnostic::quote;
use crate::{Code, Diagnostic};
use riposte_expr::{Expression, Fact, Reference};
use std::collections::HashMap;
use std::ops::Range;

/// What a step's own keys say about whether it runs, and whether what is around goes on without it.
#[derive(Debug, Default)]
pub(super) struct Traits {
    /// As written.
    pub(super) id: Option<String>,
    /// The parts of its `if`, which all have to hold, and where it stands.
    pub(super) condition: Option<(Vec<Fact>, Range<usize>)>,
    /// `on_error: continue`, if it stands there.
    pub(super) goes_on: Option<Range<usize>>,
    /// Its `on_failure`, if there is one.
    pub(super) handles: Option<Range<usize>>,
}

impl Traits {
    /// What an `if` says; a literal says nothing that is not told otherwise.
    pub(super) fn condition(
        expression: &Expression,
        span: Range<usize>,
    ) -> Option<(Vec<Fact>, Range<usize>)> {
        let is_true = expression.decided().first().is_some_and(|(_, answer)| *answer);
        (!is_true || !expression.references().is_empty()).then(|| (expression.facts(), span))
    }
}

/// The traits of the steps checked so far, by the way to them.
#[derive(Debug, Default)]
pub(super) struct Presence(HashMap<Vec<Turn>, Traits>);

/// Why something may not be there.
struct Doubt {
    /// Whether it is the step itself, which then has at least ended.
    of_itself: bool,
    why: &'static str,
    /// What in the file says so.
    because: Option<Range<usize>>,
}

impl Presence {
    pub(super) fn note(&mut self, route: &[Turn], traits: Traits) {
        self.0.insert(route.to_vec(), traits);
    }

    /// Why the step there may not have succeeded, as seen from a place where these facts hold.
    fn doubt(&self, from: &[Turn], to: &[Turn], facts: &[Fact]) -> Option<Doubt> {
        let parted = shared(from, to);
        if matches!(from.get(parted), Some(Turn::OnFailure | Turn::Always)) {
            let why = "it may not have been reached when something failed";
            return Some(Doubt { of_itself: false, why, because: None });
        }
        (parted..to.len()).find_map(|at| match to[at] {
            Turn::OnFailure => {
                let why = "it runs only after a failure";
                Some(Doubt { of_itself: false, why, because: None })
            }
            Turn::Step(_) => {
                let traits = self.0.get(&to[..=at])?;
                let of_itself = at + 1 == to.len();
                let doubt = |why, because: &Range<usize>| {
                    Some(Doubt { of_itself, why, because: Some(because.clone()) })
                };
                let is_known = traits.id.as_deref().is_some_and(|id| has_succeeded(id, facts));
                match traits {
                    Traits { condition: Some((parts, span)), .. }
                        if !is_known && !parts.iter().all(|part| facts.contains(part)) =>
                    {
                        doubt("this `if` may be false", span)
                    }
                    Traits { goes_on: Some(span), .. } if !is_known => doubt("it may have failed", span),
                    // What failed inside was handled, and the block counts as succeeded.
                    Traits { handles: Some(span), .. }
                        if !of_itself && to.get(at + 1) != Some(&Turn::Always) =>
                    {
                        doubt("something may have failed before it, and was handled", span)
                    }
                    _ => None,
                }
            }
            Turn::Branch(_) | Turn::Body | Turn::Always => None,
        })
    }
}

/// Whether a step with this id is known to have succeeded.
fn has_succeeded(id: &str, facts: &[Fact]) -> bool {
    facts.iter().any(|fact| match fact {
        Fact::Is(route, status) => route.iter().eq(["steps", id, "status"]) && status == "succeeded",
        Fact::There(route) => route.iter().take(3).eq(["steps", id, "output"]),
        Fact::Holds(_) => false,
    })
}

fn has_failed(id: &str, facts: &[Fact]) -> bool {
    facts.iter().any(|fact| match fact {
        Fact::Is(route, status) => route.iter().eq(["steps", id, "status"]) && status == "failed",
        Fact::There(_) | Fact::Holds(_) => false,
    })
}

/// Whether it says that there is a failure.
pub(super) fn is_of_failure(fact: &Fact) -> bool {
    matches!(fact, Fact::There(route) if route.first().is_some_and(|root| root == "failure"))
}

impl Checker<'_> {
    /// The report that what is read may not be there, if so. `place` finds the span of a segment.
    pub(super) fn missing(&self, reference: &Reference, at: At<'_>) -> Option<(Range<usize>, Diagnostic)> {
        match reference.root() {
            "steps" => self.missing_of_step(reference, at),
            "failure" => self.missing_failure(reference),
            _ => None,
        }
    }

    fn missing_of_step(&self, reference: &Reference, at: At<'_>) -> Option<(Range<usize>, Diagnostic)> {
        let [_, step, property, ..] = reference.segments.as_slice() else { return None };
        if step.guarded || property.guarded || property.name == "status" {
            return None;
        }
        let from = at.route()?;
        let to = self.outline.route(&step.name)?;
        let mut facts: Vec<Fact> = self.facts.concat();
        facts.extend(reference.facts.iter().cloned());
        let (id, what) = (&step.name, &property.name);
        let known = match what.as_str() {
            "output" => has_succeeded(id, &facts),
            "error" => has_failed(id, &facts),
            "started_at" | "finished_at" => has_succeeded(id, &facts) || has_failed(id, &facts),
            // There is no such property, and somebody else says so.
            _ => true,
        };
        if known {
            return None;
        }
        let name = quote(&format!("steps.{id}.{what}"));
        let problem = |label: &str, because: Option<Range<usize>>| {
            let problem =
                Diagnostic::error(Code::MaybeMissing, format!("{name} may not be there"), 0..0, label);
            match because {
                Some(span) => problem.with_secondary(span, "because of this"),
                None => problem,
            }
        };
        let problem = if what == "error" {
            problem("there only if the step has failed", None)
                .with_help(format!("test it first: `steps.{id}.status == \"failed\" ? … : …`, or in an `if`"))
        } else {
            let doubt = self.presence.doubt(from, to, &facts)?;
            if doubt.of_itself && what != "output" {
                return None;
            }
            problem(doubt.why, doubt.because).with_help(format!(
                "test it first, here or in the step's `if`: `steps.{id}.status == \"succeeded\"`; or write \
                 `steps.{id}.?{what}` and `.orValue(…)`"
            ))
        };
        Some((property.span.clone(), problem))
    }

    /// In `always` there may have been no failure.
    fn missing_failure(&self, reference: &Reference) -> Option<(Range<usize>, Diagnostic)> {
        let property = reference.segments.get(1).filter(|property| !property.guarded)?;
        if self.handlers.last() != Some(&Handler::Always) {
            return None;
        }
        // `step` and `error` are there together, or neither is.
        if self.facts.iter().flatten().chain(&reference.facts).any(is_of_failure) {
            return None;
        }
        let name = quote(&format!("failure.{}", property.name));
        let problem = Diagnostic::error(
            Code::MaybeMissing,
            format!("{name} may not be there"),
            0..0,
            "there only if something has failed",
        )
        .with_help(format!("test it first: `has(failure.{}) ? … : …`, or in an `if`", property.name));
        Some((property.span.clone(), problem))
    }
}
