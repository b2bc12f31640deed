//! What all actions share that open a machine action: the marker, the doubt, the end.
//!
//! The marker stands at the end of `Comment`, which Defender keeps as `requestorComment`. That it keeps it verbatim is an
//! assumption, documented in `docs/decisions/`; where it does not, an unknown outcome stays unknown and is reported as
//! such.

use crate::defender::failure::failure;
use crate::defender::shape::{text, without_annotations};
use crate::defender::{Arguments, Start};
use chrono::{DateTime, Utc};
use riposte_defender::{
    ActionKind, ActionStatus, Client, Delivery, Error, Filter, GetMachineAction, ListMachineActions,
    MachineAction, MachineActionField, Refusal,
};
use riposte_engine::{CallIntended, Marker, Outcome, Sighting, Standing};
use riposte_model::{ErrorKind, Failure, Timestamp};
use std::time::Duration;

/// How far Defender's clock may be behind ours when looking for a call by its creation time.
const CLOCK_SKEW: Duration = Duration::from_secs(600);

/// Sends the one POST and says what came of it.
pub(super) async fn send(
    client: &Client,
    start: &dyn Start,
    call: &CallIntended,
    budget: Duration,
) -> Outcome {
    let comment = format!("{} {}", text(&call.arguments, "comment"), call.marker);
    match start.start(client, &call.arguments, comment, budget).await {
        Ok(action) => match someone_elses(&action, &call.marker) {
            // Defender may answer a duplicate with the action that is already pending.
            true => Outcome::Failed(conflict(&action)),
            false => accepted(action),
        },
        Err(Error::Refused { kind: Refusal::AlreadyActive, .. }) => {
            match active(client, start.kind(), &call.arguments, budget).await {
                Ok(actions) => {
                    match actions.iter().find(|action| is_ours(action, call.marker.of_any_attempt())) {
                        Some(ours) => accepted(ours.clone()),
                        None => Outcome::Failed(actions.first().map_or_else(unnamed_conflict, conflict)),
                    }
                }
                Err(_) => Outcome::Failed(unnamed_conflict()),
            }
        }
        Err(error) => match error.delivery() {
            Delivery::NotDelivered | Delivery::Answered => Outcome::Failed(failure(&error)),
            Delivery::Unknown => Outcome::Unknown(failure(&error)),
        },
    }
}

/// Looks once for the call among the device's machine actions of its kind.
pub(super) async fn find(
    client: &Client,
    kind: ActionKind,
    call: &CallIntended,
    intended_at: Timestamp,
    budget: Duration,
) -> Result<Sighting, Failure> {
    let skew = i64::try_from(CLOCK_SKEW.as_millis()).unwrap_or(0);
    let since = Timestamp::from_millis(intended_at.as_millis().saturating_sub(skew));
    let machine = text(&call.arguments, "machine_id");
    let mut filter = of_kind_on(&machine, &kind);
    if let Some(since) = DateTime::<Utc>::from_timestamp_millis(since.as_millis()) {
        filter = filter.and(Filter::at_or_after(MachineActionField::CreationDateTimeUtc, since));
    }
    let list = ListMachineActions { filter: Some(filter), top: None };
    let actions = client.send(&list, budget).await.map_err(|error| failure(&error))?;
    let matches: Vec<&MachineAction> =
        actions.iter().filter(|action| is_ours(action, call.marker.as_str())).collect();
    let searched = format!("{} {kind} actions on {machine} since {since}", actions.len());
    Ok(match matches.as_slice() {
        [] => Sighting::NotSeen { evidence: format!("none of the {searched} carries the marker") },
        [one, ..] => Sighting::Found {
            provider_id: one.id.clone(),
            evidence: format!("{} of the {searched} carries the marker, {}", matches.len(), one.status),
        },
    })
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

fn standing(action: MachineAction) -> Standing {
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

/// How Defender ended an action that did not succeed, with what it says of the reason.
fn ending(action: &MachineAction) -> String {
    let mut text = format!("Defender ended {} {} as {}", action.kind, action.id, action.status);
    if let Some(who) = &action.cancellation_requestor {
        text.push_str(&format!(", cancelled by {who}"));
    }
    if let Some(why) = &action.cancellation_comment {
        text.push_str(&format!(" ({why})"));
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
fn someone_elses(action: &MachineAction, marker: &Marker) -> bool {
    action.requestor_comment.as_deref().is_some_and(|comment| !comment.contains(marker.as_str()))
}

fn is_ours(action: &MachineAction, marker: &str) -> bool {
    action.requestor_comment.as_deref().is_some_and(|comment| comment.contains(marker))
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
            "{} {} by {requestor} is already {} on this device; nothing was sent twice",
            action.kind, action.id, action.status
        ),
    )
}

fn unnamed_conflict() -> Failure {
    Failure::new(
        ErrorKind::Conflict,
        "an action of this kind is already active on this device, and whose it is could not be established",
    )
}
