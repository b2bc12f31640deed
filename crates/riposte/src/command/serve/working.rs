//! What a daemon works with: configuration, playbooks and webhooks, loaded together, all or none.

use crate::cli::Serve;
use crate::command::configuration::{self, Origin};
use crate::command::library;
use crate::exit::usage;
use crate::files;
use crate::render::say;
use crate::render::style::Style;
use anyhow::Result;
use riposte_actions::catalogue;
use riposte_playbook::{Loaded, Playbook, Report, Severity};
use riposte_server::config::{Config, LISTEN, SecretError};
use riposte_server::hooks::Hooks;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where playbooks are if nobody says.
const HERE: &str = "playbooks";

/// The secret of every webhook of a daemon that acts on nobody.
const SIMULATED: &str = "only-a-simulated-secret";

/// What a daemon is loaded from, again and again.
pub(super) struct Sources {
    /// As the command line says; it counts more than the configuration.
    named: Vec<PathBuf>,
    listen: Option<SocketAddr>,
    origin: Option<Origin>,
}

/// All texts, as they were at one moment. Two that are the same give the same.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// The configuration's file, or why it cannot be read.
    config: Result<Option<String>, String>,
    /// Where playbooks are.
    pub(super) paths: Vec<PathBuf>,
    /// The playbooks, or why they cannot be read.
    playbooks: Result<Vec<(PathBuf, String)>, String>,
}

/// What is loaded.
pub(super) struct Working {
    pub(super) config: Option<Config>,
    pub(super) playbooks: Vec<Arc<Playbook>>,
    pub(super) hooks: Hooks,
}

impl Sources {
    /// What is only tried out has no configuration.
    pub(super) fn of(arguments: &Serve) -> Sources {
        let path = arguments.config.as_deref();
        let origin = if arguments.simulate { None } else { Origin::of(path) };
        Sources { named: arguments.playbooks.clone(), listen: arguments.listen, origin }
    }

    /// The configuration's file, if there is one.
    pub(super) fn config_file(&self) -> Option<&Path> {
        self.origin.as_ref().and_then(|origin| origin.path.as_deref())
    }

    /// Where to listen.
    pub(super) fn listen(&self, config: Option<&Config>) -> SocketAddr {
        self.listen.or(config.map(|config| config.listen)).unwrap_or(LISTEN)
    }

    /// Whether where to listen is said by the command line.
    pub(super) fn is_listen_named(&self) -> bool {
        self.listen.is_some()
    }

    /// Reads everything. What cannot be read is part of what is seen.
    pub(super) fn look(&self) -> Snapshot {
        let text = self.origin.as_ref().map_or(Ok(None), Origin::text).map_err(|error| format!("{error:#}"));
        let config = match (&self.origin, &text) {
            (Some(origin), Ok(text)) => origin.parse(text.as_deref()).ok(),
            _ => None,
        };
        let configured = config.map(|config| config.playbooks).filter(|paths| !paths.is_empty());
        let paths = match (&self.named[..], configured) {
            ([], Some(configured)) => configured,
            ([], None) => vec![PathBuf::from(HERE)],
            (named, _) => named.to_vec(),
        };
        let playbooks = files::sources(&paths).map_err(|error| format!("{error:#}"));
        Snapshot { config: text, paths, playbooks }
    }

    /// The configuration, if it has no error.
    pub(super) fn configuration(&self, snapshot: &Snapshot) -> Option<Config> {
        let text = snapshot.config.as_ref().ok()?;
        self.origin.as_ref()?.parse(text.as_deref()).ok()
    }

    /// The configuration, all playbooks and all webhooks, if none has an error.
    pub(super) fn load(&self, snapshot: &Snapshot) -> Result<Working> {
        let config = match &self.origin {
            Some(origin) => {
                let text = snapshot.config.clone().map_err(usage)?;
                Some(origin.parse(text.as_deref()).map_err(|reports| broken("configuration", &reports))?)
            }
            None => None,
        };
        let sources = snapshot.playbooks.clone().map_err(usage)?;
        if sources.is_empty() {
            return Err(usage("no playbooks there: a playbook is a file that ends in .yaml or .yml"));
        }
        let playbooks = playbooks(sources)?;
        let rate = config.as_ref().map(|config| config.webhooks).unwrap_or_default().rate;
        let secret = |name: &str| secret(config.as_ref(), name);
        let hooks = Hooks::new(&playbooks, rate, &secret);
        let hooks = hooks.map_err(|error| usage(format!("{:#}", anyhow::Error::new(error))))?;
        for name in config.iter().flat_map(|config| configuration::unused_credentials(config, &playbooks)) {
            tracing::warn!(credential = name, "no playbook uses this credential of the configuration");
        }
        if config.is_none() && hooks.iter().next().is_some() {
            say!("  the secret of every webhook is `{SIMULATED}`, since nothing real is acted on");
        }
        Ok(Working { config, playbooks, hooks })
    }
}

fn secret(config: Option<&Config>, name: &str) -> Result<SecretString, SecretError> {
    config.map_or_else(|| Ok(SIMULATED.into()), |config| config.credential(name).read())
}

fn playbooks(sources: Vec<(PathBuf, String)>) -> Result<Vec<Arc<Playbook>>> {
    let loaded = library::load(sources, &catalogue()).asked;
    let reports: Vec<Report> = loaded
        .iter()
        .filter(|loaded| loaded.report.has_errors())
        .map(|loaded| loaded.report.clone())
        .collect();
    if !reports.is_empty() {
        let what = if reports.len() == 1 { "playbook" } else { "playbooks" };
        return Err(broken(&format!("{} {what}", reports.len()), &reports));
    }
    Ok(loaded.into_iter().filter_map(|Loaded { playbook, .. }| playbook).collect())
}

/// Shows everything that is wrong, and gives the first of it as the error: there is more room in a log than in an answer.
fn broken(what: &str, reports: &[Report]) -> anyhow::Error {
    for report in reports {
        say!("{}", report.render(Style::stderr().into()));
    }
    let first = reports.iter().find_map(|report| {
        let mut errors = report.diagnostics().iter().filter(|problem| problem.severity == Severity::Error);
        Some((report, errors.next()?))
    });
    let first = first.map_or_else(String::new, |(report, problem)| {
        let place = report.place(&problem.primary.span);
        format!(", first at {}:{}:{}: {}", report.file(), place.line, place.column, problem.message)
    });
    usage(format!("{what} with errors{first}; all is loaded, or nothing"))
}
