//! A scenario for the simulated tenant, from a file.

use crate::exit::usage;
use crate::files;
use crate::render::{clean, say};
use anyhow::Result;
use riposte_tenant::{Config, MAX_SCENARIO, Problem};
use std::path::Path;

/// Largest certificate or token that a scenario names.
const MAX_CREDENTIAL: usize = 64 * 1024;
/// How much of a line of the file is shown.
const MAX_SHOWN: usize = 160;

/// Reads a scenario. What it names is looked for beside it.
pub(super) fn load(path: &Path) -> Result<Config> {
    let name = path.display().to_string();
    let source = files::read_text(path, MAX_SCENARIO)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let read = |named: &Path| {
        files::read_text(&folder.join(named), MAX_CREDENTIAL).map_err(|error| error.to_string())
    };
    Config::from_scenario(&source, &read).map_err(|error| {
        for problem in &error.problems {
            say!("{}", shown(&name, &source, problem));
        }
        usage(format!("{name} has errors; no tenant was started"))
    })
}

/// A problem with the line that it is about.
fn shown(name: &str, source: &str, problem: &Problem) -> String {
    let message = clean(&problem.message);
    let index = usize::try_from(problem.line).ok().and_then(|line| line.checked_sub(1));
    let Some(line) = index.and_then(|index| source.lines().nth(index)) else {
        return format!("error: {name}: {message}");
    };
    let number = problem.line.to_string();
    let margin = " ".repeat(number.len());
    let column = usize::try_from(problem.column).unwrap_or_default().saturating_sub(1);
    let line = clean(&line.chars().take(MAX_SHOWN).collect::<String>());
    let mark = if column < MAX_SHOWN { format!("{}^", " ".repeat(column)) } else { String::new() };
    format!(
        "error: {message}\n{margin}--> {name}:{number}:{}\n{margin} |\n{number} | {line}\n{margin} | {mark}\n",
        problem.column
    )
}
