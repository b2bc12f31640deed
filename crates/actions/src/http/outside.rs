//! The connector of a simulated run: nothing outside is called.

use super::{Arguments, refused, target};
use async_trait::async_trait;
use riposte_engine::{CallIntended, Connector, Durable, Outcome, Sighting, Standing, Turn};
use riposte_model::{ActionName, Failure, PlaybookName, Timestamp};
use serde_json::{Map, Value};
use std::time::Duration;

/// Takes the place of an [`HttpConnector`](crate::HttpConnector) where nothing may be called. Each call is refused, at its step, so
/// that the rest of a playbook can be tried out; an invented answer would be believed by the steps behind it.
pub struct NothingOutside;

fn refusal(action: &ActionName, arguments: &Arguments) -> Failure {
    let url = arguments.get("url").and_then(Value::as_str).and_then(|url| url::Url::parse(url).ok());
    let host = url.as_ref().and_then(target::name).unwrap_or_else(|| "anybody".to_owned());
    refused(format!(
        "a simulated run calls nobody outside, so `{action}` did not call {host}: run it with --config against a \
         service that may be called, or let the step `on_error: continue`"
    ))
}

#[async_trait]
impl Connector for NothingOutside {
    async fn turn(&self, _action: &ActionName, _: &PlaybookName) -> Turn {
        Turn::free()
    }

    async fn call(
        &self,
        action: &ActionName,
        arguments: &Map<String, Value>,
        _turn: Turn,
        _budget: Duration,
    ) -> Outcome {
        Outcome::Failed(refusal(action, arguments))
    }

    async fn send(&self, call: Durable<CallIntended>, _turn: Turn, _budget: Duration) -> Outcome {
        Outcome::Failed(refusal(&call.action, &call.arguments))
    }

    async fn find(
        &self,
        call: &CallIntended,
        _intended_at: Timestamp,
        _budget: Duration,
    ) -> Result<Sighting, Failure> {
        // Asked only when the process died between the intent and the refusal.
        Ok(Sighting::NotSeen { evidence: format!("a simulated run never sends `{}`", call.action) })
    }

    async fn standings(
        &self,
        _ids: &[String],
        _budget: Duration,
    ) -> Result<Vec<(String, Standing)>, Failure> {
        Ok(Vec::new())
    }
}
