//! Names that the author chooses.

use super::Checker;
use crate::diagnostic::quote;
use crate::load::Found;
use crate::yaml::{Field, Spanned};
use crate::{Code, Diagnostic};
use riposte_model::PlaybookName;
use std::ops::Range;

/// Longest name in bytes.
const MAX_NAME: usize = 64;

fn is_word(text: &str, separator: u8) -> bool {
    text.len() <= MAX_NAME
        && text.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && text.bytes().last() != Some(separator)
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == separator)
}

/// Checks a name that expressions use: `what` is "a step's id".
pub(super) fn check_identifier(what: &str, name: &str, span: &Range<usize>, found: &mut Found) -> bool {
    let fits = is_word(name, b'_');
    if !fits {
        found.push(
            Diagnostic::error(
                Code::Name,
                format!("{} cannot be {what}", quote(name)),
                span.clone(),
                "not in snake_case",
            )
            .with_help(format!(
                "{what} is snake_case: a lower-case letter, then lower-case letters, digits and `_`, at most {MAX_NAME} \
                 characters"
            )),
        );
    }
    fits
}

impl Checker<'_> {
    pub(super) fn playbook_name(&mut self, field: Field<'_>) -> Option<PlaybookName> {
        let text = field.text(&mut self.found)?;
        match PlaybookName::parse(&text.value) {
            Ok(name) => Some(name),
            Err(error) => {
                self.found.push(
                    Diagnostic::error(
                        Code::Name,
                        format!("{} cannot be a playbook's name", quote(&text.value)),
                        field.value.span.clone(),
                        "not in kebab-case",
                    )
                    .with_help(error.rule),
                );
                None
            }
        }
    }

    /// The last part of a webhook's address.
    pub(super) fn webhook_name(&mut self, field: Field<'_>) -> Option<String> {
        let text = field.text(&mut self.found)?;
        if is_word(&text.value, b'-') {
            return Some(text.value.clone());
        }
        self.found.push(
            Diagnostic::error(
                Code::Name,
                format!("{} cannot be a webhook's name", quote(&text.value)),
                field.value.span.clone(),
                "not in kebab-case",
            )
            .with_help("it is the last part of an address: lower-case letters, digits and `-`"),
        );
        None
    }

    pub(super) fn identifier(&mut self, what: &str, name: &Spanned<String>) -> bool {
        check_identifier(what, &name.value, &name.span, &mut self.found)
    }
}
