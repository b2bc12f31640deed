//! The texts that a configuration is read from: its file, then variables of the environment, one behind the other, so that a
//! place in any of them is one range of bytes.

use riposte_playbook::{Diagnostic, Report};
use std::ops::Range;

/// All texts.
pub(super) struct Sources {
    /// One behind the other.
    pub(super) text: String,
    parts: Vec<Part>,
}

struct Part {
    name: String,
    span: Range<usize>,
}

impl Sources {
    /// The file alone.
    pub(super) fn of(file: &str, source: &str) -> Sources {
        let part = Part { name: file.to_owned(), span: 0..source.len() };
        Sources { text: source.to_owned(), parts: vec![part] }
    }

    /// Adds one more, and says where it begins.
    pub(super) fn add(&mut self, name: &str, text: &str) -> usize {
        // Between them, so that the end of one is not the beginning of the next.
        self.text.push('\n');
        let start = self.text.len();
        self.text.push_str(text);
        self.parts.push(Part { name: name.to_owned(), span: start..self.text.len() });
        start
    }

    /// A report of each text in which something was found. `shown` is the whole text, with secrets blanked out.
    pub(super) fn reports(&self, shown: &str, found: Vec<Diagnostic>) -> Vec<Report> {
        let mut by_part: Vec<Vec<Diagnostic>> = self.parts.iter().map(|_| Vec::new()).collect();
        for problem in found {
            let start = problem.primary.span.start;
            let part = self.parts.iter().position(|part| start <= part.span.end).unwrap_or_default();
            by_part[part].push(within(problem, &self.parts[part].span));
        }
        let parts = self.parts.iter().zip(by_part).filter(|(_, problems)| !problems.is_empty());
        parts
            .map(|(part, problems)| Report::new(part.name.as_str(), &shown[part.span.clone()], problems))
            .collect()
    }
}

/// A problem as its own text sees it. What it points at elsewhere is left out.
fn within(mut problem: Diagnostic, part: &Range<usize>) -> Diagnostic {
    let moved = |span: &Range<usize>| {
        let (start, end) = (span.start.max(part.start), span.end.min(part.end));
        start - part.start..end.max(start) - part.start
    };
    problem.primary.span = moved(&problem.primary.span);
    problem.secondary.retain(|label| part.start <= label.span.start && label.span.end <= part.end);
    for label in &mut problem.secondary {
        label.span = moved(&label.span);
    }
    problem
}
