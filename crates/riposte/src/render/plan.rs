//! Where a recorded run stands, and what is done next: what the engine commands, in words.

use crate::render::describe::describe;
use crate::render::{clean, seconds};
use riposte_engine::{Command, Deadline, Event, EventBody, Run};
use riposte_executor::Recorded;
use riposte_model::{RunId, Timestamp};
use serde_json::{Value, json};

/// Something that is done next.
pub(crate) struct Next {
    /// For which run: the recorded one, or one that it has called.
    run: RunId,
    /// How many calls deep.
    depth: usize,
    step: String,
    words: String,
}

/// What a run does next; if it is cancelled, what that does.
pub(crate) fn plan(recorded: &Recorded, cancelled_by: Option<&str>, now: Timestamp) -> Vec<Next> {
    let mut found = Vec::new();
    add(recorded, 0, cancelled_by, now, &mut found);
    found
}

fn add(recorded: &Recorded, depth: usize, by: Option<&str>, now: Timestamp, found: &mut Vec<Next>) {
    let run = match by {
        Some(by) => cancelled(&recorded.run, by),
        None => recorded.run.clone(),
    };
    for command in run.next() {
        let (step, words) = words(&command, now);
        found.push(Next { run: run.id(), depth, step: clean(&step), words: clean(&words) });
        if let Command::AwaitChild { run: child, .. } = command
            && let Some(called) = recorded.called.iter().find(|called| called.run.id() == child)
        {
            add(called, depth + 1, by, now, found);
        }
    }
}

/// The run as it is once it is cancelled. One that is over, or cancelled already, stays as it is.
fn cancelled(run: &Run, by: &str) -> Run {
    let mut run = run.clone();
    if run.cancelled_by().is_none() {
        let body = EventBody::CancelRequested { by: by.to_owned() };
        let event = Event { seq: run.next_seq(), at: run.last_at(), body };
        let _ = run.apply(&event);
    }
    run
}

fn words(command: &Command, now: Timestamp) -> (String, String) {
    let step = command.step().map_or_else(|| "(run)".to_owned(), ToString::to_string);
    let again = |attempt: u32| if attempt > 1 { format!(" (attempt {attempt})") } else { String::new() };
    let words = match command {
        Command::Record(event) => {
            let step = event.step().map_or(step, ToString::to_string);
            return (step, format!("then {}", describe(event, now)));
        }
        Command::Call(call) => {
            let pause = call.not_before.filter(|at| *at > now);
            let pause = pause.map_or_else(String::new, |at| format!(", not before {at}"));
            format!(
                "{} is called{}{pause}{}",
                call.action.name,
                again(call.attempt),
                over(call.deadline, now)
            )
        }
        Command::Settle { intent } | Command::Reconcile { intent, .. } => format!(
            "{} is in doubt{}: it is looked for, and sent again only if it certainly was not carried out",
            intent.action,
            again(intent.attempt)
        ),
        Command::Follow { action, provider_id, deadline, .. } => {
            format!("{} was accepted as {provider_id}: it is followed{}", action.name, over(*deadline, now))
        }
        Command::Withdraw { action, provider_id, .. } => {
            format!(
                "{} was accepted as {provider_id}, and is cancelled there unless it has ended",
                action.name
            )
        }
        Command::StartChild { playbook, deadline, .. } => {
            format!("{playbook} is called{}", over(*deadline, now))
        }
        Command::AwaitChild { run, deadline, .. } => {
            format!("was called as {run}, which goes on{}", over(*deadline, now))
        }
        Command::SetTimer { after, .. } => format!("a wait of {} begins", seconds(*after)),
        Command::Sleep { until, deadline, .. } if *until > now => {
            format!("waits until {until}{}", over(*deadline, now))
        }
        Command::Sleep { until, .. } => format!("the wait was over at {until}"),
    };
    (step, words)
}

/// A step whose time has run out while nobody drove it ends by that.
fn over(deadline: Deadline, now: Timestamp) -> String {
    let at = deadline.at.filter(|at| *at <= now);
    at.map_or_else(String::new, |at| format!(", but its time was over at {at}"))
}

/// The plan as lines, below a line about the run.
pub(crate) fn lines(recorded: &Recorded, plan: &[Next]) -> Vec<String> {
    let run = &recorded.run;
    let head = format!(
        "{} of {}, begun {}, last heard of {}",
        run.id(),
        run.playbook().name,
        run.started_at(),
        run.last_at()
    );
    let rows: Vec<Vec<String>> = plan
        .iter()
        .map(|next| vec![format!("{}{}", "  ".repeat(next.depth + 1), next.step), next.words.clone()])
        .collect();
    std::iter::once(head).chain(super::table(&rows)).collect()
}

/// The plan as JSON. This shape is a promise to scripts.
pub(crate) fn document(recorded: &Recorded, plan: &[Next]) -> Value {
    let next: Vec<Value> = plan
        .iter()
        .map(|next| json!({ "run_id": next.run.to_string(), "step": next.step, "does": next.words }))
        .collect();
    json!({
        "run_id": recorded.run.id().to_string(),
        "playbook": recorded.run.playbook().name.as_str(),
        "started_at": recorded.run.started_at().to_string(),
        "next": next,
    })
}
