//! Where a daemon and its journal are.

use crate::cli;
use crate::command::configuration;
use crate::compose;
use crate::exit::no_daemon;
use anyhow::Result;
use riposte_server::config::Config;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where systemd has the daemon of this machine listen (`RuntimeDirectory=riposte`); seen by root and the group `riposte`.
const SYSTEM_SOCKET: &str = "/run/riposte/riposte.sock";
/// Where it keeps its journal (`StateDirectory=riposte`).
const SYSTEM_DATA: &str = "/var/lib/riposte";

/// A place that was found.
pub(super) struct Place {
    pub(super) config: Option<Config>,
    pub(super) data_dir: PathBuf,
    pub(super) socket: PathBuf,
}

impl Place {
    /// Where the command line says; where it says nothing, the daemon of this machine if there is one that this user may speak
    /// to, else the user's own.
    pub(super) fn of(asked: &cli::Place) -> Result<Place> {
        Place::located(asked.data.data_dir.as_deref(), configuration::load(asked.config.as_deref())?)
    }

    /// The same with a configuration that was loaded.
    pub(super) fn located(data_dir: Option<&Path>, config: Option<Config>) -> Result<Place> {
        let system = Path::new(SYSTEM_SOCKET);
        let is_unnamed = data_dir.is_none() && config.is_none();
        if is_unnamed && is_there(system)? {
            return Ok(Place { config, data_dir: SYSTEM_DATA.into(), socket: system.to_owned() });
        }
        let data_dir = compose::data_dir(data_dir, config.as_ref())?;
        if is_unnamed && !data_dir.exists() && Path::new(SYSTEM_DATA).join(compose::JOURNAL).exists() {
            return Err(no_daemon(format!(
                "the daemon of this machine does not run: `systemctl status riposte` says why; its journal is read by `runuser -u \
                 riposte -- riposte ... --data-dir {SYSTEM_DATA}`"
            )));
        }
        let is_systems = data_dir == Path::new(SYSTEM_DATA) && system.exists();
        let socket = if is_systems { system.to_owned() } else { compose::socket(&data_dir) };
        Ok(Place { config, data_dir, socket })
    }
}

/// Whether this user may see the daemon of this machine. Whoever may not is told what to do about it.
fn is_there(system: &Path) -> Result<bool> {
    match system.try_exists() {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(no_daemon(
            "the daemon of this machine takes orders from root and the group `riposte` only: `sudo adduser YOU riposte`, and log in \
             again; --data-dir names a journal of your own",
        )),
        found => Ok(found.unwrap_or(false)),
    }
}
