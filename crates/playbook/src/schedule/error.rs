//! What is wrong with a text that should be a cron expression.

use std::ops::Range;

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CronError {
    /// What kind of mistake it is.
    pub fault: CronFault,
    /// One lowercase line that stands alone.
    pub message: String,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// A few words about exactly that place.
    pub label: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
}

/// Kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CronFault {
    /// It cannot be read.
    Syntax,
    /// It can be read, and there is no such day.
    NeverFires,
}

impl CronError {
    pub(super) fn syntax(
        message: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
    ) -> CronError {
        CronError { fault: CronFault::Syntax, message: message.into(), span, label: label.into(), help: None }
    }

    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> CronError {
        self.help = Some(help.into());
        self
    }
}
