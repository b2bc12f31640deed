//! The rules of the language: one file for each area, each turning nodes into a part of the plan or into problems.

mod action;
mod auth;
mod computed;
mod expression;
mod fit;
mod hint;
mod inputs;
mod name;
mod outline;
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
use outline::Outline;
use riposte_model::Catalogue;
use scope::Scopes;

/// What all rules share: the file, the catalogue, what is in scope, and where problems go.
pub(crate) struct Checker<'a> {
    source: &'a str,
    lines: LineIndex,
    catalogue: &'a Catalogue,
    /// Which steps there are, and where.
    outline: Outline,
    scopes: Scopes,
    /// Patterns compiled so far.
    patterns: usize,
    /// Expressions compiled so far.
    expressions: usize,
    found: Found,
}
