//! Watches everything that one provider has accepted and not ended, with few requests.
//!
//! One task a connection owns the list. Who follows an action hands it over and reads a [`watch`] channel, which holds
//! only the latest word, so a slow reader costs nothing. For a run that is parked, the host is told of the end alone. An answer
//! ends a watch only with a final status: questions that fail are asked again until the step's own time is over. When it is
//! time to ask again does not go by the wall clock: set back by an hour, it would leave everybody without an answer for that long.

use crate::pace::{Allowance, Pace};
use crate::wakes::Wakes;
use crate::watchlist::{Tell, Watched, Watchlist, Word};
use riposte_engine::{Clock, Connector, Standing};
use riposte_model::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Watches handed over and not yet taken up. A run hands over one for each step under way, so this is generous; a
/// full queue makes runs wait, and loses nothing.
const QUEUE: usize = 1024;

/// Most actions asked after in one request: with 36 characters each, their filter stays below 8 KB of address.
const MAX_IDS: usize = 100;

/// Longest wait for one answer.
const BUDGET: Duration = Duration::from_secs(60);

/// A handle to one connection's poller. When the last handle and the last watch are gone, the poller ends.
#[derive(Clone)]
pub(crate) struct Poller {
    queue: mpsc::Sender<Watched>,
}

impl Poller {
    /// A poller, and the future that does its work.
    pub(crate) fn new(
        connector: Arc<dyn Connector>,
        clock: Arc<dyn Clock>,
        pace: Pace,
        wakes: Arc<Wakes>,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, incoming) = mpsc::channel(QUEUE);
        (Poller { queue }, poll(connector, clock, pace, wakes, incoming))
    }

    /// Follows one action that was accepted at `since`.
    pub(crate) async fn follow(&self, id: String, since: Timestamp) -> watch::Receiver<Word> {
        let (tell, hear) = watch::channel(Word::Nothing);
        self.watch(Watched { id: id.into(), since, tell: Tell::Listener(tell) }).await;
        hear
    }

    /// Watches something for whoever wants to know.
    pub(crate) async fn watch(&self, watched: Watched) {
        // If the poller is gone, a listener is told by its closed channel.
        let _ = self.queue.send(watched).await;
    }
}

async fn poll(
    connector: Arc<dyn Connector>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    wakes: Arc<Wakes>,
    mut incoming: mpsc::Receiver<Watched>,
) {
    let mut watched = Watchlist::default();
    let mut allowance = Allowance::new(pace);
    let mut open = true;
    while open || !watched.is_empty() {
        let next_due = watched.next_due().map(|due| due.max(allowance.free_at(Instant::now())));
        tokio::select! {
            biased;
            arrival = incoming.recv(), if open => match arrival {
                Some(one) => {
                    let pause = pace.pause(clock.now().since(one.since));
                    watched.add(Instant::now() + pause, one);
                }
                None => open = false,
            },
            () = tokio::time::sleep_until(next_due.unwrap_or_else(Instant::now)), if next_due.is_some() => {
                if look(&*connector, &*clock, pace, &wakes, &mut watched).await {
                    allowance.take(Instant::now());
                }
            }
        }
    }
}

/// Asks after everything that is due, or will be before half a pause has passed: one request serves them together.
/// Whether anything was asked.
async fn look(
    connector: &dyn Connector,
    clock: &dyn Clock,
    pace: Pace,
    wakes: &Wakes,
    watched: &mut Watchlist,
) -> bool {
    let due = watched.take_due(Instant::now() + pace.shortest / 2, MAX_IDS);
    if due.is_empty() {
        return false;
    }
    let ids: Vec<String> = due.iter().map(|one| one.id.to_string()).collect();
    let answer = connector.standings(&ids, BUDGET).await;
    let (now, asked_at) = (clock.now(), Instant::now());
    let shared = |(id, standing)| (id, Arc::new(standing));
    let answer =
        answer.map(|standings| standings.into_iter().map(shared).collect::<HashMap<String, Arc<Standing>>>());
    for one in due {
        let pause = pace.pause(now.since(one.since));
        let (pause, word) = match &answer {
            Ok(standings) => (pause, standings.get(&*one.id).cloned().map(Word::Standing)),
            Err(failure) => {
                let asked = failure.retry_after_ms.map_or(Duration::ZERO, Duration::from_millis);
                (pause.max(asked.min(pace.longest)), Some(Word::Trouble(failure.clone())))
            }
        };
        let ended = matches!(&word, Some(Word::Standing(standing)) if standing.is_end());
        if let Some(word) = word {
            one.tell.say(&one.id, word, wakes);
        }
        if !ended {
            watched.add(asked_at + pause, one);
        }
    }
    true
}
