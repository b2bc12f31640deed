//! Reloads that are asked for over the API. Whoever serves carries them out, one after the other with those of signals.

use async_trait::async_trait;
use riposte_server::api::Reload;
use tokio::sync::{mpsc, oneshot};

/// How many playbooks are loaded then, or why what was loaded stays.
pub(super) type Reloaded = Result<usize, String>;

/// Asks for reloads.
pub(super) struct Asking(mpsc::Sender<oneshot::Sender<Reloaded>>);

/// Where they are asked for.
pub(super) struct Asked(mpsc::Receiver<oneshot::Sender<Reloaded>>);

/// Both ends. Whoever asks while another reload is under way waits for it to end.
pub(super) fn reloads() -> (Asking, Asked) {
    let (asking, asked) = mpsc::channel(1);
    (Asking(asking), Asked(asked))
}

impl Asked {
    /// The next one that is asked for, and where to answer.
    pub(super) async fn next(&mut self) -> oneshot::Sender<Reloaded> {
        match self.0.recv().await {
            Some(asked) => asked,
            // Nobody is there who could ask.
            None => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Reload for Asking {
    async fn reload(&self) -> Reloaded {
        let (answer, answered) = oneshot::channel();
        let asked = self.0.send(answer).await;
        let reloaded = match asked {
            Ok(()) => answered.await.ok(),
            Err(_) => None,
        };
        reloaded.unwrap_or_else(|| Err("riposte is stopping".to_owned()))
    }
}
