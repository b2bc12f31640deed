//! Everything found in one file, for people and for programs.

mod draw;
mod lines;

use crate::{Diagnostic, Severity};
use lines::Lines;
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::Arc;

pub(crate) use lines::Lines as LineIndex;

/// Whether a drawing may hold escape codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    Plain,
    /// With ANSI escape codes for colour.
    Colour,
}

/// Where something stands. Lines and columns count from 1, columns in characters; the end is behind the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line in which it begins.
    pub line: usize,
    /// The column in which it begins.
    pub column: usize,
    /// The line in which it ends.
    pub end_line: usize,
    /// The column before which it ends.
    pub end_column: usize,
}

/// What was found in one file, in the order of the file.
#[derive(Clone, Debug)]
pub struct Report {
    file: String,
    source: Arc<str>,
    lines: Lines,
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// A report about a file, called `file`, with this text. A problem that says nothing of what to do says what its
    /// code advises: whoever reads a report is never left alone with a problem.
    pub fn new(
        file: impl Into<String>,
        source: impl Into<Arc<str>>,
        mut diagnostics: Vec<Diagnostic>,
    ) -> Report {
        diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.primary.span.end));
        for diagnostic in diagnostics.iter_mut().filter(|diagnostic| diagnostic.help.is_empty()) {
            diagnostic.help.push(diagnostic.code.advice().to_owned());
        }
        let source = source.into();
        Report { file: file.into(), lines: Lines::new(&source), source, diagnostics }
    }

    /// How the file is called.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The file's text; empty if it was too large to read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What was found, in the order of the file.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Where some bytes of the file stand.
    pub fn place(&self, span: &Range<usize>) -> Place {
        let (line, column) = self.lines.position(&self.source, span.start);
        let (end_line, end_column) = self.lines.position(&self.source, span.end);
        Place { line, column, end_line, end_column }
    }

    /// Whether the file can not be used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Draws every problem with the lines it is about. What is drawn holds no control character of the file, and in
    /// [`Style::Plain`] none at all but line feeds.
    pub fn render(&self, style: Style) -> String {
        draw::draw(self, style)
    }

    /// A list with `code`, `severity`, `message`, `file`, `line`, `column`, `end_line`, `end_column`, `label` and
    /// `help` of each problem. Lines and columns count from 1, columns in characters.
    pub fn to_json(&self) -> Value {
        self.diagnostics
            .iter()
            .map(|diagnostic| {
                let Place { line, column, end_line, end_column } = self.place(&diagnostic.primary.span);
                json!({
                    "code": diagnostic.code.as_str(),
                    "severity": diagnostic.severity.as_str(),
                    "message": diagnostic.message,
                    "file": self.file,
                    "line": line,
                    "column": column,
                    "end_line": end_line,
                    "end_column": end_column,
                    "label": diagnostic.primary.text,
                    "help": diagnostic.help,
                })
            })
            .collect()
    }
}
