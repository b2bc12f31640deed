//! `riposte check`

use crate::cli::{Check, Format};
use crate::command::{library, print};
use crate::exit::{Exit, usage};
use crate::files;
use crate::render::github;
use crate::render::style::Style;
use anyhow::Result;
use riposte_actions::catalogue;
use riposte_playbook::{Loaded, MAX_SOURCE};
use serde_json::Value;
use std::path::PathBuf;

pub(crate) fn run(arguments: &Check) -> Result<Exit> {
    let mut paths = std::collections::BTreeSet::new();
    for path in &arguments.paths {
        // What cannot be opened is told about with the others, when it is read.
        paths.extend(files::playbooks(path).unwrap_or_else(|_| vec![path.clone()]));
    }
    let paths = distinct(paths);
    if paths.is_empty() {
        return Err(usage("no playbooks there: a playbook is a file that ends in .yaml or .yml"));
    }
    let style = Style::stdout();
    let mut findings: Vec<Value> = Vec::new();
    let mut broken = 0;
    let mut sources = Vec::new();
    for path in &paths {
        match files::read_text(path, MAX_SOURCE) {
            Ok(source) => sources.push((path.clone(), source)),
            Err(error) => {
                broken += 1;
                let name = path.display().to_string();
                report_file(arguments.format, &name, &format!("{error:#}"), &mut findings)?;
            }
        }
    }
    for Loaded { report, .. } in library::load(sources, &catalogue()).asked {
        match arguments.format {
            Format::Human if !report.is_empty() => print(&report.render(style.into()))?,
            Format::Human => {}
            Format::Json => findings.extend(report.to_json().as_array().cloned().unwrap_or_default()),
            Format::Github => github::annotations(&report).try_for_each(|annotation| print(&annotation))?,
        }
        broken += usize::from(report.has_errors());
    }
    match arguments.format {
        Format::Json => print(&serde_json::to_string_pretty(&Value::Array(findings))?)?,
        Format::Human => print(&summary(paths.len(), broken, style))?,
        // Every problem was told as it was found.
        Format::Github => {}
    }
    Ok(if broken == 0 { Exit::Done } else { Exit::Failed })
}

/// Each file once, however it was named.
fn distinct(paths: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut seen = std::collections::BTreeSet::new();
    paths
        .into_iter()
        .filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())))
        .collect()
}

/// A file about which there is nothing to show but a sentence.
fn report_file(format: Format, file: &str, message: &str, findings: &mut Vec<Value>) -> Result<()> {
    match format {
        Format::Human => print(&format!("error: {message}\n")),
        Format::Json => {
            findings.push(serde_json::json!({ "severity": "error", "file": file, "message": message }));
            Ok(())
        }
        Format::Github => print(&github::about_file(file, message)),
    }
}

fn summary(all: usize, broken: usize, style: Style) -> String {
    let files = if all == 1 { "playbook" } else { "playbooks" };
    match broken {
        0 => style.good(&format!("{all} {files} checked, no errors")),
        _ => style.bad(&format!("{all} {files} checked, {broken} with errors")),
    }
}
