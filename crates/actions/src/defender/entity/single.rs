//! Actions that are one request and its answer.

use crate::defender::{Arguments, Change, Look};
use async_trait::async_trait;
use riposte_defender::{Client, Error, Operation};
use riposte_model::ActionSpec;
use serde_json::Value;
use std::time::Duration;

/// An action by the one operation that carries it out. Whether it looks or changes is said in the list of actions.
pub(in crate::defender) struct Single<O: Operation> {
    /// What the catalogue says of it.
    pub(in crate::defender) spec: fn() -> ActionSpec,
    /// The operation, or why the arguments make none.
    pub(in crate::defender) operation: fn(&Arguments) -> Result<O, Error>,
    /// The step's output.
    pub(in crate::defender) output: fn(O::Answer) -> Value,
}

impl<O: Operation> Single<O> {
    async fn send(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let operation = (self.operation)(arguments)?;
        client.send(&operation, budget).await.map(self.output)
    }
}

#[async_trait]
impl<O: Operation<Answer: Send>> Look for Single<O> {
    fn spec(&self) -> ActionSpec {
        (self.spec)()
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        self.send(client, arguments, budget).await
    }
}

#[async_trait]
impl<O: Operation<Answer: Send>> Change for Single<O> {
    fn spec(&self) -> ActionSpec {
        (self.spec)()
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        self.send(client, arguments, budget).await
    }
}
