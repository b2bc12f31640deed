//! What was probably meant by an expression that is none, and by a text that looks like one.

use crate::yaml::{Form, as_value};
use riposte_expr::Expression;
use std::ops::Range;

/// The values that every run has, and their properties; those of inputs and steps are the author's.
const FIXED: [(&str, &[&str]); 2] =
    [("trigger", &["kind", "name", "at", "body"]), ("run", &["id", "playbook", "started_at"])];

/// An expression without the braces that stand in it, if it is one then: as it is written as a value.
pub(super) fn without_braces(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once("{{") {
        let (inner, behind) = opened.split_once("}}")?;
        let before = before.strip_suffix('$').unwrap_or(before);
        plain.push_str(before);
        let inner = inner.trim();
        let is_part = !before.trim().is_empty() || !plain.trim().is_empty() || !behind.trim().is_empty();
        // Beside other operators, several of them stay together.
        if is_part
            && ["&&", "||", "?", " in ", "<", ">", "=="].iter().any(|operator| inner.contains(operator))
        {
            plain.extend(["(", inner, ")"]);
        } else {
            plain.push_str(inner);
        }
        rest = behind;
    }
    plain.push_str(rest);
    let plain = plain.trim();
    Expression::parse(plain).ok().map(|_| as_value(plain))
}

/// Whether braces stand in a text.
pub(super) fn has_braces(text: &str) -> bool {
    text.contains("${{") || text.trim_start().starts_with("{{")
}

/// The help for an unknown name that is compared with something, and so is probably text. `span` is its place.
pub(super) fn unquoted(text: &str, form: Form, span: &Range<usize>) -> Option<String> {
    let word = text.get(span.clone()).filter(|word| !word.is_empty())?;
    let before = text.get(..span.start)?.trim_end();
    let behind = text.get(span.end..)?.trim_start();
    let compared = before.ends_with("==") || before.ends_with("!=") || before.ends_with(['[', ',']);
    let ends = behind.is_empty() || behind.starts_with([']', ',', ')', '&', '|', '?', '}']);
    let sign = if form == Form::Double { '\'' } else { '"' };
    (compared && ends).then(|| format!("if it is meant as text, quote it: `{sign}{word}{sign}`"))
}

/// The reference that a text was probably meant to be: `inputs.x`, `$inputs.x`, `${inputs.x}`, `{{ inputs.x }}`.
pub(super) fn plain_reference(text: &str) -> Option<&str> {
    let text = text.trim();
    let braced = text
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"))
        .or_else(|| text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')));
    let inner = braced.or_else(|| text.strip_prefix('$')).unwrap_or(text).trim();
    let is_marked = inner.len() < text.len();
    let mut parts = inner.split('.');
    let root = parts.next()?;
    let first = parts.next()?;
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && part.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    };
    if !is_name(first) || !parts.clone().all(is_name) {
        return None;
    }
    let is_reference = match root {
        "inputs" => true,
        "steps" => parts.next().is_some(),
        // `run.sh` is a file.
        _ => FIXED
            .iter()
            .any(|(fixed, properties)| *fixed == root && (is_marked || properties.contains(&first))),
    };
    is_reference.then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_dropped_wherever_they_stand() {
        assert_eq!(without_braces("${{ inputs.x }} == 5").unwrap(), "inputs.x == 5");
        assert_eq!(without_braces("${{ inputs.x == 5 }}").unwrap(), "inputs.x == 5");
        assert_eq!(without_braces("{{ inputs.x }}").unwrap(), "inputs.x");
        assert_eq!(without_braces("${{ a || b }} && ${{ c }}").unwrap(), "(a || b) && c");
        assert_eq!(without_braces("${{ 'a' }} == b").unwrap(), "'''a'' == b'");
        assert_eq!(without_braces("${{ inputs.x"), None);
        assert_eq!(without_braces("${{ inputs. }} == 5"), None);
    }

    #[test]
    fn files_and_sentences_are_no_references() {
        for text in
            ["run.sh", "inputs", "inputs.", "steps.one", "inputs.x and more", "$", "$${{ inputs.x }}", "a.b"]
        {
            assert_eq!(plain_reference(text), None, "{text}");
        }
        for text in ["inputs.x", "$inputs.x", "${inputs.x}", "{{inputs.x}}", "{{ inputs.x }}"] {
            assert_eq!(plain_reference(text), Some("inputs.x"), "{text}");
        }
        assert_eq!(plain_reference("steps.a.output.id"), Some("steps.a.output.id"));
        assert_eq!(plain_reference("run.id"), Some("run.id"));
    }
}
