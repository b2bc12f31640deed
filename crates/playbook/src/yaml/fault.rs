//! What is wrong with a text as YAML, in words for people.

use super::{Limits, slip};
use crate::{Code, Diagnostic, Diagnostics};
use serde_saphyr::granit_parser::ErrorKind;
use std::ops::Range;

/// The file is larger than what is read.
pub(crate) fn too_large(bytes: usize, limit: usize) -> Diagnostic {
    Diagnostic::error(
        Code::FileTooLarge,
        format!("the file has {bytes} bytes, and at most {limit} are read"),
        0..0,
        "",
    )
    .with_help("keep data out of it: let a step fetch it, or split the file")
}

/// Reports what YAML does not allow in a text (section 5.1), and says whether the text has none of it.
pub(super) fn characters(source: &str, found: &mut Diagnostics) -> bool {
    let before = found.len();
    for (at, character) in source.char_indices() {
        // Nearly all of it is printable ASCII; the rest is looked at closely.
        let fits = matches!(character, ' '..='~' | '\n' | '\r' | '\t' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
        if !fits {
            found.push(
                Diagnostic::error(
                    Code::Character,
                    format!("the character U+{:04X} must not stand in a file", u32::from(character)),
                    at..at + character.len_utf8(),
                    "an invisible character",
                )
                .with_help("remove it; in text, write it as an escape inside of \"...\""),
            );
            if found.is_full() {
                break;
            }
        }
    }
    found.len() == before
}

/// More keys and values than are read.
pub(super) fn too_many_nodes(limit: usize) -> Diagnostic {
    Diagnostic::error(Code::TooManyNodes, format!("the file has more than {limit} keys and values"), 0..0, "")
        .with_help("split it into several files, or let a step fetch the data")
}

/// Nested deeper than is read.
pub(super) fn too_deep(source: &str, start: usize, limit: usize) -> Diagnostic {
    Diagnostic::error(
        Code::TooDeep,
        format!("more than {limit} mappings and lists inside each other"),
        character_at(source, start),
        "too deep",
    )
    .with_help("split what is nested into parts of their own")
}

/// A key that is a list, a mapping or nothing.
pub(super) fn bad_key(span: Range<usize>) -> Diagnostic {
    Diagnostic::error(Code::Key, "a key must be text", span, "not text")
        .with_help("if it is meant as text, put it in quotes")
}

/// The parser's complaint.
pub(super) fn syntax(source: &str, kind: &ErrorKind, offset: usize, limits: &Limits) -> Diagnostic {
    if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        return too_deep(source, offset, limits.depth);
    }
    let before = source.get(..offset).unwrap_or_default();
    let is_behind_tab = before.ends_with('\t')
        && matches!(
            kind,
            ErrorKind::TabInBlockIndentation | ErrorKind::TabNotAllowed | ErrorKind::TabInIndentation
        );
    // The parser stands behind the tabs that it complains about.
    let span = if is_behind_tab {
        before.trim_end_matches('\t').len()..offset
    } else {
        character_at(source, offset)
    };
    if let Some(slip) = slip::find(source, kind, span.start) {
        return slip;
    }
    if let Some(braces) = unquoted_expression(source, span.start) {
        let (message, label) = match source.as_bytes().get(span.start) {
            Some(b':') => ("an expression that holds `: ` needs quotes", "YAML takes the `:` for its own"),
            _ => {
                let message = "inside of `{ }` and `[ ]` an expression needs quotes";
                (message, "YAML takes these braces for its own")
            }
        };
        let expression = source.get(braces.clone()).unwrap_or("${{ ... }}");
        let quoted = match expression.contains(['"', '\\']) {
            true => slip::single_quoted(expression),
            false => format!("\"{expression}\""),
        };
        return Diagnostic::error(Code::Yaml, message, braces, label).with_help(format!("write {quoted}"));
    }
    let (message, label, help) = describe(kind);
    let message = message.map_or_else(|| kind.to_string(), str::to_owned);
    Diagnostic::error(Code::Yaml, message, span, label).with_help_if(help.map(str::to_owned))
}

type Words = (Option<&'static str>, &'static str, Option<&'static str>);

/// Message, label, help. Without a message the parser's own serves: it is about rare things.
fn describe(kind: &ErrorKind) -> Words {
    match kind {
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => (
            Some("a `:` stands where no key can be"),
            "unexpected here",
            Some("check the indentation, or put text that holds `: ` in quotes"),
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey | ErrorKind::ExpectedBlockMappingKey => (
            Some("a key and its `:` were expected"),
            "not a key",
            Some("check the indentation: keys of one mapping begin in one column"),
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            Some("the next item of a list was expected"),
            "not an item",
            Some("check the indentation: items of one list begin with `- ` in one column"),
        ),
        ErrorKind::BlockSequenceEntryNotAllowed => (
            Some("an item of a list cannot stand here"),
            "unexpected here",
            Some("check the indentation: items of one list begin with `- ` in one column"),
        ),
        ErrorKind::InvalidIndentation => {
            (Some("the indentation fits nothing above"), "indented wrongly", None)
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => {
            (Some("a tab is no indentation"), "a tab", Some("indent with spaces"))
        }
        ErrorKind::UnclosedQuotedScalar => (
            Some("a quote is not closed"),
            "opened here",
            Some("write the same quote once more where the text ends"),
        ),
        ErrorKind::ExpectedFlowMappingSeparator => {
            (Some("a `{` is not closed, or a `,` is missing"), "expected `,` or `}`", None)
        }
        ErrorKind::ExpectedFlowSequenceSeparator => {
            (Some("a `[` is not closed, or a `,` is missing"), "expected `,` or `]`", None)
        }
        ErrorKind::UnclosedFlowCollection { .. } => (Some("a `{` or `[` is not closed"), "opened here", None),
        ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            (Some("a `{` or `[` is not closed"), "the file ends here", None)
        }
        ErrorKind::UnknownQuotedScalarEscape => (
            Some("a text in double quotes holds an escape that does not exist"),
            "not an escape",
            Some("write `\\\\` for a backslash, or use single quotes"),
        ),
        ErrorKind::UnexpectedCharacter { .. } => (
            Some("a value cannot begin with this character"),
            "unexpected here",
            Some("put the text in quotes"),
        ),
        ErrorKind::DirectiveDisallowed => {
            (Some("directives are not used here"), "a directive", Some("remove the line"))
        }
        _ => (None, "here", None),
    }
}

/// The character at a byte, or the end of the text.
fn character_at(source: &str, offset: usize) -> Range<usize> {
    let mut start = offset.min(source.len());
    while !source.is_char_boundary(start) {
        start -= 1;
    }
    let length = source[start..].chars().next().filter(|c| !c.is_whitespace()).map_or(0, char::len_utf8);
    start..start + length
}

/// `${{ x }}` without quotes inside of a flow collection: YAML reads `$`, then a mapping.
fn unquoted_expression(source: &str, offset: usize) -> Option<Range<usize>> {
    let line = source[..offset].rfind('\n').map_or(0, |at| at + 1);
    let start =
        line + source.get(line..)?.get(..offset - line + 3).unwrap_or(&source[line..]).rfind("${{")?;
    let rest = source.get(start..)?.lines().next()?;
    let end = rest.find("}}").map_or(rest.trim_end().len(), |at| at + 2);
    // Only where the parser stumbled over it: at its first brace, or inside.
    (start < offset && offset <= start + end).then_some(start..start + end)
}
