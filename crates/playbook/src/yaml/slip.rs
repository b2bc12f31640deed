//! Slips of people who write YAML: a quote inside of quotes, a blank that is missing, a column too many.
//!
//! The parser complains where it can no longer go on, which is often behind the slip. What was meant is told from the
//! lines around that place, and only after the parser has refused the file: nothing here decides what YAML is.

use super::{Form, Text};
use crate::diagnostic::quote;
use crate::{Code, Diagnostic};
use serde_saphyr::granit_parser::ErrorKind;
use std::ops::Range;

/// How many lines above the complaint are looked at.
const LOOK_BACK: usize = 100;
/// Longest line that is looked at, in bytes.
const LONGEST_LINE: usize = 1000;

/// One line of the file.
#[derive(Clone, Copy)]
struct Line<'s> {
    start: usize,
    text: &'s str,
}

/// A text in quotes, in bytes of its line.
struct Quoted {
    open: usize,
    /// Its closing quote, if that is in the same line.
    close: Option<usize>,
    in_flow: bool,
}

/// The slip behind the parser's complaint, if it is a known one.
pub(super) fn find(source: &str, kind: &ErrorKind, offset: usize) -> Option<Diagnostic> {
    let lines = lines_up(source, offset);
    let here = *lines.first()?;
    if let Some(problem) = bare_cron(source, offset) {
        return Some(problem);
    }
    let unclosed = matches!(kind, ErrorKind::UnclosedQuotedScalar);
    if !unclosed && let Some(problem) = quote_inside(here, offset) {
        return Some(problem);
    }
    match kind {
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            lines.iter().skip(1).find_map(|line| open_quote(*line))
        }
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::SimpleKeyExpected
        | ErrorKind::InvalidSimpleKey
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::InvalidIndentation => {
            let above = lines.iter().skip(1).find(|line| !line.is_blank());
            std::iter::once(&here).chain(above).find_map(|line| glued(*line)).or_else(|| indentation(&lines))
        }
        _ => None,
    }
}

/// `schedule: */15 * * * *`, which YAML takes for an alias and then for nothing.
pub(super) fn bare_cron(source: &str, offset: usize) -> Option<Diagnostic> {
    let line = *lines_up(source, offset).first()?;
    let (before, value) = line.text.split_once("schedule:").filter(|(before, _)| !before.contains('{'))?;
    let value = value.trim_start();
    let start = line.start + line.text.len() - value.len();
    let text = value.split(" #").next().unwrap_or_default().trim_end();
    let is_key = before.trim_start_matches([' ', '-']).is_empty();
    (is_key && text.starts_with('*') && (start..start + text.len()).contains(&offset)).then(|| {
        Diagnostic::error(
            Code::Yaml,
            "a text that begins with `*` needs quotes",
            start..start + text.len(),
            "YAML takes `*` for its own",
        )
        .with_help(format!("write `schedule: \"{text}\"`"))
    })
}

/// The line of a place and those above it, upwards.
fn lines_up(source: &str, offset: usize) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut end =
        source.get(offset..).and_then(|rest| rest.find('\n')).map_or(source.len(), |at| offset + at);
    while lines.len() < LOOK_BACK {
        let above = source.get(..end).unwrap_or_default();
        let start = above.rfind('\n').map_or(0, |at| at + 1);
        let text = above.get(start..).unwrap_or_default().trim_end();
        if text.len() > LONGEST_LINE {
            break;
        }
        lines.push(Line { start, text });
        match start.checked_sub(1) {
            Some(before) => end = before,
            None => break,
        }
    }
    lines
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.trim_start().is_empty() || self.text.trim_start().starts_with('#')
    }

    fn at(&self, part: Range<usize>) -> Range<usize> {
        self.start + part.start..self.start + part.end
    }

    /// The texts in quotes that begin where a value or a key can.
    fn quoted(&self) -> Vec<Quoted> {
        let bytes = self.text.as_bytes();
        let is_blank = |at: usize| bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t'));
        let (mut found, mut depth, mut may_begin, mut at) = (Vec::new(), 0usize, true, 0);
        while let Some(byte) = bytes.get(at) {
            let begins = may_begin;
            may_begin = match byte {
                b' ' | b'\t' => may_begin,
                b'#' if at == 0 || is_blank(at - 1) => break,
                b'"' | b'\'' if begins => {
                    let close = closing(bytes, at);
                    found.push(Quoted { open: at, close, in_flow: depth > 0 });
                    match close {
                        Some(close) => at = close,
                        None => break,
                    }
                    false
                }
                b'{' | b'[' if begins => {
                    depth += 1;
                    true
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    false
                }
                b',' => depth > 0,
                b'-' | b'?' => begins && is_blank(at + 1),
                b':' => is_blank(at + 1),
                _ => false,
            };
            at += 1;
        }
        found
    }

    /// The columns in which the line's items and its key begin: `- - a: 1` has three. Bytes of the line.
    fn columns(&self) -> Vec<Column<'_>> {
        let mut columns = Vec::new();
        let mut at = self.text.len() - self.text.trim_start_matches(' ').len();
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            match rest.strip_prefix('-') {
                Some("") => {
                    columns.push(Column { at, key: None });
                    return columns;
                }
                Some(behind) if behind.starts_with(' ') => {
                    columns.push(Column { at, key: None });
                    at = self.text.len() - behind.trim_start_matches(' ').len();
                }
                _ => {
                    let end = rest.find(": ").or_else(|| rest.strip_suffix(':').map(str::len));
                    let key = end.and_then(|end| rest.get(..end)).filter(|key| is_name(key));
                    columns.extend(key.map(|key| Column { at, key: Some(key) }));
                    return columns;
                }
            }
        }
    }
}

