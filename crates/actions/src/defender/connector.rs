//! The engine's port to Defender.

use crate::defender::failure::{concluded, failure, undownloaded};
use crate::defender::{Action, Downloads, actions, machine_action, withdrawal};
use async_trait::async_trait;
use riposte_defender::{Class, Client, Rank};
use riposte_engine::{
    CallIntended, Connector, Durable, Marker, Outcome, Sighting, Standing, Turn, Withdrawal,
};
use riposte_model::{ActionName, ErrorKind, Failure, KeyedMap, PlaybookName, Priority, Timestamp};
use serde_json::{Map, Value};
use std::time::Duration;

/// Carries out actions at one Defender tenant.
pub struct DefenderConnector {
    /// Whose own questions, whether a call was carried out, are of the first rank.
    client: Client,
    downloads: Downloads,
    /// Asks how far accepted actions are.
    watcher: Client,
    prepared: KeyedMap<String, Prepared>,
}

/// An action, and how its calls are counted.
struct Prepared {
    action: Action,
    class: Option<Class>,
    rank: Rank,
}

impl Prepared {
    fn of(action: Action) -> (String, Prepared) {
        let spec = action.spec();
        let rank = match spec.priority {
            Priority::Containment => Rank::First,
            Priority::Collection => Rank::Second,
            Priority::Enrichment => Rank::Last,
        };
        let class = spec.rate_limit.class.and_then(Class::named);
        (spec.name.as_str().to_owned(), Prepared { action, class, rank })
    }
}

impl DefenderConnector {
    /// Over a client. What is downloaded goes below the data directory.
    pub fn new(client: Client, downloads: Downloads) -> Self {
        let watcher = client.taking(Rank::Watch, None);
        let prepared = actions().into_iter().map(Prepared::of).collect();
        DefenderConnector { client, downloads, watcher, prepared }
    }

    fn prepared(&self, name: &ActionName) -> Result<&Prepared, Failure> {
        let refused = || Failure::new(ErrorKind::Refused, format!("this riposte has no action `{name}`"));
        self.prepared.get(name.as_str()).ok_or_else(refused)
    }

    /// An action, and the client for one call of it, whose requests go in the action's rank and whose first one has its turn.
    fn taking(&self, name: &ActionName, turn: Turn) -> Result<(&Action, Client), Failure> {
        let Prepared { action, rank, .. } = self.prepared(name)?;
        Ok((action, self.client.taking(*rank, turn.into_place())))
    }
}

fn mismatch(name: &ActionName, what: &str) -> Failure {
    Failure::new(ErrorKind::Refused, format!("`{name}` {what}"))
}

/// Why no intent is kept of it.
const REPEATABLE: &str = "may be repeated, and leaves nothing to look for";

#[async_trait]
impl Connector for DefenderConnector {
    async fn turn(&self, action: &ActionName, playbook: &PlaybookName) -> Turn {
        match self.prepared(action) {
            Ok(Prepared { class: Some(class), rank, .. }) => {
                Turn::of(self.client.turn(playbook.as_str(), *class, *rank).await)
            }
            // What is not there is refused when it is called.
            _ => Turn::free(),
        }
    }

    async fn call(
        &self,
        action: &ActionName,
        arguments: &Map<String, Value>,
        turn: Turn,
        budget: Duration,
    ) -> Outcome {
        match self.taking(action, turn) {
            Ok((Action::Look(look), client)) => match look.look(&client, arguments, budget).await {
                Ok(output) => match look.accept(&output) {
                    Ok(()) => Outcome::Done(output),
                    Err(failure) => Outcome::Failed(failure),
                },
                answer @ Err(_) => concluded(answer),
            },
            Ok((Action::Fetch(fetch), client)) => {
                match fetch.fetch(&client, &self.downloads, arguments, budget).await {
                    Ok(output) => Outcome::Done(output),
                    Err(error) => Outcome::Failed(undownloaded(&error)),
                }
            }
            Ok((Action::Change(change), client)) => {
                concluded(change.change(&client, arguments, budget).await)
            }
            Ok((Action::Start(_) | Action::Once(_), _)) => {
                Outcome::Failed(mismatch(action, "may not be called without its intent on disk"))
            }
            Err(failure) => Outcome::Failed(failure),
        }
    }

    async fn send(&self, call: Durable<CallIntended>, turn: Turn, budget: Duration) -> Outcome {
        match self.taking(&call.action, turn) {
            Ok((Action::Start(start), client)) => {
                machine_action::send(&client, &**start, &call, budget).await
            }
            Ok((Action::Once(once), client)) => once.send(&client, &call, budget).await,
            Ok((Action::Look(_) | Action::Fetch(_) | Action::Change(_), _)) => {
                Outcome::Failed(mismatch(&call.action, REPEATABLE))
            }
            Err(failure) => Outcome::Failed(failure),
        }
    }

    async fn find(
        &self,
        call: &CallIntended,
        intended_at: Timestamp,
        budget: Duration,
    ) -> Result<Sighting, Failure> {
        match &self.prepared(&call.action)?.action {
            Action::Start(start) => {
                machine_action::find(&self.client, start.kind(), call, intended_at, budget).await
            }
            Action::Once(once) => once.find(&self.client, call, intended_at, budget).await,
            Action::Look(_) | Action::Fetch(_) | Action::Change(_) => Err(mismatch(&call.action, REPEATABLE)),
        }
    }

    async fn standings(&self, ids: &[String], budget: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        machine_action::standings(&self.watcher, ids, budget).await
    }

    async fn granted(&self, budget: Duration) -> Result<Option<Vec<String>>, Failure> {
        self.client.roles(budget).await.map_err(|error| failure(&error))
    }

    async fn withdraw(
        &self,
        provider_id: &str,
        marker: &Marker,
        reason: &str,
        budget: Duration,
    ) -> Withdrawal {
        withdrawal::withdraw(&self.client, provider_id, marker, reason, budget).await
    }
}
