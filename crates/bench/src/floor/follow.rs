//! Waiting for the ends of actions, many with one question, at the same pace as riposte's poller: what is due is asked after
//! with what will be within half a pause, a hundred ids at most, and after a burst only every second pause.

use super::calls::Calls;
use anyhow::{Result, anyhow};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

const QUEUE: usize = 1024;
const MOST_IDS: usize = 100;
const BURST: u32 = 15;

struct Watched {
    id: String,
    opened: Instant,
    tell: oneshot::Sender<Value>,
}

pub(super) struct Follower {
    queue: mpsc::Sender<Watched>,
}

impl Follower {
    pub(super) fn new(provider: Arc<Calls>, pause: Duration) -> Follower {
        let (queue, incoming) = mpsc::channel(QUEUE);
        tokio::spawn(follow(provider, pause, incoming));
        Follower { queue }
    }

    /// Returns when the action has succeeded, with what the provider says of it.
    pub(super) async fn end_of(&self, id: String) -> Result<Value> {
        let (tell, end) = oneshot::channel();
        let watched = Watched { id, opened: Instant::now(), tell };
        self.queue.send(watched).await.map_err(|_| anyhow!("nobody follows any more"))?;
        Ok(end.await?)
    }
}

async fn follow(provider: Arc<Calls>, pause: Duration, mut incoming: mpsc::Receiver<Watched>) {
    let mut due: BTreeMap<(Instant, u64), Watched> = BTreeMap::new();
    let (mut arrivals, mut whole_at) = (0, Instant::now());
    loop {
        let free_at = whole_at.checked_sub(pause * 2 * (BURST - 1)).unwrap_or(whole_at);
        let next = due.first_key_value().map(|((at, _), _)| (*at).max(free_at));
        tokio::select! {
            biased;
            arrival = incoming.recv() => match arrival {
                Some(watched) => {
                    due.insert((Instant::now() + pause, arrivals), watched);
                    arrivals += 1;
                }
                None => return,
            },
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                let asked_at = Instant::now();
                whole_at = whole_at.max(asked_at) + pause * 2;
                let mut asked = Vec::new();
                while asked.len() < MOST_IDS
                    && let Some(first) = due.first_entry()
                    && first.key().0 <= asked_at + pause / 2
                {
                    asked.push(first.remove());
                }
                let mut ends = look(&provider, &asked).await.unwrap_or_default();
                for watched in asked {
                    match ends.remove(&watched.id) {
                        Some(end) => drop(watched.tell.send(end)),
                        None => {
                            let again = asked_at + pause.max(watched.opened.elapsed() / 8);
                            due.insert((again, arrivals), watched);
                            arrivals += 1;
                        }
                    }
                }
            }
        }
    }
}

/// Those that have succeeded.
async fn look(provider: &Calls, asked: &[Watched]) -> Result<HashMap<String, Value>> {
    let actions = match asked {
        [] => return Ok(HashMap::new()),
        [one] => {
            let action = provider.get(&format!("/api/machineactions/{}", one.id)).await?;
            vec![serde_json::from_slice::<Value>(&action)?]
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|one| one.id.as_str()).collect();
            let filter = format!("/api/machineactions?$filter=id%20in%20(%27{}%27)", ids.join("%27%2C%27"));
            match serde_json::from_slice::<Value>(&provider.get(&filter).await?)?["value"].take() {
                Value::Array(actions) => actions,
                _ => return Err(anyhow!("the answer is no list")),
            }
        }
    };
    let ended = actions.into_iter().filter(|action| action["status"] == "Succeeded");
    Ok(ended.filter_map(|action| Some((action["id"].as_str()?.to_owned(), action))).collect())
}
