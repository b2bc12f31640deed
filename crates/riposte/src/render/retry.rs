//! What retrying a failed run would do: what is repeated, and what is not.

use crate::render::describe::why;
use crate::render::{clean, table};
use riposte_engine::{Again, Event, Run, StepState, StepStatus};
use riposte_executor::Recorded;
use riposte_model::{RunId, StepPath};
use riposte_playbook::StepKind;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Steps of one run that are listed as kept; there may be thousands.
const MOST_KEPT: usize = 20;

/// What is said of a handler's step.
const HANDLER: &str = "has run, and what it undid is not done again; runs again when its turn comes";

/// What becomes of one run.
pub(crate) struct Plan {
    run: RunId,
    /// How many calls deep.
    depth: usize,
    /// Failed steps, and how they go on.
    again: Vec<(String, String)>,
    /// Steps of handlers, which run again.
    handlers: Vec<String>,
    /// Steps that have ended well, and the provider's ids of what they opened.
    kept: Vec<(String, Option<String>)>,
}

/// What becomes of a run, and of those that it called and that are retried with it. `events` has those of each.
pub(crate) fn plan(failed: &Recorded, events: &HashMap<RunId, Vec<Event>>) -> Vec<Plan> {
    let mut plans = Vec::new();
    add(failed, 0, events, &mut plans);
    plans
}

fn add(failed: &Recorded, depth: usize, events: &HashMap<RunId, Vec<Event>>, plans: &mut Vec<Plan>) {
    let run = &failed.run;
    let reopening = run.reopening();
    let again =
        reopening.again.iter().map(|(step, again)| (clean(step.as_str()), clean(&words(run, step, again))));
    let is_handler =
        |step: &StepPath| reopening.handlers.iter().any(|other| other == step || step.is_inside(other));
    let ids = provider_ids(events.get(&run.id()).map_or(&[], Vec::as_slice));
    let has_succeeded = run.steps().filter(|(step, record)| {
        matches!(record.state, StepState::Ended { status: StepStatus::Succeeded, .. })
            && run.step(step).is_some_and(|step| step.lists().is_empty())
            && !is_handler(step)
    });
    let kept = has_succeeded.map(|(step, _)| (clean(step.as_str()), ids.get(step).map(|id| clean(id))));
    plans.push(Plan {
        run: run.id(),
        depth,
        again: again.collect(),
        handlers: reopening.handlers.iter().map(|step| clean(step.as_str())).collect(),
        kept: kept.collect(),
    });
    for called in &failed.called {
        add(called, depth + 1, events, plans);
    }
}

/// The last thing that each step opened.
fn provider_ids(events: &[Event]) -> HashMap<&StepPath, &str> {
    let opened = events.iter().map(|event| &event.body);
    opened.filter_map(|body| Some((body.step()?, body.provider_id()?))).collect()
}

fn words(run: &Run, step: &StepPath, again: &Again) -> String {
    let action = match run.step(step).map(|step| &step.kind) {
        Some(StepKind::Action(action)) => action.spec.name.as_str(),
        _ => "it",
    };
    match again {
        Again::Anew => "begins anew".to_owned(),
        Again::Call { attempt: 1 } => format!("{action} is called"),
        Again::Call { attempt } => format!("{action} is called again (attempt {attempt})"),
        Again::LookFor { attempt } => format!(
            "{action} is in doubt (attempt {attempt}): it is looked for first, and sent again only if it certainly was not \
             carried out"
        ),
        Again::LookAt { provider_id } => format!(
            "{action} was accepted as {provider_id} and not known to have ended: it is looked at first, and called again \
             only if it failed"
        ),
        Again::Run(run) => format!("had called {run}, which is retried with it"),
    }
}

/// The plan as lines.
pub(crate) fn lines(failed: &Recorded, plans: &[Plan]) -> Vec<String> {
    let run = &failed.run;
    let end = run.finished().and_then(|finished| {
        let step = finished.step.as_ref().map_or_else(String::new, |step| format!(" at `{step}`"));
        Some(format!(", failed{step}: {}", why(finished.failure.as_ref()?)))
    });
    let head = format!("{} of {}{}", run.id(), run.playbook().name, end.unwrap_or_default());
    let rows: Vec<Vec<String>> = plans.iter().flat_map(rows).collect();
    std::iter::once(clean(&head)).chain(table(&rows)).collect()
}

fn rows(plan: &Plan) -> Vec<Vec<String>> {
    let row = |step: &str, words: String| vec![format!("{}{step}", "  ".repeat(plan.depth + 1)), words];
    let mut rows = Vec::new();
    rows.extend(plan.again.iter().map(|(step, words)| row(step, words.clone())));
    rows.extend(plan.handlers.iter().map(|step| row(step, HANDLER.to_owned())));
    rows.extend(plan.kept.iter().take(MOST_KEPT).map(|(step, id)| {
        let id = id.as_ref().map_or_else(String::new, |id| format!(" as {id}"));
        row(step, format!("is not repeated: it has succeeded{id}"))
    }));
    let more = plan.kept.len().saturating_sub(MOST_KEPT);
    if more > 0 {
        rows.push(row("…", format!("{more} more have succeeded, and are not repeated")));
    }
    rows
}

/// The plan as JSON. This shape is a promise to scripts.
pub(crate) fn document(failed: &Recorded, plans: &[Plan]) -> Value {
    let runs: Vec<Value> = plans
        .iter()
        .map(|plan| {
            let again = plan.again.iter().map(|(step, does)| json!({ "step": step, "does": does }));
            let kept = plan.kept.iter().map(|(step, id)| json!({ "step": step, "provider_id": id }));
            json!({
                "run_id": plan.run.to_string(),
                "again": again.collect::<Vec<_>>(),
                "handlers": plan.handlers,
                "kept": kept.collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "run_id": failed.run.id().to_string(),
        "playbook": failed.run.playbook().name.as_str(),
        "runs": runs,
    })
}
