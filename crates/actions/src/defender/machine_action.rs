//! What all actions share that open a machine action: the marker, the doubt, the end.
//!
//! The marker stands at the beginning of `Comment`, which Defender keeps as `requestorComment`. That it keeps it is an
//! assumption (`docs/decisions/`); what is looked for is any attempt of the step, because an earlier one may turn up late, but
//! not one of which it is known what it opened: a step that is retried would be told of its old action.

use crate::defender::failure::failure;
use crate::defender::shape::{optional_text, text, without_annotations};
use crate::defender::{Arguments, Start};
use chrono::{DateTime, Utc};
use riposte_defender::{
    ActionKind, ActionStatus, Client, Delivery, Error, Filter, GetMachineAction, ListMachineActions,
    LiveResponseCommandStatus, MachineAction, MachineActionField, Refusal,
};
use riposte_engine::{CallIntended, Marker, Outcome, Sighting, Standing};
use riposte_model::{ErrorKind, Failure, Timestamp};
use std::time::Duration;

/// How far Defender's clock may be behind ours when looking for a call by its creation time. Machines with a wrong time zone
/// are hours off, and a call that is overlooked would be made again.
const CLOCK_SKEW: Duration = Duration::from_secs(24 * 3600);

/// Longest wait for the answer who else is active.
const LOOK_BUDGET: Duration = Duration::from_secs(15);

/// Sends the one POST and says what came of it.
pub(super) async fn send(
    client: &Client,
    start: &dyn Start,
    call: &CallIntended,
    budget: Duration,
) -> Outcome {
    match start.start(client, &call.arguments, marked(call), budget).await {
        // Defender may answer a duplicate with the action that is already pending.
        Ok(action) if someone_elses(&action, call) => Outcome::Failed(conflict(&action)),
        Ok(action) => accepted(action),
        Err(error @ Error::Refused { kind: Refusal::AlreadyActive, .. }) => {
            already_active(client, start.kind(), call, &error).await
        }
        Err(error) => match error.delivery() {
            Delivery::NotDelivered | Delivery::Answered => Outcome::Failed(failure(&error)),
            Delivery::Unknown => Outcome::Unknown(failure(&error)),
        },
    }
}

/// Defender says that such an action is under way on the device: ours, from an attempt that was believed lost, or somebody
/// else's.
async fn already_active(client: &Client, kind: ActionKind, call: &CallIntended, refusal: &Error) -> Outcome {
    let active = active(client, kind, &call.arguments, LOOK_BUDGET).await;
    let ours = active.as_ref().ok().and_then(|actions| actions.iter().find(|action| is_ours(action, call)));
    match (ours, active.as_deref()) {
        (Some(ours), _) => accepted(ours.clone()),
        (None, Ok([other, ..])) if call.attempt == 1 || other.requestor_comment.is_some() => {
            Outcome::Failed(conflict(other))
        }
        // An earlier attempt may be the one that is active: to be looked for until that is certain.
        (None, _) if call.attempt > 1 => Outcome::Unknown(failure(refusal)),
        (None, Ok(_)) => Outcome::Failed(unnamed_conflict("it has ended meanwhile")),
        (None, Err(error)) => Outcome::Failed(unnamed_conflict(&failure(error).message)),
    }
}

/// Looks once for the call among what was opened since it was intended.
///
/// Only the time narrows the search: device and kind can be null or another in what Defender shows, and the marker
/// identifies.
pub(super) async fn find(
    client: &Client,
    kind: ActionKind,
    call: &CallIntended,
    intended_at: Timestamp,
    budget: Duration,
) -> Result<Sighting, Failure> {
    let skew = i64::try_from(CLOCK_SKEW.as_millis()).unwrap_or(0);
    let since = Timestamp::from_millis(intended_at.as_millis().saturating_sub(skew));
    let filter = DateTime::<Utc>::from_timestamp_millis(since.as_millis())
        .map(|since| Filter::at_or_after(MachineActionField::CreationDateTimeUtc, since));
    let actions = client
        .send(&ListMachineActions { filter, top: None }, budget)
        .await
        .map_err(|error| failure(&error))?;
    let searched = format!("{} machine actions since {since}", actions.len());
    if let Some(ours) = actions.iter().find(|action| is_ours(action, call)) {
        return Ok(Sighting::Found {
            provider_id: ours.id.clone(),
            output: without_annotations(ours.raw.clone()),
            evidence: format!("one of {searched} carries the marker, and is {}", ours.status),
        });
    }
    if let Some(nameless) = actions.iter().find(|action| may_be_the_call(action, &kind, &call.arguments)) {
        let message = format!("{} {} has no comment, and may be this call", nameless.kind, nameless.id);
        return Err(Failure::new(ErrorKind::UnknownOutcome, message));
    }
    Ok(Sighting::NotSeen { evidence: format!("none of {searched} carries the marker") })
}

/// Where these machine actions stand: one request for one action, one for many.
pub(super) async fn standings(
    client: &Client,
    ids: &[String],
    budget: Duration,
) -> Result<Vec<(String, Standing)>, Failure> {
    let actions = match ids {
        [] => return Ok(Vec::new()),
        [one] => {
            client.send(&GetMachineAction { action_id: one.clone() }, budget).await.map(|action| vec![action])
        }
        [first, rest @ ..] => {
            let filter = Filter::one_of(MachineActionField::Id, first, rest);
            client.send(&ListMachineActions { filter: Some(filter), top: None }, budget).await
        }
    };
    let actions = actions.map_err(|error| failure(&error))?;
    Ok(actions.into_iter().map(|action| (action.id.clone(), standing(action))).collect())
}

