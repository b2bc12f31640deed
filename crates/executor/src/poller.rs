//! Watches everything that one provider has accepted and not ended, with few requests.
//!
//! One task a connection owns the list. Who follows an action hands it over and reads a [`watch`] channel, which holds
//! only the latest word, so a slow reader costs nothing. An answer ends a watch only with a final status: questions
//! that fail are asked again until the step's own time is over.

use crate::pace::{Allowance, Pace};
use riposte_engine::{Clock, Connector, Standing};
use riposte_model::{Failure, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Watches handed over and not yet taken up. A run hands over one for each step under way, so this is generous; a
/// full queue makes runs wait, and loses nothing.
const QUEUE: usize = 1024;

/// Most actions asked after in one request: with 36 characters each, their filter stays below 8 KB of address.
const MAX_IDS: usize = 100;

/// Longest wait for one answer.
const BUDGET: Duration = Duration::from_secs(60);

/// What is known of a watched action.
#[derive(Clone, Debug)]
pub(crate) enum Word {
    /// Not asked yet.
    Nothing,
    /// Where it stands.
    Standing(Standing),
    /// The question failed.
    Trouble(Failure),
}

struct Watched {
    id: String,
    since: Timestamp,
    due: Timestamp,
    tell: watch::Sender<Word>,
}

/// A handle to one connection's poller. When the last handle and the last watch are gone, the poller ends.
#[derive(Clone)]
pub(crate) struct Poller {
    queue: mpsc::Sender<(String, Timestamp, watch::Sender<Word>)>,
}

impl Poller {
    /// A poller, and the future that does its work.
    pub(crate) fn new(
        connector: Arc<dyn Connector>,
        clock: Arc<dyn Clock>,
        pace: Pace,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, incoming) = mpsc::channel(QUEUE);
        (Poller { queue }, poll(connector, clock, pace, incoming))
    }

    /// Follows one action that was accepted at `since`.
    pub(crate) async fn follow(&self, id: String, since: Timestamp) -> watch::Receiver<Word> {
        let (tell, hear) = watch::channel(Word::Nothing);
        // If the poller is gone, the receiver says so by its closed channel.
        let _ = self.queue.send((id, since, tell)).await;
        hear
    }
}

async fn poll(
    connector: Arc<dyn Connector>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    mut incoming: mpsc::Receiver<(String, Timestamp, watch::Sender<Word>)>,
) {
    let mut watched: Vec<Watched> = Vec::new();
    let mut allowance = Allowance::new(pace);
    let mut open = true;
    while open || !watched.is_empty() {
        let next_due = watched.iter().map(|one| one.due).min();
        let next_due = next_due.map(|due| due.max(allowance.free_at(clock.now())));
        tokio::select! {
            biased;
            arrival = incoming.recv(), if open => match arrival {
                Some((id, since, tell)) => {
                    let now = clock.now();
                    let due = now.saturating_add(pace.pause(now.since(since)));
                    watched.push(Watched { id, since, due, tell });
                }
                None => open = false,
            },
            () = clock.sleep_until(next_due.unwrap_or(Timestamp::from_millis(i64::MAX))), if next_due.is_some() => {
                watched.retain(|one| !one.tell.is_closed());
                if look(&*connector, &*clock, pace, &mut watched).await {
                    allowance.take(clock.now());
                }
            }
        }
    }
}

/// Asks after everything that is due, or will be before half a pause has passed: one request serves them together.
/// Whether anything was asked.
async fn look(connector: &dyn Connector, clock: &dyn Clock, pace: Pace, watched: &mut Vec<Watched>) -> bool {
    let horizon = clock.now().saturating_add(pace.shortest / 2);
    let mut due: Vec<usize> = (0..watched.len()).filter(|index| watched[*index].due <= horizon).collect();
    // Who has waited longest goes first, so that nobody is forgotten when there are more than one request holds.
    due.sort_by_key(|index| watched[*index].due);
    due.truncate(MAX_IDS);
    if due.is_empty() {
        return false;
    }
    let ids: Vec<String> = due.iter().map(|index| watched[*index].id.clone()).collect();
    let answer = connector.standings(&ids, BUDGET).await;
    let now = clock.now();
    for index in due {
        let one = &mut watched[index];
        let pause = pace.pause(now.since(one.since));
        one.due = now.saturating_add(pause);
        match &answer {
            Ok(standings) => {
                if let Some((_, standing)) = standings.iter().find(|(id, _)| *id == one.id) {
                    one.tell.send_replace(Word::Standing(standing.clone()));
                }
            }
            Err(failure) => {
                let asked = failure.retry_after_ms.map_or(Duration::ZERO, Duration::from_millis);
                one.due = now.saturating_add(pause.max(asked.min(pace.longest)));
                one.tell.send_replace(Word::Trouble(failure.clone()));
            }
        }
    }
    watched.retain(|one| {
        !matches!(*one.tell.borrow(), Word::Standing(Standing::Succeeded(_) | Standing::Failed(_)))
    });
    true
}
