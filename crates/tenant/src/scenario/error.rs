//! What is wrong with a scenario, and where.

use std::fmt;

use serde_saphyr::Spanned;

use super::MAX_SCENARIO;

/// A place in the file, from 1; 0 where it is not known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    line: u64,
    column: u64,
}

impl Place {
    pub(super) fn of<T>(entry: &Spanned<T>) -> Self {
        Self { line: entry.referenced.line(), column: entry.referenced.column() }
    }

    pub(super) fn problem(self, message: String) -> Problem {
        Problem { line: self.line, column: self.column, message }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its line, from 1; 0 where it is not known.
    pub line: u64,
    /// Its column in characters, from 1; 0 where it is not known.
    pub column: u64,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// A scenario that no tenant can begin with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the scenario has errors: {}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct ScenarioError {
    /// Everything that is wrong, in the order of the file. At least one.
    pub problems: Vec<Problem>,
}

impl ScenarioError {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    pub(super) fn too_large() -> Self {
        let message = format!("the scenario is over the limit of {MAX_SCENARIO} bytes");
        Self::new(vec![Place::default().problem(message)])
    }

    /// No YAML, or not of the form of a scenario.
    pub(super) fn of_form(error: &serde_saphyr::Error) -> Self {
        let place = error.location().map_or_else(Place::default, |location| Place {
            line: location.line(),
            column: location.column(),
        });
        let said = error.without_snippet().to_string();
        // The place is told apart, and by the message again.
        let message = said.split(" at line ").next().unwrap_or(&said).trim();
        Self::new(vec![place.problem(message.to_owned())])
    }
}
