//! `riposte check`

use crate::cli::{Check, Format};
use crate::command::configuration::{Origin, unused_credentials};
use crate::command::{library, print};
use crate::exit::{Exit, usage};
use crate::files;
use crate::render::style::Style;
use crate::render::{clean, github};
use anyhow::Result;
use riposte_actions::catalogue;
use riposte_playbook::{Loaded, MAX_SOURCE, Playbook, Report, Severity};
use riposte_server::config::{Config, SecretSource};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Where playbooks are if nobody says.
const HERE: &str = "playbooks";

pub(crate) fn run(arguments: &Check) -> Result<Exit> {
    let mut desk = Desk { format: arguments.format, style: Style::stdout(), findings: Vec::new() };
    let origin = arguments
        .config
        .as_deref()
        .and_then(|path| Origin::of(Some(path)).filter(|origin| origin.path.is_some()));
    let config = origin.as_ref().map(|origin| configuration(origin, &mut desk)).transpose()?;
    let named = match (&config, &arguments.paths[..]) {
        (None, []) => vec![PathBuf::from(HERE)],
        (Some(config), []) => config.as_ref().map(|config| config.playbooks.clone()).unwrap_or_default(),
        (_, paths) => paths.to_vec(),
    };
    let Checked { all, broken, playbooks } = playbooks(&named, &mut desk)?;
    if let (Some(origin), Some(Some(config))) = (&origin, &config) {
        secrets(origin, config, &playbooks, &mut desk)?;
        // Which are used is known when all playbooks are.
        let unused = (all > 0 && broken == 0).then(|| unused_credentials(config, &playbooks));
        for name in unused.into_iter().flatten() {
            let message = format!("no playbook uses the credential `{name}`");
            desk.about(Severity::Warning, &origin.to_string(), &clean(&message))?;
        }
    }
    let is_sound = !matches!(config, Some(None));
    let told = match (&origin, is_sound) {
        (None, _) => String::new(),
        (Some(origin), true) => format!("{origin} checked, no errors\n"),
        (Some(origin), false) => format!("{origin} checked, with errors\n"),
    };
    desk.close(&told, all, broken, is_sound)?;
    Ok(if broken == 0 && is_sound { Exit::Done } else { Exit::Failed })
}

/// Where findings go.
struct Desk {
    format: Format,
    style: Style,
    findings: Vec<Value>,
}

impl Desk {
    fn report(&mut self, report: &Report) -> Result<()> {
        match self.format {
            Format::Human if !report.is_empty() => print(&report.render(self.style.into())),
            Format::Human => Ok(()),
            Format::Json => {
                self.findings.extend(report.to_json().as_array().cloned().unwrap_or_default());
                Ok(())
            }
            Format::Github => github::annotations(report).try_for_each(|annotation| print(&annotation)),
        }
    }

    /// A file about which there is nothing to show but a sentence.
    fn about(&mut self, severity: Severity, file: &str, message: &str) -> Result<()> {
        match self.format {
            Format::Human => print(&format!("{}: {message}\n", severity.as_str())),
            Format::Json => {
                let finding =
                    serde_json::json!({ "severity": severity.as_str(), "file": file, "message": message });
                self.findings.push(finding);
                Ok(())
            }
            Format::Github => print(&github::about_file(severity, file, message)),
        }
    }

    /// What there is to say at the end.
    fn close(self, told: &str, all: usize, broken: usize, is_sound: bool) -> Result<()> {
        match self.format {
            Format::Json => print(&serde_json::to_string_pretty(&Value::Array(self.findings))?),
            Format::Human => {
                let words = match all {
                    0 => told.trim_end().to_owned(),
                    _ => format!("{told}{}", summary(all, broken)),
                };
                let is_well = broken == 0 && is_sound;
                print(&if is_well { self.style.good(&words) } else { self.style.bad(&words) })
            }
            // Every problem was told as it was found.
            Format::Github => Ok(()),
        }
    }
}

/// The configuration, if nothing is wrong with it.
fn configuration(origin: &Origin, desk: &mut Desk) -> Result<Option<Config>> {
    let text = match origin.text() {
        Ok(text) => text,
        Err(error) => {
            desk.about(Severity::Error, &origin.to_string(), &format!("{error:#}"))?;
            return Ok(None);
        }
    };
    match origin.parse(text.as_deref()) {
        Ok(config) => Ok(Some(config)),
        Err(reports) => {
            reports.iter().try_for_each(|report| desk.report(report))?;
            Ok(None)
        }
    }
}

/// Says which secrets cannot be read here. Where a configuration is checked is often not where it is used.
fn secrets(origin: &Origin, config: &Config, playbooks: &[Arc<Playbook>], desk: &mut Desk) -> Result<()> {
    let named =
        playbooks.iter().flat_map(|playbook| playbook.webhooks()).filter_map(|hook| hook.auth.credential());
    let mut wanted: BTreeMap<String, SecretSource> = named
        .map(|credential| (format!("the credential `{}`", credential.0), config.credential(&credential.0)))
        .collect();
    wanted.extend(config.secrets().into_iter().map(|(what, source)| (what, source.clone())));
    for (what, source) in wanted {
        if let Err(error) = source.read() {
            let message = format!("{what} cannot be read here: {:#}", anyhow::Error::new(error));
            desk.about(Severity::Warning, &origin.to_string(), &clean(&message))?;
        }
    }
    Ok(())
}

/// What became of playbooks.
struct Checked {
    all: usize,
    broken: usize,
    playbooks: Vec<Arc<Playbook>>,
}

fn playbooks(named: &[PathBuf], desk: &mut Desk) -> Result<Checked> {
    let mut paths = std::collections::BTreeSet::new();
    for path in named {
        // What cannot be opened is told about with the others, when it is read.
        paths.extend(files::playbooks(path).unwrap_or_else(|_| vec![path.clone()]));
    }
    let paths = distinct(paths);
    if paths.is_empty() && !named.is_empty() {
        return Err(usage("no playbooks there: a playbook is a file that ends in .yaml or .yml"));
    }
    let mut checked = Checked { all: paths.len(), broken: 0, playbooks: Vec::new() };
    let mut sources = Vec::new();
    for path in &paths {
        match files::read_text(path, MAX_SOURCE) {
            Ok(source) => sources.push((path.clone(), source)),
            Err(error) => {
                checked.broken += 1;
                desk.about(Severity::Error, &path.display().to_string(), &format!("{error:#}"))?;
            }
        }
    }
    for Loaded { report, playbook } in library::load(sources, &catalogue()).asked {
        desk.report(&report)?;
        checked.broken += usize::from(report.has_errors());
        checked.playbooks.extend(playbook);
    }
    Ok(checked)
}

/// Each file once, however it was named.
fn distinct(paths: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut seen = std::collections::BTreeSet::new();
    paths
        .into_iter()
        .filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())))
        .collect()
}

fn summary(all: usize, broken: usize) -> String {
    let files = if all == 1 { "playbook" } else { "playbooks" };
    match broken {
        0 => format!("{all} {files} checked, no errors"),
        _ => format!("{all} {files} checked, {broken} with errors"),
    }
}
