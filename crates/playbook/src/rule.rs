//! The rules of the language: one file for each area, each turning nodes into a part of the plan or into problems.

mod action;
mod auth;
mod call;
mod computed;
mod expression;
mod fit;
mod hint;
mod inputs;
mod inside;
mod name;
mod outline;
mod presence;
mod retry;
mod schedule;
mod schema;
mod scope;
mod step;
mod top;
mod trigger;
mod value;
mod webhook;

pub(crate) use top::playbook;

use crate::load::Found;
use crate::report::LineIndex;
use crate::signature::Signatures;
use outline::Outline;
use presence::Presence;
use riposte_expr::Fact;
use riposte_model::Catalogue;
use scope::Scopes;
use top::Defaults;

/// What all rules share: the file, the catalogue, what is in scope, and where problems go.
pub(crate) struct Checker<'a> {
    source: &'a str,
    lines: LineIndex,
    catalogue: &'a Catalogue,
    /// The playbooks that may be called; `None`: they are not known here.
    callable: Option<&'a Signatures>,
    /// Which steps there are, and where.
    outline: Outline,
    /// Which of them may not have run.
    presence: Presence,
    scopes: Scopes,
    /// What steps take that say nothing else.
    defaults: Defaults,
    /// What holds here because of the `if` of each step around, the outermost first.
    facts: Vec<Vec<Fact>>,
    /// The handlers around, the outermost first.
    handlers: Vec<Handler>,
    /// Where a `stop` would stand that must not.
    no_stop: Option<&'static str>,
    /// Patterns compiled so far.
    patterns: usize,
    /// Expressions compiled so far.
    expressions: usize,
    found: Found,
}

/// The two lists of steps that deal with how others ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handler {
    OnFailure,
    Always,
}
