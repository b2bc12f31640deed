//! Compiles patterns, and checks the texts that are written in an expression and read by it.

use regex::{Regex, RegexBuilder};

use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::{blob, format, net, time};
use crate::function::{Function, Net};
use crate::ir::{Kind, Node};
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

/// What a pattern costs to compile: 1, 4, 16 or 64 times 4 KiB of compiled form. Measured by limits, so that it is the same
/// on every machine.
pub(crate) fn cost(source: &str) -> usize {
    let fits = |cost: &usize| RegexBuilder::new(source).size_limit(cost << 12).build().is_ok();
    [1, 4, 16].into_iter().find(fits).unwrap_or(64)
}

/// The problem with a literal that can only fail: a timestamp, a duration, a time zone, an address, a network, base64, a
/// format.
pub(crate) fn literals(function: Function, operands: &[Node]) -> Option<Problem> {
    let position = match function {
        Function::Get(_) | Function::Net(Net::ContainsIp | Net::ContainsCidr) => 1,
        _ => 0,
    };
    let node = operands.get(position)?;
    let text = node.as_text()?;
    let fault = match function {
        Function::ToTimestamp => time::parse_timestamp(text).err(),
        Function::ToDuration => time::parse_duration(text).err(),
        Function::Get(_) => time::parse_zone(text).err(),
        Function::Net(Net::Ip | Net::IsCanonical | Net::ContainsIp) => net::parse_ip(text).err(),
        Function::Net(Net::Cidr | Net::ContainsCidr) => net::parse_cidr(text).err(),
        Function::Base64Decode => blob::decode(text, &Fuel::new(u64::MAX)).err(),
        Function::Format => format::clauses(text).and_then(|clauses| counted(clauses, operands)).err(),
        _ => None,
    }?;
    Some(Problem {
        help: fault.help,
        ..Problem::new(ProblemKind::Type, node.span.clone(), fault.message, "cannot be read")
    })
}

/// A format takes at least as many items as it has clauses, if the list is written out.
fn counted(clauses: usize, operands: &[Node]) -> Result<(), Fault> {
    match operands.get(1).map(|node| &node.kind) {
        Some(Kind::List(items)) if items.len() < clauses => Err(format::too_few(items.len())),
        _ => Ok(()),
    }
}
