//! The handle of a running tenant.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::fault::Fault;
use crate::http::{Content, Shared, serve};
use crate::log::{Effect, Entry};

/// How long connections may take to end when the tenant stops.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// A running simulated tenant. It serves until it is stopped or dropped.
#[derive(Debug)]
pub struct Tenant {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Everything that serves ends once this is dropped.
    running: watch::Sender<()>,
    server: JoinHandle<()>,
}

/// The tenant could not start.
#[derive(Debug, thiserror::Error)]
#[error("the simulated tenant cannot listen on {address}")]
pub struct StartError {
    /// The address it should have listened on.
    pub address: SocketAddr,
    /// Why it cannot.
    #[source]
    pub reason: io::Error,
}

impl Tenant {
    /// Listens on the address, where port 0 lets the system choose, and serves from a task of the current runtime.
    ///
    /// # Errors
    ///
    /// Fails if the address is taken or not of this machine.
    pub async fn start(listen: SocketAddr, config: Config) -> Result<Self, StartError> {
        let failed = |reason| StartError { address: listen, reason };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (running, closing) = watch::channel(());
        let shared = Arc::new(Shared::new(config, url(address), closing));
        let served = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            if let Err(error) = serve(listener, served).await {
                tracing::error!(%error, "the simulated tenant stopped serving");
            }
        });
        Ok(Self { address, shared, running, server })
    }

    /// Where it listens, with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`: the authority (tokens) and the API endpoint (below `/api`) at once.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// The requests so far, oldest first: at most the last 100,000.
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.shared.state().log.entries().cloned().collect()
    }

    /// Every machine action and investigation that was ever opened and every change to a device's labels, an alert, an
    /// indicator or the library (of these at most the last 100,000), oldest first. Cancelling an action does not take
    /// it out of this list.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.shared.state().effects()
    }

    /// Whether the device, named by id or computer name, is isolated now; `None` if there is none.
    #[must_use]
    pub fn is_isolated(&self, device: &str) -> Option<bool> {
        let now = self.shared.now();
        let truth = &self.shared.state().truth;
        truth.device(device).map(|device| truth.is_isolated(device, now))
    }

    /// Whether only a fixed set of applications may run on the device, named by id or computer name; `None` if there is
    /// none.
    #[must_use]
    pub fn is_restricted(&self, device: &str) -> Option<bool> {
        let now = self.shared.now();
        let truth = &self.shared.state().truth;
        truth.device(device).map(|device| truth.is_restricted(device, now))
    }

    /// The files that were stopped and quarantined on the device, by SHA-1; `None` if there is no such device.
    #[must_use]
    pub fn quarantined(&self, device: &str) -> Option<Vec<String>> {
        let now = self.shared.now();
        let truth = &self.shared.state().truth;
        let device = truth.device(device)?;
        Some(truth.quarantined(device, now).into_iter().map(str::to_owned).collect())
    }

    /// Whether the device, named by id or computer name, was removed from the service; `None` if there is none.
    #[must_use]
    pub fn is_offboarded(&self, device: &str) -> Option<bool> {
        let now = self.shared.now();
        let truth = &self.shared.state().truth;
        truth.device(device).map(|device| truth.left_at(device, now).is_some())
    }

    /// The names of the files in the library for live response.
    #[must_use]
    pub fn library(&self) -> Vec<String> {
        self.shared.state().truth.library().iter().map(|file| file.name.clone()).collect()
    }

    /// The file that a link leads to: the package that a machine action collected or, with the place of a command, what that
    /// command of a session brought. `None` if there is none, however far the action is.
    #[must_use]
    pub fn file(&self, action: &str, command: Option<usize>) -> Option<Vec<u8>> {
        let state = self.shared.state();
        let action = state.truth.action(action.parse().ok()?)?;
        let content = match command {
            None => Content::package(action),
            Some(index) => {
                let commands = action.commands(None)?;
                Content::brought(action.id, index, commands.get(index)?.0)
            }
        };
        Some(content?.bytes(&self.shared.config))
    }

    /// Connects or disconnects a device, named by id or computer name. Tells whether there is one.
    pub fn set_online(&self, device: &str, online: bool) -> bool {
        let now = self.shared.now();
        self.shared.state().change(now, |state| state.truth.set_online(device, online, now).is_some())
    }

    /// Lets a fault wait for its requests. Past 1,000 waiting faults it is ignored, with a line in the log.
    pub fn inject(&self, fault: Fault) {
        if let Err(error) = self.shared.state().faults.push(fault) {
            tracing::error!(%error, "the fault is ignored");
        }
    }

    /// Takes no more connections, lets requests under way end for two seconds, and returns when all is closed.
    pub async fn stop(self) {
        let Self { running, mut server, .. } = self;
        drop(running);
        if tokio::time::timeout(STOP_PATIENCE, &mut server).await.is_err() {
            server.abort();
        }
    }
}

/// An address to connect to; one that stands for every interface is none.
fn url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_can_be_connected_to() {
        for (address, expected) in [
            ("127.0.0.1:80", "http://127.0.0.1:80"),
            ("0.0.0.0:81", "http://127.0.0.1:81"),
            ("[::]:82", "http://[::1]:82"),
        ] {
            assert_eq!(url(address.parse().unwrap()), expected);
        }
    }
}
