//! Diagnostics as GitHub's workflow commands: printed in a job, each becomes an annotation in the pull request.
//!
//! A command is one line, `::error file=…,line=…::message`. What would end a line, a property or a command is written as
//! `%` and two hexadecimal digits, in properties `:` and `,` too. Source: GitHub Actions, "Workflow commands", and the
//! encoding of its own toolkit (`packages/core/src/command.ts`).

use super::clean;
use riposte_playbook::{Diagnostic, Report, Severity};

/// A command for each problem.
pub(crate) fn annotations(report: &Report) -> impl Iterator<Item = String> {
    report.diagnostics().iter().map(|diagnostic| annotation(report, diagnostic))
}

fn annotation(report: &Report, diagnostic: &Diagnostic) -> String {
    let place = report.place(&diagnostic.primary.span);
    let mut properties = vec![
        ("file", path(report.file())),
        ("line", place.line.to_string()),
        ("endLine", place.end_line.to_string()),
    ];
    // Columns of an annotation are those of one line.
    if place.line == place.end_line {
        properties.push(("col", place.column.to_string()));
        properties.push(("endColumn", place.end_column.to_string()));
    }
    properties.push(("title", diagnostic.code.to_string()));
    let help = diagnostic.help.iter().map(|help| format!("\nhelp: {}", clean(help)));
    let message = clean(&diagnostic.message) + &help.collect::<String>();
    command(diagnostic.severity, &properties, &message)
}

/// A command about a file as a whole.
pub(crate) fn about_file(severity: Severity, file: &str, message: &str) -> String {
    command(severity, &[("file", path(file))], &clean(message))
}

fn command(severity: Severity, properties: &[(&str, String)], message: &str) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    format!("::{} {}::{}", severity.as_str(), properties.join(","), data(message))
}

/// Annotations are attached to files by their path from the root of the repository, in which checks run.
fn path(file: &str) -> String {
    clean(file.strip_prefix("./").unwrap_or(file))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_command_or_begins_one() {
        let line = about_file(Severity::Error, "./a,line=9::b%0A.yaml", "100 % sure\r\n::error::of, it");
        assert_eq!(line, "::error file=a%2Cline=9%3A%3Ab%250A.yaml::100 %25 sure\\r ::error::of, it");
        assert_eq!(data("a\n%b\r"), "a%0A%25b%0D");
    }
}
