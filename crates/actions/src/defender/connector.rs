//! The engine's port to Defender.

use crate::defender::failure::{concluded, undownloaded};
use crate::defender::{Action, Downloads, actions, machine_action};
use async_trait::async_trait;
use riposte_defender::Client;
use riposte_engine::{CallIntended, Connector, Durable, Outcome, Sighting, Standing};
use riposte_model::{ActionName, ErrorKind, Failure, Timestamp};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// Carries out actions at one Defender tenant.
pub struct DefenderConnector {
    client: Client,
    downloads: Downloads,
    actions: BTreeMap<String, Action>,
}

impl DefenderConnector {
    /// Over a client. What is downloaded goes below the data directory.
    pub fn new(client: Client, downloads: Downloads) -> Self {
        let actions =
            actions().into_iter().map(|action| (action.spec().name.as_str().to_owned(), action)).collect();
        DefenderConnector { client, downloads, actions }
    }

    fn action(&self, name: &ActionName) -> Result<&Action, Failure> {
        self.actions
            .get(name.as_str())
            .ok_or_else(|| Failure::new(ErrorKind::Refused, format!("this riposte has no action `{name}`")))
    }
}

fn mismatch(name: &ActionName, what: &str) -> Failure {
    Failure::new(ErrorKind::Refused, format!("`{name}` {what}"))
}

/// Why no intent is kept of it.
const REPEATABLE: &str = "may be repeated, and leaves nothing to look for";

#[async_trait]
impl Connector for DefenderConnector {
    async fn call(&self, action: &ActionName, arguments: &Map<String, Value>, budget: Duration) -> Outcome {
        match self.action(action) {
            Ok(Action::Look(look)) => match look.look(&self.client, arguments, budget).await {
                Ok(output) => match look.accept(&output) {
                    Ok(()) => Outcome::Done(output),
                    Err(failure) => Outcome::Failed(failure),
                },
                answer @ Err(_) => concluded(answer),
            },
            Ok(Action::Fetch(fetch)) => {
                match fetch.fetch(&self.client, &self.downloads, arguments, budget).await {
                    Ok(output) => Outcome::Done(output),
                    Err(error) => Outcome::Failed(undownloaded(&error)),
                }
            }
            Ok(Action::Change(change)) => concluded(change.change(&self.client, arguments, budget).await),
            Ok(Action::Start(_) | Action::Once(_)) => {
                Outcome::Failed(mismatch(action, "may not be called without its intent on disk"))
            }
            Err(failure) => Outcome::Failed(failure),
        }
    }

    async fn send(&self, call: Durable<CallIntended>, budget: Duration) -> Outcome {
        match self.action(&call.action) {
            Ok(Action::Start(start)) => machine_action::send(&self.client, &**start, &call, budget).await,
            Ok(Action::Once(once)) => once.send(&self.client, &call, budget).await,
            Ok(Action::Look(_) | Action::Fetch(_) | Action::Change(_)) => {
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
        match self.action(&call.action)? {
            Action::Start(start) => {
                machine_action::find(&self.client, start.kind(), call, intended_at, budget).await
            }
            Action::Once(once) => once.find(&self.client, call, intended_at, budget).await,
            Action::Look(_) | Action::Fetch(_) | Action::Change(_) => Err(mismatch(&call.action, REPEATABLE)),
        }
    }

    async fn standings(&self, ids: &[String], budget: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        machine_action::standings(&self.client, ids, budget).await
    }
}
