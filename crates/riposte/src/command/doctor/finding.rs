//! What was found, check by check.

use crate::exit::Exit;
use crate::render::doctor::{Finding, State};

/// Everything that was found, in the order in which it was looked at.
pub(super) struct Findings {
    all: Vec<Finding>,
    /// Whether every error so far is that somebody else cannot be reached, or does not let us in.
    is_outside: bool,
}

impl Findings {
    pub(super) fn new() -> Self {
        Findings { all: Vec::new(), is_outside: true }
    }

    pub(super) fn all(&self) -> &[Finding] {
        &self.all
    }

    pub(super) fn ok(&mut self, check: &str, what: impl Into<String>) {
        self.add(check, State::Ok, what.into(), None);
    }

    /// What was not looked at, or is not there to be looked at, and need not be.
    pub(super) fn skipped(&mut self, check: &str, what: impl Into<String>) {
        self.add(check, State::Skipped, what.into(), None);
    }

    pub(super) fn warning(&mut self, check: &str, what: impl Into<String>, advice: impl Into<String>) {
        self.add(check, State::Warning, what.into(), Some(advice.into()));
    }

    pub(super) fn error(&mut self, check: &str, what: impl Into<String>, advice: impl Into<String>) {
        self.is_outside = false;
        self.add(check, State::Error, what.into(), Some(advice.into()));
    }

    /// Somebody else cannot be reached, or does not let us in.
    pub(super) fn unreachable(&mut self, check: &str, what: impl Into<String>, advice: impl Into<String>) {
        self.add(check, State::Error, what.into(), Some(advice.into()));
    }

    fn add(&mut self, check: &str, state: State, what: String, advice: Option<String>) {
        self.all.push(Finding { check: check.to_owned(), state, what, advice });
    }

    /// How the program ends.
    pub(super) fn exit(&self) -> Exit {
        match (self.all.iter().any(|finding| finding.state == State::Error), self.is_outside) {
            (false, _) => Exit::Done,
            (true, true) => Exit::Unreachable,
            (true, false) => Exit::Failed,
        }
    }
}
