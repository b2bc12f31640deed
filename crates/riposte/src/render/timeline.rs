//! A run from its events: what happened when.

use crate::render::describe::{describe, text, why};
use crate::render::style::Style;
use crate::render::{clean, seconds, table};
use riposte_engine::{Event, EventBody, RunFinished, RunStatus};
use riposte_model::{ErrorKind, RunId};
use std::time::Duration;

/// The whole of a run, for people. Works for a run that is not over, and for one whose process is gone.
pub(crate) fn timeline(run: RunId, events: &[Event], style: Style) -> String {
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return String::new() };
    let mut lines = Vec::new();
    let EventBody::RunStarted(started) = &first.body else { return String::new() };
    let finished = match &last.body {
        EventBody::RunFinished(finished) => Some(finished),
        _ => None,
    };
    let status = finished.map_or(RunStatus::Running, |finished| finished.status).as_str();
    let took = seconds(last.at.since(first.at));
    lines.push(format!("{} {}", style.strong("run     "), style.strong(&run.to_string())));
    lines.push(format!("playbook {}", started.playbook));
    for (name, description) in &started.connections {
        lines.push(format!("{name:<8} {}", clean(&text(description))));
    }
    lines.push(match finished {
        Some(_) => format!("status   {} after {took}", style.status(status)),
        None => format!("status   {status}, or left before its end: last event after {took}"),
    });
    if let Some(parent) = &started.parent {
        lines.push(format!("called   by step `{}` of {}", clean(parent.step.as_str()), parent.run));
    }
    lines.push(format!("started  {}", first.at));
    lines.push(String::new());
    let rows: Vec<Vec<String>> = events
        .iter()
        .map(|event| {
            let step = event.body.step().map_or("(run)", |step| step.as_str());
            vec![
                format!("+{}", seconds(event.at.since(first.at))),
                clean(step),
                describe(&event.body, event.at),
            ]
        })
        .collect();
    lines.extend(table(&rows).into_iter().zip(events).map(|(line, event)| match &event.body {
        EventBody::CallFailed { failure, .. } if failure.kind == ErrorKind::Cancelled => line,
        EventBody::CallFailed { retry_at: None, .. }
        | EventBody::WithdrawalFailed { .. }
        | EventBody::StepFailed { .. }
        | EventBody::ChildFinished { failure: Some(_), .. } => style.bad(&line),
        EventBody::OutcomeUnknown { .. }
        | EventBody::CallFailed { .. }
        | EventBody::ItemEnded { failure: Some(_), .. } => style.warn(&line),
        _ => line,
    }));
    if let Some(finished) = finished {
        lines.extend(outcome(finished, style));
    }
    lines.join("\n")
}

/// How a run ended, in a line, and why.
pub(crate) fn ending(run: RunId, took: Duration, finished: &RunFinished, style: Style) -> String {
    let mut lines = vec![format!("{run} {} after {}", style.status(finished.status.as_str()), seconds(took))];
    lines.extend(outcome(finished, style));
    lines.join("\n")
}

/// Why a run failed, and what it gave back.
fn outcome(finished: &RunFinished, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(step) = &finished.step {
        lines.push(String::new());
        let why = finished.failure.as_ref().map_or_else(String::new, |failure| format!(": {}", why(failure)));
        lines.push(style.bad(&clean(&format!("step `{step}` failed{why}"))));
    }
    if !finished.outputs.is_empty() {
        lines.push(String::new());
        lines.push("outputs".to_owned());
        let rows: Vec<Vec<String>> = finished
            .outputs
            .iter()
            .map(|(name, value)| vec![format!("  {}", clean(name)), clean(&text(value))])
            .collect();
        lines.extend(table(&rows));
    }
    lines
}
