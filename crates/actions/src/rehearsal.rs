//! The connector of a dry run: what looks is really asked, what changes something is only written down.

use async_trait::async_trait;
use riposte_engine::{
    CallIntended, Connector, Durable, Marker, Outcome, Sighting, Standing, Turn, Withdrawal,
};
use riposte_model::{
    ActionName, Catalogue, Completion, Effect, ErrorKind, Failure, Format, ObjectSchema, PlaybookName,
    Schema, Timestamp, Type,
};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Stands before a real connector. A call that changes something, fetches a file, or builds on the answer to such a call is not
/// made: it counts as carried out, with an answer of the shape that the catalogue promises. Texts in it are the same invented id,
/// by which what builds on it is known again.
pub struct Rehearsal {
    real: Arc<dyn Connector>,
    catalogue: Arc<Catalogue>,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    calls: Vec<Rehearsed>,
    /// How many ids were invented.
    invented: u64,
    /// What has been accepted and not yet ended, by its id.
    open: Vec<(String, Value)>,
}

/// A call that a real run would have made.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsed {
    /// What would have been called.
    pub action: ActionName,
    /// With which arguments.
    pub arguments: Map<String, Value>,
}

/// The word that stands in the last part of every invented id, which Defender gives to nobody.
const INVENTED: &str = "00000000-d121-4000-8000-";

impl Rehearsal {
    /// Before this connector, whose actions are these.
    pub fn new(real: Arc<dyn Connector>, catalogue: Arc<Catalogue>) -> Self {
        Rehearsal { real, catalogue, notes: Mutex::default() }
    }

    /// What a real run would have called until now, in order.
    pub fn calls(&self) -> Vec<Rehearsed> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).calls.clone()
    }

    /// Whether a call may really be made: it looks, and at something that is there.
    fn is_real(&self, action: &ActionName, arguments: &Map<String, Value>) -> bool {
        let looks = self
            .catalogue
            .get(action.as_str())
            .is_some_and(|spec| spec.effect == Effect::Read && spec.completion != Completion::Fetched);
        looks && !arguments.values().any(is_invented)
    }

    /// Writes a call down, and invents its answer.
    fn pretend(&self, action: &ActionName, arguments: &Map<String, Value>) -> Outcome {
        let Some(spec) = self.catalogue.get(action.as_str()) else {
            let message = format!("no action is called `{action}`");
            return Outcome::Failed(Failure::new(ErrorKind::Refused, message));
        };
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if spec.effect != Effect::Read || spec.completion == Completion::Fetched {
            notes.calls.push(Rehearsed { action: action.clone(), arguments: arguments.clone() });
        }
        notes.invented += 1;
        let id = format!("{INVENTED}{:012x}", notes.invented);
        let mut output = sample(&spec.output, &id);
        if let Value::Object(output) = &mut output {
            echo(output, arguments);
        }
        if spec.completion != Completion::Followed {
            return Outcome::Done(output);
        }
        notes.open.push((id.clone(), output.clone()));
        Outcome::Accepted { provider_id: id, output }
    }
}

fn is_invented(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(INVENTED),
        Value::Array(items) => items.iter().any(is_invented),
        Value::Object(entries) => entries.values().any(is_invented),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What an answer says again of what was asked for: the device, the file.
fn echo(output: &mut Map<String, Value>, arguments: &Map<String, Value>) {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    for (name, value) in arguments {
        let same = output.keys().find(|key| plain(key) == plain(name)).cloned();
        if let Some(key) = same {
            output.insert(key, value.clone());
        }
    }
}

/// A value of a shape. A status is a good one where there is a choice.
fn sample(schema: &Schema, id: &str) -> Value {
    match &schema.kind {
        Type::Any | Type::Null => Value::Null,
        Type::Boolean => json!(false),
        Type::Integer { minimum, .. } => json!(minimum.unwrap_or(0)),
        Type::Number { minimum, .. } => json!(minimum.unwrap_or(0.0)),
        Type::String { choices, format, .. } => match (choices.first(), format) {
            (Some(_), _) if choices.iter().any(|choice| choice == "Succeeded") => json!("Succeeded"),
            (Some(first), _) => json!(first),
            (None, Some(Format::DateTime)) => json!("1970-01-01T00:00:00Z"),
            (None, Some(Format::Ipv4)) => json!("192.0.2.1"),
            (None, Some(Format::Ipv6)) => json!("2001:db8::1"),
            (None, Some(Format::Uuid) | None) => json!(id),
        },
        Type::Array { .. } => json!([]),
        Type::Object(ObjectSchema { properties, .. }) => properties
            .iter()
            .map(|(name, property)| (name.clone(), sample(&property.schema, id)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

#[async_trait]
impl Connector for Rehearsal {
    async fn turn(&self, action: &ActionName, playbook: &PlaybookName) -> Turn {
        let looks = self.catalogue.get(action.as_str()).is_some_and(|spec| spec.effect == Effect::Read);
        if looks { self.real.turn(action, playbook).await } else { Turn::free() }
    }

    async fn call(
        &self,
        action: &ActionName,
        arguments: &Map<String, Value>,
        turn: Turn,
        budget: Duration,
    ) -> Outcome {
        if self.is_real(action, arguments) {
            return self.real.call(action, arguments, turn, budget).await;
        }
        self.pretend(action, arguments)
    }

    async fn send(&self, call: Durable<CallIntended>, _turn: Turn, _budget: Duration) -> Outcome {
        self.pretend(&call.action, &call.arguments)
    }

    async fn find(
        &self,
        call: &CallIntended,
        _intended_at: Timestamp,
        _budget: Duration,
    ) -> Result<Sighting, Failure> {
        // A call that was not made cannot be in doubt.
        Ok(Sighting::NotSeen { evidence: format!("a dry run never sends `{}`", call.action) })
    }

    async fn standings(&self, ids: &[String], _budget: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = notes.open.iter().filter(|(id, _)| ids.contains(id));
        Ok(ended.map(|(id, output)| (id.clone(), Standing::Succeeded(output.clone()))).collect())
    }

    async fn withdraw(
        &self,
        _provider_id: &str,
        _marker: &Marker,
        _reason: &str,
        _budget: Duration,
    ) -> Withdrawal {
        Withdrawal::Done { evidence: "a dry run has begun nothing".to_owned() }
    }

    async fn granted(&self, budget: Duration) -> Result<Option<Vec<String>>, Failure> {
        self.real.granted(budget).await
    }
}

#[cfg(test)]
mod tests {
    use super::{INVENTED, is_invented, sample};
    use crate::catalogue;
    use serde_json::json;

    #[test]
    fn every_action_has_a_sample_of_its_output() {
        let id = format!("{INVENTED}000000000001");
        for spec in catalogue().iter() {
            let sample = sample(&spec.output, &id);
            let violations = spec.output.violations(&sample);
            assert!(violations.is_empty(), "{}: {violations:?}", spec.name);
        }
    }

    #[test]
    fn what_was_invented_is_known_again_wherever_it_stands() {
        let id = format!("{INVENTED}000000000001");
        assert!(is_invented(&json!({ "a": [1, { "b": format!("see {id}") }] })));
        assert!(!is_invented(&json!({ "a": ["0f0f0f0f-d121-4000-8000-000000000001", null, 1] })));
    }
}