/// Where an item (without a key) or a key begins.
#[derive(Clone, Copy)]
struct Column<'s> {
    at: usize,
    key: Option<&'s str>,
}

/// The place of the quote that closes the text opened at `open`.
fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let sign = *bytes.get(open)?;
    let mut at = open + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if sign == b'"' => at += 1,
            _ if *byte != sign => {}
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 1,
            _ => return Some(at),
        }
        at += 1;
    }
    None
}

/// `"a "b" c"`: the second quote ends the text.
fn quote_inside(line: Line<'_>, offset: usize) -> Option<Diagnostic> {
    let stumbled = offset.checked_sub(line.start)?;
    let (quoted, close) = line.quoted().into_iter().find_map(|quoted| {
        let close = quoted.close?;
        let behind = line.text.get(close + 1..)?;
        let next = behind.trim_start();
        let ends = next.is_empty()
            || next.starts_with(':')
            || (next.starts_with('#') && next.len() < behind.len())
            || (quoted.in_flow && next.starts_with([',', '}', ']']));
        (!ends && quoted.open < stumbled).then_some((quoted, close))
    })?;
    let problem = Diagnostic::error(
        Code::Yaml,
        "a text in quotes ends at the next such quote",
        line.at(close..close + 1),
        "the text ends here",
    )
    .with_secondary(line.at(quoted.open..quoted.open + 1), "it begins here");
    let general = "put single quotes around the whole text, and write `''` for each `'` inside of it";
    Some(problem.with_help(match meant(line.text, &quoted) {
        Some(text) => format!("write `{}`", single_quoted(&text)),
        None => general.to_owned(),
    }))
}

/// The text that somebody meant who wrote quotes inside of quotes; none if that is not plain to see.
fn meant(line: &str, quoted: &Quoted) -> Option<String> {
    let sign = *line.as_bytes().get(quoted.open)? as char;
    let rest = line.get(quoted.open..)?;
    let ends_here = |at: usize| {
        let behind = rest.get(at + 1..).unwrap_or_default().trim_start();
        let inside = rest.get(..at).unwrap_or_default();
        let whole = inside.matches("${{").count() <= inside.matches("}}").count();
        whole && (behind.is_empty() || (quoted.in_flow && behind.starts_with([',', '}', ']'])))
    };
    let first = closing(line.as_bytes(), quoted.open)? - quoted.open;
    let end = rest.match_indices(sign).map(|(at, _)| at).find(|at| *at > first && ends_here(*at));
    let (whole, inner) = match end {
        Some(end) => (rest.get(..=end)?, rest.get(1..end)?),
        // It begins with a quote, and ends with something else: the whole line, outside of braces.
        None if !quoted.in_flow => (rest, rest),
        None => return None,
    };
    // `"a" == "b"` begins and ends with quotes of its own.
    let text = if !has_pairs(inner, sign) && has_pairs(whole, sign) { whole } else { inner };
    if text.contains(": ") || text.contains(" #") {
        return None;
    }
    Some(match sign {
        '"' => text.replace("\\\"", "\""),
        _ => text.replace("''", "'"),
    })
}

/// Whether every quote opens or closes something, as it seems.
fn has_pairs(text: &str, sign: char) -> bool {
    let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let places: Vec<usize> = text.match_indices(sign).map(|(at, _)| at).collect();
    places.len().is_multiple_of(2)
        && places.iter().enumerate().all(|(number, at)| match number % 2 {
            0 => !is_word(text[..*at].chars().next_back()),
            _ => !is_word(text[at + 1..].chars().next()),
        })
}

/// A text as it stands in single quotes.
pub(super) fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// An expression as a value of a key: in quotes where YAML would read it otherwise.
pub(crate) fn as_value(expression: &str) -> String {
    let is_plain = !expression
        .starts_with(['"', '\'', '[', '{', '!', '&', '*', '|', '>', '%', '@', '`', '#', '-', '?'])
        && !expression.contains(": ")
        && !expression.contains(" #")
        && !expression.contains('\n')
        && !expression.ends_with(':');
    if is_plain { expression.to_owned() } else { single_quoted(expression) }
}

