//! What can go wrong in one step, before it is known where the step stands.

use crate::ir::Span;
use crate::problem::{Problem, ProblemKind};

/// A problem without a place.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: ProblemKind,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Fault {
    pub(crate) fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Fault { kind, message: message.into(), help: None }
    }

    /// No result for these values.
    pub(crate) fn evaluation(message: impl Into<String>) -> Self {
        Fault::new(ProblemKind::Evaluation, message)
    }

    /// A value of the wrong type.
    pub(crate) fn wrong_type(message: impl Into<String>) -> Self {
        Fault::new(ProblemKind::Type, message)
    }

    /// A key or an index that is not there.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Fault::new(ProblemKind::Missing, message)
    }

    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The problem at a place.
    pub(crate) fn at(self, span: &Span) -> Problem {
        let label = match self.kind {
            ProblemKind::Missing => "not there",
            ProblemKind::Type => "of the wrong type",
            ProblemKind::Fuel => "stopped here",
            ProblemKind::Regex => "not a regular expression",
            _ => "has no result",
        };
        Problem { help: self.help, ..Problem::new(self.kind, span.clone(), self.message, label) }
    }
}
