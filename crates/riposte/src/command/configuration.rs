//! The configuration that a command is given: a file, and the environment.

use crate::cli;
use crate::exit::usage;
use crate::files;
use crate::render::say;
use crate::render::style::Style;
use anyhow::Result;
use riposte_playbook::{Playbook, Report};
use riposte_server::config::{self, Config, Overrides};
use std::path::{Path, PathBuf};

/// Where a configuration is read from, again and again.
pub(super) struct Origin {
    /// The file, if one is named.
    pub(super) path: Option<PathBuf>,
    overrides: Overrides,
}

impl Origin {
    /// Of this file, if one is named, and of this process's environment. None if neither says anything. An empty path, as an
    /// empty variable gives it, names none.
    pub(super) fn of(path: Option<&Path>) -> Option<Origin> {
        let path = path.filter(|path| !path.as_os_str().is_empty()).map(Path::to_owned);
        let overrides = Overrides::from_environment(&cli::variables());
        (path.is_some() || !overrides.is_empty()).then_some(Origin { path, overrides })
    }

    /// The file's text, if there is a file.
    pub(super) fn text(&self) -> Result<Option<String>> {
        self.path.as_deref().map(|path| files::read_text(path, config::MAX_SOURCE)).transpose()
    }

    /// What a text, and the environment, say.
    pub(super) fn parse(&self, text: Option<&str>) -> Result<Config, Vec<Report>> {
        let name = self.to_string();
        config::load_with(text.map(|text| (name.as_str(), text)), &self.overrides)
    }

    /// Loads it; prints what is wrong with it to stderr.
    pub(super) fn load(&self) -> Result<Config> {
        self.parse(self.text()?.as_deref()).map_err(|reports| {
            for report in &reports {
                say!("{}", report.render(Style::stderr().into()));
            }
            usage(format!("{self} has errors; nothing was run"))
        })
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.path {
            Some(path) => path.display().fmt(f),
            None => f.write_str("the configuration in the environment"),
        }
    }
}

/// Loads the configuration, if there is one; prints what is wrong with it to stderr.
pub(super) fn load(path: Option<&Path>) -> Result<Option<Config>> {
    Origin::of(path).map(|origin| origin.load()).transpose()
}

/// The credentials that a configuration says the place of, and none of these playbooks uses.
pub(super) fn unused_credentials<'c>(
    config: &'c Config,
    playbooks: &[std::sync::Arc<Playbook>],
) -> impl Iterator<Item = &'c str> {
    let used: std::collections::BTreeSet<String> = playbooks
        .iter()
        .flat_map(|playbook| playbook.webhooks())
        .filter_map(|webhook| webhook.auth.credential())
        .map(|credential| credential.0.clone())
        .collect();
    config.credentials.keys().map(String::as_str).filter(move |name| !used.contains(*name))
}
