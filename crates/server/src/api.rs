//! The daemon's own API, under `/api/v1`: what the command line and dashboards ask.
//!
//! There are two ways in. Over the network, whoever asks shows a token, and its role says what may be done; at the socket, the
//! kernel says who asks. What stands behind is the same, and learns of the asker only as a [`Caller`]. Each route belongs to
//! the role that it needs (`routes`), and whatever nobody has admitted gets no further.

mod access;
mod body;
mod events;
mod health;
mod local;
mod news;
mod openapi;
mod orders;
mod playbooks;
mod problems;
mod reload;
mod routes;
mod runs;
mod tokens;

pub use access::Caller;
pub use health::Health;
pub use local::Local;
pub use news::{MAX_FOLLOWERS, News};
pub use openapi::openapi;
pub(crate) use problems::Refused;
pub use routes::{over_network, over_socket};
pub(crate) use runs::status_url;
pub use tokens::Tokens;

use crate::reload::Reload;
use riposte_engine::{Clock, HostStore};
use riposte_executor::Host;
use riposte_playbook::Playbook;
use std::sync::{Arc, PoisonError, RwLock};
use tokio_util::sync::CancellationToken;

/// What the API speaks for.
pub struct Api {
    /// Who drives runs.
    pub host: Host,
    /// Where they are recorded.
    pub store: Arc<dyn HostStore>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The playbooks that can be started.
    pub playbooks: Arc<RwLock<Vec<Arc<Playbook>>>>,
    /// Who loads them anew.
    pub reload: Arc<dyn Reload>,
    /// Whether the journal takes anything.
    pub health: Health,
    /// Who hears of what happens in runs: one of the host's observers.
    pub news: Arc<News>,
    /// Ends what would go on for as long as a run does.
    pub stop: CancellationToken,
}

impl Api {
    fn playbooks(&self) -> Vec<Arc<Playbook>> {
        self.playbooks.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn playbook(&self, name: &str) -> Option<Arc<Playbook>> {
        let playbooks = self.playbooks.read().unwrap_or_else(PoisonError::into_inner);
        playbooks.iter().find(|playbook| playbook.name.as_str() == name).cloned()
    }
}
