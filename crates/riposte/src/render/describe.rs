//! An event in words.

use crate::render::{clean, seconds};
use riposte_engine::{CallIntended, EventBody, Finding};
use riposte_model::{ErrorKind, Failure, Timestamp};
use serde_json::Value;

/// What happened, in one line without the step's name.
pub(crate) fn describe(body: &EventBody, at: Timestamp) -> String {
    clean(&match body {
        EventBody::RunStarted(started) => {
            let inputs: Vec<String> = started
                .inputs
                .iter()
                .map(|(name, value)| format!("{name}={}", cut(&value.to_string())))
                .collect();
            let trigger = format!("{} {}", started.trigger.kind, started.trigger.name);
            if inputs.is_empty() { trigger } else { format!("{trigger}: {}", inputs.join(" ")) }
        }
        EventBody::StepSkipped { .. } => "skipped: its condition is false".to_owned(),
        EventBody::StepSucceeded { output: Value::Null, .. } => "succeeded".to_owned(),
        EventBody::StepSucceeded { output, .. } => format!("succeeded: {}", short(output)),
        EventBody::StepFailed { failure, because_of: None, .. } => format!("failed: {}", why(failure)),
        EventBody::StepFailed { failure, because_of: Some(at), .. } => {
            format!("failed at `{at}`: {}", why(failure))
        }
        EventBody::LoopStarted { items, .. } => match items.len() {
            1 => "goes over 1 item".to_owned(),
            many => format!("goes over {many} items"),
        },
        EventBody::ItemEnded { item, failure: None, outputs, .. } => {
            let gives = if outputs.is_empty() { String::new() } else { format!(": {}", short_map(outputs)) };
            format!("item {item} succeeded{gives}")
        }
        EventBody::ItemEnded { item, failure: Some(failure), .. } => {
            format!("item {item} failed: {}", why(failure))
        }
        EventBody::ChildStarted { run, .. } => format!("called as {run}"),
        EventBody::ChildFinished { failure: None, outputs, .. } => {
            if outputs.is_empty() {
                "succeeded".to_owned()
            } else {
                format!("succeeded: {}", short_map(outputs))
            }
        }
        EventBody::ChildFinished { failure: Some(failure), .. } => format!("failed: {}", why(failure)),
        EventBody::CallIntended(intent) => {
            let CallIntended { attempt, action, .. } = &**intent;
            format!("{action} is about to be sent{}", nth(*attempt))
        }
        EventBody::CallAccepted { provider_id, .. } => format!("accepted as {provider_id}"),
        EventBody::CallSucceeded { attempt, started_at, .. } => {
            format!("succeeded after {}{}", seconds(at.since(*started_at)), nth(*attempt))
        }
        EventBody::CallFailed { attempt, failure, retry_at: Some(retry_at), .. } => {
            let pause = seconds(retry_at.since(at));
            format!("attempt {attempt} failed, next in {pause}: {failure}")
        }
        EventBody::CallFailed { failure, .. } if failure.kind == ErrorKind::Cancelled => failure.to_string(),
        EventBody::CallFailed { attempt, failure, retry_at: None, .. } => {
            format!("failed{}: {failure}", nth(*attempt))
        }
        EventBody::OutcomeUnknown { failure, .. } => {
            format!("outcome unknown, looking in the provider's log: {}", failure.message)
        }
        EventBody::Reconciled { finding: Finding::Adopted { provider_id, evidence }, .. } => {
            format!("found as {provider_id}: {evidence}")
        }
        EventBody::Reconciled { finding: Finding::Past { evidence }, .. } => {
            format!("is called again: {evidence}")
        }
        EventBody::Reconciled { finding: Finding::Absent { evidence }, .. } => {
            format!("was not carried out: {evidence}")
        }
        EventBody::WithdrawalFailed { failure, .. } => {
            format!("could not be cancelled, and may still be carried out: {failure}")
        }
        EventBody::TimerSet { fire_at, .. } => {
            format!("waits {} until {fire_at}", seconds(fire_at.since(at)))
        }
        EventBody::TimerFired { .. } => "the wait is over".to_owned(),
        EventBody::StepTakenUp { .. } => "goes on from where it was given up before the retry".to_owned(),
        EventBody::RunRetried { by } => format!("retried by {by}: goes on from what failed"),
        EventBody::CancelRequested { by } => format!("cancellation requested by {by}"),
        EventBody::RunFinished(finished) => {
            let status = finished.status.as_str();
            match (&finished.step, &finished.failure, &finished.message) {
                // The step's own line has said why.
                (Some(step), _, _) => format!("{status} at `{step}`"),
                (None, Some(failure), _) if failure.kind == ErrorKind::Cancelled => failure.message.clone(),
                (None, Some(failure), _) => format!("{status}: {failure}"),
                (None, None, Some(message)) => format!("{status}: {message}"),
                (None, None, None) => status.to_owned(),
            }
        }
    })
}

/// Why something failed. What an author says with a `fail` step is no kind of its own to a reader.
pub(crate) fn why(failure: &Failure) -> String {
    match failure.kind {
        ErrorKind::Failed => failure.message.clone(),
        _ => failure.to_string(),
    }
}

/// First attempts go without saying.
fn nth(attempt: u32) -> String {
    if attempt > 1 { format!(" (attempt {attempt})") } else { String::new() }
}

/// Most characters of a value in a line.
const SHORT: usize = 60;

/// A value for people: text as it is, the rest as JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Named values in a line, cut.
fn short_map(values: &serde_json::Map<String, Value>) -> String {
    cut(&Value::Object(values.clone()).to_string())
}

/// A value in a line, cut.
fn short(value: &Value) -> String {
    cut(&text(value))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHORT {
        return text.to_owned();
    }
    text.chars().take(SHORT - 1).chain(std::iter::once('…')).collect()
}
