//! Whether each secret can be read, and by whom else.

use super::finding::Findings;
use crate::command::configuration::unused_credentials;
use riposte_playbook::Playbook;
use riposte_server::config::{Config, SecretSource};
use riposte_server::hooks::Hooks;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

const CHECK: &str = "secret";

/// What everybody on this machine may do with a file: read it.
const FOR_ALL: u32 = 0o004;

/// Whether systemd has handed over credentials.
pub(super) fn is_started_by_systemd() -> bool {
    // There is a place for every credential exactly then.
    SecretSource::Credential(String::new()).file().is_some()
}

pub(super) fn look(config: &Config, playbooks: &[Arc<Playbook>], found: &mut Findings) {
    let mut wanted: BTreeMap<String, SecretSource> =
        config.secrets().into_iter().map(|(what, source)| (what, source.clone())).collect();
    let hooks: Vec<_> = playbooks.iter().flat_map(|playbook| playbook.webhooks()).collect();
    for credential in hooks.iter().filter_map(|hook| hook.auth.credential()) {
        wanted.insert(format!("the credential `{}`", credential.0), config.credential(&credential.0));
    }
    let mut all_there = true;
    for (what, source) in wanted {
        all_there &= one(&what, &source, found);
    }
    for name in unused_credentials(config, playbooks).filter(|_| !playbooks.is_empty()) {
        found.warning(
            CHECK,
            format!("no playbook uses the credential `{name}`"),
            "remove it from `credentials`, or correct its name",
        );
    }
    // What is missing has been told.
    if all_there && !hooks.is_empty() {
        guards(config, playbooks, found);
    }
}

/// Whether it can be read.
fn one(what: &str, source: &SecretSource, found: &mut Findings) -> bool {
    if let Err(error) = source.read() {
        let advice = match source {
            SecretSource::Env(_) => "set the variable where the daemon is started",
            SecretSource::Credential(_) => {
                "hand it over by systemd's LoadCredential=, or say in the configuration which file it is in"
            }
            SecretSource::File(_) | SecretSource::Simulated(_) => {
                "put it there, readable by the user that riposte runs as"
            }
        };
        found.error(CHECK, format!("{what}: {:#}", anyhow::Error::new(error)), advice);
        return false;
    }
    let file = source.file();
    let mode = file.as_ref().and_then(|file| Some(std::fs::metadata(file).ok()?.permissions().mode()));
    match (file, mode) {
        (Some(file), Some(mode)) if mode & FOR_ALL != 0 => {
            let file = file.display();
            found.warning(
                CHECK,
                format!("{what}: every user of this machine may read {file}"),
                format!("chmod o-rwx {file}"),
            );
        }
        _ => found.ok(CHECK, format!("{what} can be read")),
    }
    true
}

/// Whether webhooks can be guarded by them.
fn guards(config: &Config, playbooks: &[Arc<Playbook>], found: &mut Findings) {
    let secret = |name: &str| config.credential(name).read();
    match Hooks::new(playbooks, config.webhooks.rate, &secret) {
        Ok(hooks) => found.ok("webhooks", format!("{} can be guarded", hooks.iter().count())),
        Err(error) => {
            let what = format!("{:#}", anyhow::Error::new(error));
            found.error(
                "webhooks",
                what,
                "correct the playbook or the secret: the daemon does not load them",
            );
        }
    }
}
