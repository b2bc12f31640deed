//! Events of every kind there is, for whoever writes them down and reads them again.

use riposte_engine::{
    CallIntended, EventBody, Finding, Marker, Parent, RunFinished, RunStarted, RunStatus, Trigger,
};
use riposte_model::{ActionName, ErrorKind, Failure, PlaybookName, RunId, SourceHash, StepPath, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

/// Each kind at least once, with all that it may have and, where that is something, without. `text` stands wherever there may
/// be any.
pub fn every_kind(run: RunId, step: &StepPath, text: &str) -> Vec<EventBody> {
    let mut all: Vec<EventBody> =
        [true, false].into_iter().flat_map(|full| with(run, step, text, full)).collect();
    all.push(EventBody::StepSkipped { step: step.clone() });
    all.push(EventBody::TimerFired { step: step.clone() });
    all.push(EventBody::StepTakenUp { step: step.clone() });
    all.push(EventBody::CancelRequested { by: text.to_owned() });
    all.push(EventBody::RunRetried { by: text.to_owned() });
    all
}

/// Those that have something which may be missing, or be another.
fn with(run: RunId, step: &StepPath, text: &str, full: bool) -> Vec<EventBody> {
    let (at, attempt) = (Timestamp::from_millis(7), 1);
    let failure = || Failure::new(ErrorKind::Refused, text);
    let step = || step.clone();
    let other = || full.then(step);
    let value = if full { json!({ "kind": text, "step": [text] }) } else { Value::Null };
    let map = || value.as_object().cloned().unwrap_or_default();
    let evidence = text.to_owned();
    let finding = match full {
        true => Finding::Adopted { provider_id: text.to_owned(), evidence },
        false => Finding::Absent { evidence },
    };
    vec![
        EventBody::RunStarted(Arc::new(RunStarted {
            playbook: PlaybookName::parse("contract").expect("a valid name"),
            source: SourceHash::of(text),
            inputs: map(),
            trigger: Trigger { kind: "manual".to_owned(), name: text.to_owned(), body: value.clone().into() },
            parent: full.then(|| Parent { run, step: step(), depth: 1 }),
            connections: map(),
        })),
        EventBody::StepSucceeded { step: step(), output: value.clone() },
        EventBody::StepFailed { step: step(), failure: failure(), because_of: other() },
        EventBody::CallIntended(Arc::new(CallIntended {
            step: step(),
            attempt,
            action: ActionName::parse("world.strike").expect("a valid name"),
            arguments: map(),
            marker: Marker::new(run, &step(), attempt),
            known: u32::from(full),
        })),
        EventBody::CallAccepted { step: step(), attempt, provider_id: text.to_owned() },
        EventBody::CallSucceeded { step: step(), attempt, started_at: at, output: value.clone() },
        EventBody::CallFailed {
            step: step(),
            attempt,
            started_at: at,
            failure: failure(),
            retry_at: full.then_some(at),
        },
        EventBody::OutcomeUnknown { step: step(), attempt, failure: failure() },
        EventBody::Reconciled { step: step(), attempt, finding },
        EventBody::WithdrawalFailed { step: step(), attempt, failure: failure() },
        EventBody::LoopStarted { step: step(), items: vec![value.clone()] },
        EventBody::ItemEnded {
            step: step(),
            item: 0,
            failure: full.then(failure),
            because_of: other(),
            outputs: map(),
        },
        EventBody::ChildStarted { step: step(), run },
        EventBody::ChildFinished { step: step(), run, failure: full.then(failure), outputs: map() },
        EventBody::TimerSet { step: step(), fire_at: at },
        EventBody::RunFinished(RunFinished {
            status: RunStatus::Failed,
            step: other(),
            failure: full.then(failure),
            message: full.then(|| text.to_owned()),
            outputs: map(),
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_kind_is_missing() {
        let run = "run_00000000000000000000000000000001".parse().unwrap();
        let here: BTreeSet<String> =
            every_kind(run, &StepPath::root("s"), "text").iter().map(|body| body.kind().to_owned()).collect();
        // serde knows them all, and says so when it is asked for another.
        let refused = serde_json::from_str::<EventBody>(r#"{"kind":"another"}"#).unwrap_err().to_string();
        let (_, known) = refused.split_once("expected one of ").unwrap();
        let known: BTreeSet<String> = known.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(here, known);
    }
}
