//! Durations and paths.

use super::Checker;
use crate::diagnostic::quote;
use crate::yaml::{Field, Node, Spanned};
use crate::{Code, Diagnostic};
use riposte_expr::Path;
use riposte_model::parse_duration;
use std::time::Duration;

impl Checker<'_> {
    /// A duration longer than nothing.
    pub(super) fn duration(&mut self, field: Field<'_>) -> Option<Duration> {
        let name = quote(&field.key.value);
        let is_absent = field.value.value == Node::Null && field.value.span.is_empty();
        let span = if is_absent { field.key.span.clone() } else { field.value.span.clone() };
        let error = |message: String, label: &str| Diagnostic::error(Code::Duration, message, span, label);
        let problem = match &field.value.value {
            Node::Int(number) if *number > 0 => {
                error(format!("{name} needs a unit"), "of what?").with_help(format!("write `{number}s`"))
            }
            Node::Str(text) => match parse_duration(&text.value) {
                Ok(duration) if duration.is_zero() => {
                    error(format!("{name} must be longer than nothing"), "no time at all")
                }
                Ok(duration) => return Some(duration),
                Err(_) if text.value.contains("${{") => {
                    error(format!("{name} cannot be computed"), "an expression")
                        .with_help("durations are written out, like `90s` or `1h30m`")
                }
                Err(reason) => error(format!("{} is no duration", quote(&text.value)), "cannot be read")
                    .with_help(reason.to_string()),
            },
            _ => error(
                format!("{name} must be a duration"),
                if is_absent { "no value" } else { "not a duration" },
            )
            .with_help("write digits and a unit, like `90s`, `5m`, `1h30m` or `7d`"),
        };
        self.found.push(problem);
        None
    }

    /// A JSONPath.
    pub(super) fn path(&mut self, what: &str, node: &Spanned<Node>) -> Option<Path> {
        let Node::Str(text) = &node.value else {
            self.found.push(node.mismatch(what, "text"));
            return None;
        };
        match Path::parse(&text.value) {
            Ok(path) => Some(path),
            Err(problems) => {
                self.report_path(&node.span, text, problems);
                None
            }
        }
    }
}
