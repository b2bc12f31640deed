//! What a doctor found, for people and for programs.

use super::style::Style;
use super::{clean, table as columns};
use serde_json::{Value, json};

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// What was looked at.
    pub(crate) check: String,
    pub(crate) state: State,
    /// How it is.
    pub(crate) what: String,
    /// What to do.
    pub(crate) advice: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// As it should be.
    Ok,
    /// It works, but somebody should look.
    Warning,
    /// It does not work.
    Error,
    /// It was not looked at.
    Skipped,
}

impl State {
    /// The word for it.
    fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Error => "error",
            State::Skipped => "skipped",
        }
    }
}

/// A line for each, one more for what to do, and how many there are at the end.
pub(crate) fn table(findings: &[Finding], style: Style) -> String {
    let rows: Vec<Vec<String>> = findings
        .iter()
        .map(|finding| vec![finding.state.as_str().to_owned(), clean(&finding.check), clean(&finding.what)])
        .collect();
    let mut lines = Vec::new();
    for (line, finding) in columns(&rows).into_iter().zip(findings) {
        let word = finding.state.as_str();
        let rest = line.strip_prefix(word).unwrap_or(&line);
        let word = match finding.state {
            State::Ok => style.good(word),
            State::Warning => style.warn(word),
            State::Error => style.bad(word),
            State::Skipped => style.dim(word),
        };
        lines.push(format!("{word}{rest}"));
        lines.extend(finding.advice.as_ref().map(|advice| format!("         → {}", clean(advice))));
    }
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (errors, warnings) = (count(State::Error), count(State::Warning));
    let words = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let end = format!("{}, {}", words(errors, "error"), words(warnings, "warning"));
    lines.push(String::new());
    lines.push(if errors > 0 { style.bad(&end) } else { style.good(&end) });
    lines.join("\n")
}

/// A list `checks` with `check`, `state`, `message` and `advice` (or null) of each.
pub(crate) fn document(findings: &[Finding]) -> Value {
    let checks: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "check": finding.check,
                "state": finding.state.as_str(),
                "message": finding.what,
                "advice": finding.advice,
            })
        })
        .collect();
    json!({ "checks": checks })
}
