//! `riposte doctor`: whether all is there that runs need. It changes nothing, and works whether the daemon runs or not.

mod daemon;
mod defender;
mod disk;
mod finding;
mod outside;
mod secrets;

use crate::cli::Doctor;
use crate::command::configuration::Origin;
use crate::command::place::Place;
use crate::command::{library, show};
use crate::exit::Exit;
use crate::files;
use crate::render::doctor as render;
use crate::render::style::Style;
use anyhow::Result;
use finding::Findings;
use riposte_actions::catalogue;
use riposte_playbook::Playbook;
use riposte_server::config::{Config, ConnectionConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where secrets are beside a configuration, for the unit that hands them over as credentials.
const CREDENTIALS: &str = "credentials";

pub(crate) async fn run(arguments: Doctor) -> Result<Exit> {
    let mut found = Findings::new();
    let origin = Origin::of(arguments.place.config.as_deref());
    let mut config = configuration(origin.as_ref(), &mut found);
    let paths = config.as_ref().map(|config| config.playbooks.as_slice());
    let playbooks = paths.map(|paths| playbooks(paths, &mut found)).unwrap_or_default();
    if let Some(config) = &mut config {
        as_the_unit_sees_it(origin.as_ref().and_then(|origin| origin.path.as_deref()), config, &playbooks);
    }
    let place = Place::located(arguments.place.data.data_dir.as_deref(), config)?;
    if let Some(config) = &place.config {
        secrets::look(config, &playbooks, &mut found);
        for (name, connection) in &config.connections {
            match connection {
                ConnectionConfig::Defender(defender) => {
                    defender::look(name, defender, &playbooks, &place.data_dir, &mut found).await;
                }
                ConnectionConfig::Http(http) => outside::look(name, http, &mut found).await,
            }
        }
    }
    disk::look(&place.data_dir, &mut found).await;
    daemon::look(&place, &mut found).await;
    show(arguments.output, || render::table(found.all(), Style::stdout()), || render::document(found.all()))?;
    Ok(found.exit())
}

/// The configuration, if it can be used.
fn configuration(origin: Option<&Origin>, found: &mut Findings) -> Option<Config> {
    const CHECK: &str = "configuration";
    let Some(origin) = origin else {
        let what = "none is named: connections, secrets and playbooks are not looked at";
        found.warning(CHECK, what, "name it by --config FILE");
        return None;
    };
    let text = match origin.text() {
        Ok(text) => text,
        Err(error) => {
            found.error(CHECK, format!("{error:#}"), "name a file that this user may read by --config FILE");
            return None;
        }
    };
    match origin.parse(text.as_deref()) {
        Ok(config) => {
            found.ok(CHECK, format!("{origin} has no errors"));
            Some(config)
        }
        Err(reports) => {
            let problems: usize = reports.iter().map(|report| report.diagnostics().len()).sum();
            let what = if problems == 1 { "error" } else { "errors" };
            found.error(
                CHECK,
                format!("{origin} has {problems} {what}"),
                format!("`riposte check --config {origin}` shows what to do"),
            );
            None
        }
    }
}

/// Who was not started by systemd has no credentials. The unit takes them from a folder beside the configuration, which whoever
/// may look into it can look at in its stead.
fn as_the_unit_sees_it(file: Option<&Path>, config: &mut Config, playbooks: &[Arc<Playbook>]) {
    let folder = file.and_then(Path::parent).map(|folder| folder.join(CREDENTIALS));
    let Some(folder) = folder.filter(|folder| folder.is_dir() && !secrets::is_started_by_systemd()) else {
        return;
    };
    for webhook in playbooks.iter().flat_map(|playbook| playbook.webhooks()) {
        if let Some(credential) = webhook.auth.credential() {
            let place = config.credential(&credential.0);
            config.credentials.insert(credential.0.clone(), place);
        }
    }
    config.take_credentials_from(&folder);
}

/// The playbooks of the configuration, as far as they load.
fn playbooks(paths: &[PathBuf], found: &mut Findings) -> Vec<Arc<Playbook>> {
    const CHECK: &str = "playbooks";
    if paths.is_empty() {
        found.skipped(CHECK, "the configuration names none: what they need is not looked at");
        return Vec::new();
    }
    let sources = match files::sources(paths) {
        Ok(sources) => sources,
        Err(error) => {
            found.error(CHECK, format!("{error:#}"), "correct `playbooks` in the configuration");
            return Vec::new();
        }
    };
    let loaded = library::load(sources, &catalogue()).asked;
    let broken: Vec<&str> = loaded
        .iter()
        .filter(|loaded| loaded.report.has_errors())
        .map(|loaded| loaded.report.file())
        .collect();
    match (loaded.len(), broken.first()) {
        (0, _) => found.error(CHECK, "there are none", "a playbook is a file that ends in .yaml or .yml"),
        (count, None) => found.ok(CHECK, format!("{count} without errors")),
        (count, Some(first)) => found.error(
            CHECK,
            format!("of {count}, {} with errors: the daemon loads all, or none", broken.len()),
            format!("`riposte check {first}` shows what to do"),
        ),
    }
    loaded.into_iter().filter_map(|loaded| loaded.playbook).collect()
}