/// A quote that is opened in this line and not closed in it.
fn open_quote(line: Line<'_>) -> Option<Diagnostic> {
    let quoted = line.quoted().into_iter().find(|quoted| quoted.close.is_none())?;
    Some(
        Diagnostic::error(
            Code::Yaml,
            "a quote is not closed",
            line.at(quoted.open..quoted.open + 1),
            "opened here",
        )
        .with_help("write the same quote once more where the text ends"),
    )
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'))
}

/// `-id: a`: a dash and a name.
pub(super) fn is_glued_dash(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()))
}

/// The place of the colon in `id:a`, and not in a URL.
fn glued_colon(text: &str) -> Option<usize> {
    let (name, behind) = text.split_once(':')?;
    let is_glued = !behind.is_empty() && !behind.starts_with([' ', '\t', '/', ':', '\\', '\n', '\r']);
    (is_glued && is_name(name)).then_some(name.len())
}

/// A `:` or `-` without a blank behind it.
fn glued(line: Line<'_>) -> Option<Diagnostic> {
    let mut at = line.text.len() - line.text.trim_start_matches(' ').len();
    while let Some(behind) = line.text.get(at..).and_then(|rest| rest.strip_prefix("- ")) {
        at = line.text.len() - behind.trim_start_matches(' ').len();
    }
    let rest = line.text.get(at..)?;
    if is_glued_dash(rest) {
        return Some(after_dash(line.start + at, rest));
    }
    glued_colon(rest).map(|colon| after_colon(line.start + at, rest, colon))
}

/// A text where a mapping should be, if it is `id:a`.
pub(super) fn glued_key(text: &Text, span: &Range<usize>) -> Option<Diagnostic> {
    let colon = glued_colon(&text.value).filter(|_| text.form == Form::Bare)?;
    Some(after_colon(span.start, &text.value, colon))
}

/// The report about `-id: a`, which begins at `start`.
pub(super) fn after_dash(start: usize, text: &str) -> Diagnostic {
    let item = text.trim_start_matches('-').trim_end();
    // As a key it has come without its value.
    let more = if item.contains(':') { "" } else { ": ..." };
    Diagnostic::error(Code::Yaml, "a blank is missing after `-`", start..start + 1, "no blank behind it")
        .with_help(format!("write `- {item}{more}`"))
}

/// The report about `id:a`, which begins at `start` and has its colon at `colon`.
fn after_colon(start: usize, text: &str, colon: usize) -> Diagnostic {
    let (name, value) = text.split_at(colon);
    let value = value.get(1..).unwrap_or_default().lines().next().unwrap_or_default();
    let like = value.chars().next().filter(|first| first.is_whitespace());
    let label = match like {
        Some(character) => format!("{} only looks like a blank", quote(&character.to_string())),
        None => "no blank behind it".to_owned(),
    };
    Diagnostic::error(Code::Yaml, "a blank is missing after `:`", start + colon..start + colon + 1, label)
        .with_help(format!("write `{name}: {}`", value.trim()))
}

/// A key or an item that begins in a column of its own.
fn indentation(lines: &[Line<'_>]) -> Option<Diagnostic> {
    let here = *lines.first()?;
    let column = *here.columns().first()?;
    // The first of what belongs to the key above begins where it likes.
    let above = lines.iter().skip(1).find(|line| !line.is_blank())?;
    if above.text.ends_with(':') && above.columns().last().is_some_and(|parent| parent.at < column.at) {
        return None;
    }
    let mut nearest: Option<(usize, Line<'_>, Column<'_>)> = None;
    let mut least = usize::MAX;
    for line in lines.iter().skip(1).filter(|line| !line.is_blank()) {
        // From the deepest column outwards: what is deeper than one seen below has ended.
        for other in line.columns().iter().rev().filter(|other| other.at < least) {
            if other.key.is_some() == column.key.is_some() {
                let distance = other.at.abs_diff(column.at);
                if nearest.is_none_or(|(best, ..)| distance < best) {
                    nearest = Some((distance, *line, *other));
                }
            }
        }
        least = line.columns().first().map_or(least, |first| first.at.min(least));
        if least == 0 {
            break;
        }
    }
    let (distance, line, other) = nearest?;
    if distance == 0 {
        return None;
    }
    let name = |column: Column<'_>| column.key.map_or("-".to_owned(), str::to_owned);
    let what = if column.key.is_some() { "key" } else { "item" };
    let side = if column.at < other.at { "less" } else { "more" };
    let width = name(column).len();
    Some(
        Diagnostic::error(
            Code::Yaml,
            match column.key {
                Some(key) => format!("the key {} is indented {side} than its neighbours", quote(key)),
                None => format!("an item of a list is indented {side} than its neighbours"),
            },
            here.at(column.at..column.at + width),
            format!("begins in column {}", column.at + 1),
        )
        .with_secondary(
            line.at(other.at..other.at + name(other).len()),
            format!("this {what} begins in column {}", other.at + 1),
        )
        .with_help(format!(
            "begin it in column {}: {distance} {}",
            other.at + 1,
            match (distance, side) {
                (1, "less") => "blank more",
                (1, _) => "blank less",
                (_, "less") => "blanks more",
                _ => "blanks less",
            }
        )),
    )
}
