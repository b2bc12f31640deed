//! What a daemon works with: playbooks and webhooks, loaded together, all or none.

use crate::cli::Serve;
use crate::command::library;
use crate::exit::usage;
use crate::files;
use crate::render::say;
use crate::render::style::Style;
use anyhow::Result;
use riposte_actions::catalogue;
use riposte_playbook::{Loaded, MAX_SOURCE, Playbook};
use riposte_server::config::{Config, LISTEN, SecretError, SecretSource, WebhooksConfig};
use riposte_server::hooks::Hooks;
use riposte_server::http::Limits;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Where playbooks are if nobody says.
const HERE: &str = "playbooks";

/// The secret of every webhook of a daemon that acts on nobody.
const SIMULATED: &str = "only-a-simulated-secret";

/// What is loaded.
pub(super) struct Working {
    pub(super) sources: Sources,
    pub(super) playbooks: Vec<Arc<Playbook>>,
    pub(super) hooks: Hooks,
}

/// What it is loaded from, again and again.
pub(super) struct Sources {
    pub(super) listen: SocketAddr,
    paths: Vec<PathBuf>,
    webhooks: WebhooksConfig,
    simulated: bool,
}

impl Working {
    /// As the command line and the configuration say; the command line counts more.
    pub(super) fn load(arguments: &Serve, config: Option<&Config>) -> Result<Working> {
        let configured = config.map_or(&[][..], |config| &config.playbooks);
        let paths = if arguments.playbooks.is_empty() { configured } else { &arguments.playbooks };
        let paths = if paths.is_empty() { vec![PathBuf::from(HERE)] } else { paths.to_vec() };
        let listen = arguments.listen.or(config.map(|config| config.listen)).unwrap_or(LISTEN);
        let webhooks = config.map(|config| config.webhooks).unwrap_or_default();
        let sources = Sources { listen, paths, webhooks, simulated: config.is_none() };
        let (playbooks, hooks) = sources.load()?;
        if sources.simulated && hooks.iter().next().is_some() {
            say!("  the secret of every webhook is `{SIMULATED}`, since nothing real is acted on");
        }
        Ok(Working { sources, playbooks, hooks })
    }
}

impl Sources {
    pub(super) fn limits(&self) -> Limits {
        Limits::of(&self.webhooks)
    }

    /// All playbooks and webhooks, if none has an error.
    pub(super) fn load(&self) -> Result<(Vec<Arc<Playbook>>, Hooks)> {
        let playbooks = playbooks(&self.paths)?;
        let secret = |name: &str| self.secret(name);
        let hooks = Hooks::new(&playbooks, self.webhooks.rate, &secret);
        Ok((playbooks, hooks.map_err(|error| usage(format!("{:#}", anyhow::Error::new(error))))?))
    }

    fn secret(&self, name: &str) -> Result<SecretString, SecretError> {
        if self.simulated {
            return Ok(SIMULATED.into());
        }
        SecretSource::Credential(name.to_owned()).read()
    }
}

fn playbooks(paths: &[PathBuf]) -> Result<Vec<Arc<Playbook>>> {
    let mut sources = Vec::new();
    for path in paths {
        for file in files::playbooks(path)? {
            let source = files::read_text(&file, MAX_SOURCE)?;
            sources.push((file, source));
        }
    }
    if sources.is_empty() {
        return Err(usage("no playbooks there: a playbook is a file that ends in .yaml or .yml"));
    }
    let mut loaded = Vec::new();
    let mut broken = 0_usize;
    for Loaded { report, playbook } in library::load(sources, &catalogue()).asked {
        if report.has_errors() {
            broken += 1;
            say!("{}", report.render(Style::stderr().into()));
        }
        loaded.extend(playbook);
    }
    if broken > 0 {
        return Err(usage(format!("{broken} playbooks have errors: all are loaded, or none")));
    }
    Ok(loaded)
}
