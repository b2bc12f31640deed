//! The port to a provider.

use crate::event::CallIntended;
use crate::ledger::Durable;
use crate::marker::Marker;
use crate::outcome::{Outcome, Sighting, Standing};
use crate::turn::Turn;
use crate::withdrawal::Withdrawal;
use async_trait::async_trait;
use riposte_model::{ActionName, ErrorKind, Failure, PlaybookName, Timestamp};
use serde_json::{Map, Value};
use std::time::Duration;

/// Carries actions out at one provider.
///
/// Budgets are how long one answer may take, and for a file all of it. A connector never repeats a request that may have been carried out.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Waits, for as long as it takes, until the provider's limits let this action's call leave. It is asked before a call is
    /// intended, so that nothing is on disk as perhaps done that only stands in a queue; dropped, it gives up its place. Among
    /// calls that are as urgent, the playbooks take turns.
    async fn turn(&self, action: &ActionName, playbook: &PlaybookName) -> Turn;
    /// Makes a call that may be repeated (effect `read` or `idempotent`).
    async fn call(
        &self,
        action: &ActionName,
        arguments: &Map<String, Value>,
        turn: Turn,
        budget: Duration,
    ) -> Outcome;
    /// Makes a call that may not. Only who holds the proof that the intent is on disk can ask for it.
    async fn send(&self, call: Durable<CallIntended>, turn: Turn, budget: Duration) -> Outcome;
    /// Looks once for a call in the provider's own log. `intended_at` is when its intent was written. A connector whose
    /// provider has no such log says so ([`Sighting::CannotTell`]): a guess would do a thing twice, or not at all.
    async fn find(
        &self,
        call: &CallIntended,
        intended_at: Timestamp,
        budget: Duration,
    ) -> Result<Sighting, Failure>;
    /// Asks where accepted things stand, in as few requests as it can. Ids it gives no answer for are open.
    async fn standings(&self, ids: &[String], budget: Duration) -> Result<Vec<(String, Standing)>, Failure>;
    /// Asks the provider once to end something that it has accepted. The marker of the call that opened it and the reason
    /// go along, so that a person who finds it there knows whose doing it was. May be asked again after any answer.
    async fn withdraw(
        &self,
        _provider_id: &str,
        _marker: &Marker,
        _reason: &str,
        _budget: Duration,
    ) -> Withdrawal {
        let message = "what this connection has accepted cannot be taken back";
        Withdrawal::Failed(Failure::new(ErrorKind::Refused, message))
    }
    /// What the provider has granted the application, in the provider's names; `None` if it does not tell.
    async fn granted(&self, _budget: Duration) -> Result<Option<Vec<String>>, Failure> {
        Ok(None)
    }
}
