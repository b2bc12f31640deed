//! Compiles patterns, and checks the times that are written in an expression.

use regex::{Regex, RegexBuilder};

use crate::eval::time;
use crate::function::Function;
use crate::ir::Node;
use crate::problem::{Problem, ProblemKind};

/// Most bytes of a pattern.
const MOST_PATTERN_BYTES: usize = 1024;
/// Most bytes that a compiled pattern, or its cache, may take.
const MOST_COMPILED_BYTES: usize = 1 << 18;

/// Compiles a regular expression that runs in linear time; the error is one line.
pub(crate) fn pattern(source: &str) -> Result<Regex, String> {
    if source.len() > MOST_PATTERN_BYTES {
        return Err(format!("a regular expression has at most {MOST_PATTERN_BYTES} bytes"));
    }
    RegexBuilder::new(source)
        .size_limit(MOST_COMPILED_BYTES)
        .dfa_size_limit(MOST_COMPILED_BYTES)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the regular expression is too large when compiled".to_owned(),
            // Drawn over several lines; the last one says what is wrong.
            error => {
                let text = error.to_string();
                let line = text.lines().last().unwrap_or_default().trim();
                let line = line.strip_prefix("error: ").unwrap_or(line);
                format!("not a regular expression: {}", crate::text::shown(line))
            }
        })
}

/// The problem with a literal timestamp, duration or time zone, if there is one.
pub(crate) fn time_literals(function: Function, operands: &[Node]) -> Option<Problem> {
    let position = usize::from(matches!(function, Function::Get(_)));
    let node = operands.get(position)?;
    let text = node.as_text()?;
    let fault = match function {
        Function::ToTimestamp => time::parse_timestamp(text).err(),
        Function::ToDuration => time::parse_duration(text).err(),
        Function::Get(_) => time::parse_zone(text).err(),
        _ => None,
    }?;
    Some(Problem {
        help: fault.help,
        ..Problem::new(ProblemKind::Type, node.span.clone(), fault.message, "cannot be read")
    })
}