/// What the status of an action means for who waits for it.
pub(super) fn standing(action: MachineAction) -> Standing {
    match &action.status {
        ActionStatus::Succeeded => Standing::Succeeded(without_annotations(action.raw)),
        ActionStatus::Failed | ActionStatus::TimeOut | ActionStatus::Cancelled => {
            Standing::Failed(Failure::new(ErrorKind::ProviderFailed, ending(&action)))
        }
        ActionStatus::Pending | ActionStatus::InProgress | ActionStatus::Unknown(_) => {
            Standing::Open { status: action.status.to_string() }
        }
    }
}

/// How Defender ended an action, with what it says of the reason.
pub(super) fn ending(action: &MachineAction) -> String {
    let mut text = format!("Defender ended {} {} as {}", action.kind, action.id, action.status);
    if let Some(who) = &action.cancellation_requestor {
        text.push_str(&format!(", cancelled by {who}"));
    }
    if let Some(why) = &action.cancellation_comment {
        text.push_str(&format!(" ({why})"));
    }
    for command in &action.commands {
        if command.status == LiveResponseCommandStatus::Failed {
            let index = command.index.map_or_else(String::new, |index| format!(" {index}"));
            text.push_str(&format!(
                ", command{index} ({}) failed: {}",
                command.kind,
                command.errors.join("; ")
            ));
        }
    }
    if let Some(code) = action.error_h_result.filter(|code| *code != 0) {
        text.push_str(&format!(", errorHResult {code}"));
    }
    text
}

fn accepted(action: MachineAction) -> Outcome {
    Outcome::Accepted { provider_id: action.id.clone(), output: without_annotations(action.raw) }
}

/// Whether the answer is an action that carries a comment, and not our marker in it. An answer without a comment counts
/// as ours: Defender has just given it to us.
fn someone_elses(action: &MachineAction, call: &CallIntended) -> bool {
    action.requestor_comment.is_some() && !is_ours(action, call)
}

/// Whether it was opened by this call, or by an attempt of its step of which nobody knows what it opened.
fn is_ours(action: &MachineAction, call: &CallIntended) -> bool {
    // Almost every answer begins with the marker that was sent; to search for it takes fifty times as long.
    let as_sent = |comment: &str| call.attempt > call.known && comment.starts_with(call.marker.as_str());
    action.requestor_comment.as_deref().is_some_and(|comment| as_sent(comment) || call.is_marked(comment))
}

/// The author's comment behind the marker. In front, it survives should Defender cut long comments.
pub(super) fn marked(call: &CallIntended) -> String {
    [call.marker.as_str(), " ", optional_text(&call.arguments, "comment").unwrap_or_default()].concat()
}

/// Whether a time that Defender shows, or does not, may be at or after a moment of ours.
pub(super) fn may_be_since(shown: Option<&riposte_defender::Timestamp>, moment: Timestamp) -> bool {
    let skew = i64::try_from(CLOCK_SKEW.as_millis()).unwrap_or(0);
    let shown = shown.and_then(riposte_defender::Timestamp::moment);
    shown.is_none_or(|shown| shown.timestamp_millis() >= moment.as_millis().saturating_sub(skew))
}

/// Whether a comment comes from an attempt of this step.
pub(super) fn is_marked(comment: Option<&str>, marker: &Marker) -> bool {
    comment.is_some_and(|comment| comment.contains(marker.of_any_attempt()))
}

/// Whether nothing that Defender shows of it speaks against its being the call.
fn may_be_the_call(action: &MachineAction, kind: &ActionKind, arguments: &Arguments) -> bool {
    let machine = optional_text(arguments, "machine_id");
    action.requestor_comment.is_none()
        && action.kind == *kind
        && (action.machine_id.is_none() || action.machine_id.as_deref() == machine)
}

/// The actions of this kind on the device that have not ended.
async fn active(
    client: &Client,
    kind: ActionKind,
    arguments: &Arguments,
    budget: Duration,
) -> Result<Vec<MachineAction>, Error> {
    let filter = of_kind_on(&text(arguments, "machine_id"), &kind);
    let actions = client.send(&ListMachineActions { filter: Some(filter), top: None }, budget).await?;
    Ok(actions.into_iter().filter(|action| !action.status.is_final()).collect())
}

fn of_kind_on(machine: &str, kind: &ActionKind) -> Filter<MachineActionField> {
    Filter::equals(MachineActionField::MachineId, machine)
        .and(Filter::equals(MachineActionField::Kind, kind.as_str()))
}

fn conflict(action: &MachineAction) -> Failure {
    let requestor = action.requestor.as_deref().unwrap_or("somebody");
    Failure::new(
        ErrorKind::Conflict,
        format!(
            "{} {} by {requestor} is already {} on this device, and Defender opened no second one",
            action.kind, action.id, action.status
        ),
    )
}

fn unnamed_conflict(why: &str) -> Failure {
    Failure::new(
        ErrorKind::Conflict,
        format!(
            "Defender says that an action of this kind is already under way on this device and opened no second one; \
             whose it is could not be established: {why}"
        ),
    )
}
