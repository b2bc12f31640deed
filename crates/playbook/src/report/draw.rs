//! Draws problems like rustc does.

use super::{Lines, Report, Style};
use crate::{Diagnostic, Label, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// Lines this far from each other are drawn as two pieces.
const FAR: usize = 40;
/// A longer line is not drawn: nobody could find the place in it.
const LONGEST_LINE: usize = 1000;

pub(super) fn draw(report: &Report, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    let mut text = String::new();
    for diagnostic in &report.diagnostics {
        let drawing = Drawing { report, lines: &report.lines, file: printable(&report.file) };
        let drawn = renderer.render(&[drawing.group(diagnostic)]);
        // Without a line of the file there are no line numbers, and the arrow would stand in their column.
        match drawn.split_once('\n').filter(|_| !drawing.shows_line(&diagnostic.primary)) {
            Some((title, rest)) => text.extend([title, "\n ", rest]),
            None => text.push_str(&drawn),
        }
        text.push_str("\n\n");
    }
    let length = text.trim_end().len();
    text.truncate(length);
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

struct Drawing<'r> {
    report: &'r Report,
    lines: &'r Lines,
    file: String,
}

/// A label within one line.
struct Mark<'d> {
    line: usize,
    span: Range<usize>,
    label: &'d Label,
    kind: AnnotationKind,
}

impl Drawing<'_> {
    fn group<'d>(&'d self, diagnostic: &'d Diagnostic) -> Group<'d> {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(printable(&diagnostic.message)).id(diagnostic.code.as_str());
        let primary = self.mark(&diagnostic.primary, AnnotationKind::Primary);
        let mut group = if !self.shows_line(&diagnostic.primary) {
            let (line, column) = self.lines.position(&self.report.source, primary.span.start);
            title.element(Origin::path(self.file.clone()).line(line).char_column(column))
        } else {
            let mut marks = vec![primary];
            marks.extend(
                diagnostic
                    .secondary
                    .iter()
                    .map(|label| self.mark(label, AnnotationKind::Context))
                    .filter(|mark| self.lines.bytes(mark.line).len() <= LONGEST_LINE),
            );
            title.elements(pieces(marks).iter().map(|marks| self.snippet(marks)))
        };
        for help in &diagnostic.help {
            group = group.element(Level::HELP.message(printable(help)));
        }
        group
    }

    /// Whether the line of a label is there, and short enough to be drawn.
    fn shows_line(&self, label: &Label) -> bool {
        let line = self.lines.line(label.span.start.min(self.report.source.len()));
        !self.report.source.is_empty() && self.lines.bytes(line).len() <= LONGEST_LINE
    }

    /// A label as it is drawn: on the first of its lines.
    fn mark<'d>(&self, label: &'d Label, kind: AnnotationKind) -> Mark<'d> {
        let start = label.span.start.min(self.report.source.len());
        let line = self.lines.line(start);
        let end = label.span.end.clamp(start, self.lines.bytes(line).end.max(start));
        let text = self.report.source.get(start..end).unwrap_or_default();
        Mark { line, span: start..start + text.trim_end().len(), label, kind }
    }

    fn snippet<'d>(&'d self, marks: &[Mark<'d>]) -> Snippet<'d, annotate_snippets::Annotation<'d>> {
        let first = marks.iter().map(|mark| mark.line).min().unwrap_or_default();
        let last = marks.iter().map(|mark| mark.line).max().unwrap_or_default();
        let window = self.lines.bytes(first).start..self.lines.bytes(last).end;
        let source = visible(self.report.source.get(window.clone()).unwrap_or_default());
        Snippet::source(source).line_start(first + 1).path(self.file.clone()).annotations(marks.iter().map(
            |mark| {
                let span = mark.span.start - window.start..mark.span.end - window.start;
                let text = (!mark.label.text.is_empty()).then(|| printable(&mark.label.text));
                mark.kind.span(span).label(text)
            },
        ))
    }
}

/// Labels near to each other are drawn in one piece, with the primary one in the first.
fn pieces(marks: Vec<Mark<'_>>) -> Vec<Vec<Mark<'_>>> {
    let mut pieces: Vec<Vec<Mark<'_>>> = Vec::new();
    for mark in marks {
        let near =
            pieces.iter_mut().find(|piece| piece.iter().any(|other| other.line.abs_diff(mark.line) <= FAR));
        match near {
            Some(piece) => piece.push(mark),
            None => pieces.push(vec![mark]),
        }
    }
    pieces
}

/// Whether a character would act on a terminal, or stand there without being seen.
fn is_treacherous(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Whether a character looks like a blank, or like nothing, and is not one.
fn is_like_blank(character: char) -> bool {
    (character.is_whitespace() && character != ' ')
        || matches!(
            character,
            '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        )
}

/// A message as it may reach a terminal: on one line, control characters and what cannot be seen written out.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_treacherous(character) || is_like_blank(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Lines of the file as they may reach a terminal. Every stand-in has the length of what it stands for, so that places
/// stay right.
fn visible(source: &str) -> String {
    let mut shown = String::with_capacity(source.len());
    for character in source.chars() {
        match (is_treacherous(character), character.len_utf8()) {
            (false, _) => shown.push(character),
            (true, 1) if matches!(character, '\n' | '\t') => shown.push(character),
            // The carriage return of a line break is no part of the line.
            (true, 1) if character == '\r' => shown.push(' '),
            (true, 1) => shown.push('?'),
            (true, 2) => shown.push('¿'),
            (true, _) => shown.push('\u{fffd}'),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_as_long_as_what_they_stand_for() {
        for character in (0..=0x10ffff).filter_map(char::from_u32) {
            let text = character.to_string();
            let shown = visible(&text);
            assert_eq!(shown.len(), text.len(), "{character:?}");
            assert!(!shown.chars().any(|c| is_treacherous(c) && c != '\n' && c != '\t'), "{character:?}");
        }
    }
}
