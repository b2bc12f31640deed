//! Asking a run to end, and knowing when that is on disk.

use std::sync::{Arc, OnceLock};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Ends a run, or those that it called with it. Clones are the same.
#[derive(Clone)]
pub(crate) struct Cancel {
    token: CancellationToken,
    by: Arc<OnceLock<String>>,
    /// Who it is if nobody has said.
    otherwise: &'static str,
    settled: Arc<watch::Sender<Option<bool>>>,
}

impl Cancel {
    /// One that anybody may ask for who has the token.
    pub(crate) fn with(token: CancellationToken, by: &'static str) -> Self {
        Cancel { token, by: Arc::default(), otherwise: by, settled: Arc::new(watch::Sender::new(None)) }
    }

    /// Nobody has asked yet.
    pub(crate) fn new() -> Self {
        Cancel::with(CancellationToken::new(), "the operator")
    }

    /// One that is asked for with this one, too.
    pub(crate) fn child(&self, by: &'static str) -> Self {
        Cancel::with(self.token.child_token(), by)
    }

    /// Asks. Who asks first is the one who is recorded.
    pub(crate) fn ask(&self, by: &str) {
        let _ = self.by.set(by.to_owned());
        self.token.cancel();
    }

    /// Asks, without a name.
    pub(crate) fn ask_anonymously(&self) {
        self.token.cancel();
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Returns once somebody has asked.
    pub(crate) async fn asked(&self) {
        self.token.cancelled().await;
    }

    /// Who has asked.
    pub(crate) fn by(&self) -> &str {
        self.by.get().map_or(self.otherwise, String::as_str)
    }

    /// It is on disk, or the run is over without it; or else it will not be for now.
    pub(crate) fn settle(&self, recorded: bool) {
        self.settled.send_if_modified(|settled| {
            let news = *settled != Some(true);
            *settled = settled.filter(|known| *known).or(Some(recorded));
            news
        });
    }

    /// Returns once that is known.
    pub(crate) async fn settled(&self) -> bool {
        let mut settled = self.settled.subscribe();
        // The sender is ours.
        settled.wait_for(Option::is_some).await.is_ok_and(|settled| *settled == Some(true))
    }
}
