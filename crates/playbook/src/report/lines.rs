//! From bytes to lines and columns.

use std::ops::Range;

/// Where each line of a text begins.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    starts: Vec<usize>,
    end: usize,
}

impl Lines {
    pub(crate) fn new(source: &str) -> Lines {
        let starts = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Lines { starts, end: source.len() }
    }

    /// The number of the line that holds this byte, from 0.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line, without its line feed.
    pub(crate) fn bytes(&self, line: usize) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(self.end);
        let end = self.starts.get(line + 1).map_or(self.end, |next| next - 1);
        start..end
    }

    /// Line and column (in characters), both from 1.
    pub(crate) fn position(&self, source: &str, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.bytes(line).start;
        let before = source.get(start..offset.min(source.len())).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }
}
