//! What can be wrong with an expression, a template or a path, and where.

use std::ops::Range;

/// One thing wrong, placed in its own source text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What sort of thing it is.
    pub kind: ProblemKind,
    /// Where, in bytes of the text given to `parse`. Always on character boundaries and inside the text.
    pub span: Range<usize>,
    /// One lowercase line that stands alone.
    pub message: String,
    /// A few words about exactly that place.
    pub label: String,
    /// What to write instead, if we can tell.
    pub help: Option<String>,
}

/// The sorts of problem. The last three arise at evaluation only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// The text is not an expression.
    Syntax,
    /// The text is longer than we read.
    TooLong,
    /// Too many nodes, nested too deep, or too many loops within loops.
    TooComplex,
    /// A name or a property that is not in scope.
    UnknownName,
    /// A function that does not exist.
    UnknownFunction,
    /// Part of the language, but not of what we run.
    Unsupported,
    /// A value of one type where another is needed.
    Type,
    /// A literal that the value it is compared with can never have.
    Choice,
    /// A regular expression that does not compile.
    Regex,
    /// A JSONPath that does not compile, or that we refuse.
    Path,
    /// A key or an index that was not there.
    Missing,
    /// The evaluation has no result: overflow, division by zero, a text that is no number.
    Evaluation,
    /// The evaluation took more steps, or copied more, than it may.
    Fuel,
}

impl Problem {
    pub(crate) fn new(
        kind: ProblemKind,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Problem { kind, span, message: message.into(), label: label.into(), help: None }
    }

    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem, in a text that holds this one's text from byte `by` on.
    #[must_use]
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.span = self.span.start + by..self.span.end + by;
        self
    }
}
