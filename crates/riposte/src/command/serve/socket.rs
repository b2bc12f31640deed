//! The socket at which the daemon takes commands.

use crate::compose;
use anyhow::{Context, Result};
use riposte_server::api::{self, Api, Local};
use riposte_server::http::{self, Limits};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::UnixListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Its owner and its group may connect; which group that is, the folder and the process say.
const MODE: u32 = 0o660;

/// A folder beside it in which it is made.
const WORKSHOP: &str = ".new";

/// The socket, once it is bound.
pub(super) struct Socket {
    listener: UnixListener,
    local: Local,
    path: PathBuf,
    /// Where whoever knows only the data folder finds it, if it is not there itself.
    link: Option<PathBuf>,
}

impl Socket {
    /// The one of this folder: in the folder that systemd has made for the daemon (`RuntimeDirectory=`, systemd.exec(5)), with a link
    /// to it, else in its own. Whoever stops everything by naming the data folder must not be told that no daemon is there.
    pub(super) fn bind(data_dir: &Path) -> Result<Socket> {
        let found = compose::socket(data_dir);
        let path = runtime_directory().map_or_else(|| found.clone(), |folder| folder.join(compose::SOCKET));
        let listener = bind(&path).with_context(|| format!("cannot listen on {}", path.display()))?;
        let local = Local::at(&path).with_context(|| format!("cannot look at {}", path.display()))?;
        let link = (found != path).then_some(found);
        if let Some(link) = &link {
            let _ = std::fs::remove_file(link);
            symlink(&path, link).with_context(|| format!("cannot make the link {}", link.display()))?;
        }
        Ok(Socket { listener, local, path, link })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Serves the API there, until it is told to stop; then the socket is gone.
    pub(super) fn serve(self, api: Arc<Api>, stop: CancellationToken) -> JoinHandle<()> {
        let Socket { listener, local, path, link } = self;
        let routes = api::over_socket(api, local);
        tokio::spawn(async move {
            http::serve(listener, routes, Limits::default(), stop).await;
            for path in link.iter().chain([&path]) {
                let _ = std::fs::remove_file(path);
            }
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "systemd configures the daemon so")]
fn runtime_directory() -> Option<PathBuf> {
    let made = std::env::var_os("RUNTIME_DIRECTORY").filter(|folders| !folders.is_empty())?;
    std::env::split_paths(&made).next()
}

/// Nobody can connect before the socket's file has its mode: until then it is in a folder that nobody else can enter.
fn bind(path: &Path) -> std::io::Result<UnixListener> {
    let workshop = path.with_file_name(WORKSHOP);
    let _ = std::fs::remove_dir_all(&workshop);
    std::fs::DirBuilder::new().mode(0o700).create(&workshop)?;
    let new = workshop.join("s");
    let listener = UnixListener::bind(&new)?;
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(MODE))?;
    // Whoever left one there is gone: there is one daemon for a journal, and that is this one.
    std::fs::rename(&new, path)?;
    std::fs::remove_dir(&workshop)?;
    Ok(listener)
}
