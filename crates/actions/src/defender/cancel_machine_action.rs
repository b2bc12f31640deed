//! `defender.cancel_machine_action`

use crate::defender::failure::failure;
use crate::defender::machine_action::{ending, is_marked, marked};
use crate::defender::shape::{self, action_id, comment, name, text, without_annotations};
use crate::defender::{Arguments, Once};
use async_trait::async_trait;
use riposte_defender::{ActionStatus, Client, Delivery, Error, GetMachineAction, MachineAction, Refusal};
use riposte_engine::{CallIntended, Marker, Outcome, Sighting};
use riposte_model::{ActionSpec, ErrorKind, Failure, Permissions, Priority, Schema, Timestamp};
use std::time::Duration;

/// Longest wait for the answer what has become of the action.
const LOOK_BUDGET: Duration = Duration::from_secs(15);

/// Asks Defender to end a machine action that has not ended. Effect: `once`.
///
/// The marker stands in the action's `cancellationComment`, so the action itself tells what became of a cancellation
/// whose answer was lost. Fails with `invalid` when the action has ended already. Source: "Cancel machine action API".
pub(super) struct CancelMachineAction;

#[async_trait]
impl Once for CancelMachineAction {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("cancel_machine_action"),
            summary: "Cancel a machine action that has not ended",
            arguments: Schema::object().required("action_id", action_id()).required("comment", comment()),
            output: shape::machine_action(),
            priority: Priority::Containment,
            permissions: PERMISSIONS,
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/cancel-machine-action",
            ..shape::at_once()
        }
    }

    async fn send(&self, client: &Client, call: &CallIntended, budget: Duration) -> Outcome {
        let request = riposte_defender::CancelMachineAction {
            action_id: id(&call.arguments),
            comment: Some(marked(call)),
        };
        match client.send(&request, budget).await {
            Ok(action) => cancelled(action),
            Err(error @ Error::Refused { kind: Refusal::Invalid | Refusal::Other, .. }) => {
                refused(client, call, &error).await
            }
            Err(error) => match error.delivery() {
                Delivery::NotDelivered | Delivery::Answered => Outcome::Failed(failure(&error)),
                Delivery::Unknown => Outcome::Unknown(failure(&error)),
            },
        }
    }

    /// The action itself is the log: whoever ended it, and how, stands in it.
    async fn find(
        &self,
        client: &Client,
        call: &CallIntended,
        _intended_at: Timestamp,
        budget: Duration,
    ) -> Result<Sighting, Failure> {
        let action_id = id(&call.arguments);
        let action = match client.send(&GetMachineAction { action_id: action_id.clone() }, budget).await {
            Ok(action) => action,
            Err(Error::Refused { kind: Refusal::NotFound, .. }) => {
                let evidence = format!("Defender knows no machine action {action_id}");
                return Ok(Sighting::NotSeen { evidence });
            }
            Err(error) => return Err(failure(&error)),
        };
        let named = format!("{} {}", action.kind, action.id);
        match (&action.status, &action.cancellation_comment) {
            (ActionStatus::Cancelled, _) if is_ours(&action, &call.marker) => Ok(Sighting::Found {
                provider_id: action.id.clone(),
                evidence: format!("{named} is Cancelled and carries the marker"),
                output: without_annotations(action.raw),
            }),
            (ActionStatus::Cancelled, None) => {
                let message = format!("{named} was cancelled without a comment, which may be this call");
                Err(Failure::new(ErrorKind::UnknownOutcome, message))
            }
            // It did not end it, and cannot any more.
            (status, _) if status.is_final() => {
                Ok(Sighting::NotSeen { evidence: format!("not by this call, {}", ending(&action)) })
            }
            (status, _) => Ok(Sighting::NotSeen { evidence: format!("{named} is still {status}") }),
        }
    }
}

/// One that matches the kind of action is needed.
const PERMISSIONS: Permissions = Permissions { application: ANY_ACTION, delegated: ANY_ACTION };

const ANY_ACTION: &[&str] = &[
    "Machine.CollectForensics",
    "Machine.Isolate",
    "Machine.RestrictExecution",
    "Machine.Scan",
    "Machine.Offboard",
    "Machine.StopAndQuarantine",
    "Machine.LiveResponse",
];

fn id(arguments: &Arguments) -> String {
    text(arguments, "action_id")
}

/// What the answer shows. A success that came with an action which ended in another way has cancelled nothing.
fn cancelled(action: MachineAction) -> Outcome {
    match action.status {
        ActionStatus::Succeeded | ActionStatus::Failed | ActionStatus::TimeOut => {
            Outcome::Failed(Failure::new(ErrorKind::ProviderFailed, ending(&action)))
        }
        ActionStatus::Cancelled
        | ActionStatus::Pending
        | ActionStatus::InProgress
        | ActionStatus::Unknown(_) => Outcome::Done(without_annotations(action.raw)),
    }
}

/// Defender refused: mostly because the action has ended. An earlier attempt that was believed lost may be what ended it.
async fn refused(client: &Client, call: &CallIntended, refusal: &Error) -> Outcome {
    match client.send(&GetMachineAction { action_id: id(&call.arguments) }, LOOK_BUDGET).await {
        Ok(action) if is_ours(&action, &call.marker) => Outcome::Done(without_annotations(action.raw)),
        Ok(action) if action.status.is_final() => {
            let message = format!("there is nothing to cancel: {}", ending(&action));
            Outcome::Failed(Failure { message, ..failure(refusal) })
        }
        Err(_) if call.attempt > 1 => Outcome::Unknown(failure(refusal)),
        Ok(_) | Err(_) => Outcome::Failed(failure(refusal)),
    }
}

/// Whether an attempt of this step cancelled it.
fn is_ours(action: &MachineAction, marker: &Marker) -> bool {
    action.status == ActionStatus::Cancelled && is_marked(action.cancellation_comment.as_deref(), marker)
}
