//! Cancelling a machine action because the run that opened it was cancelled.

use crate::defender::failure::failure;
use crate::defender::machine_action::{is_marked, standing};
use riposte_defender::{ActionStatus, CancelMachineAction, Client, Delivery, Error, GetMachineAction, MachineAction};
use riposte_engine::{Marker, Withdrawal};
use std::time::Duration;

/// Longest wait for the answer what has become of the action.
const LOOK_BUDGET: Duration = Duration::from_secs(15);

/// Asks Defender once to cancel a machine action.
///
/// Defender cancels only what has not ended, and no answer to that is documented but its status: where the answer does not
/// say it, the action itself does, by its status and its `cancellationComment`. Source: "Cancel machine action API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/cancel-machine-action>.
pub(super) async fn withdraw(
    client: &Client,
    action_id: &str,
    marker: &Marker,
    reason: &str,
    budget: Duration,
) -> Withdrawal {
    let comment = Some(format!("{marker} {reason}"));
    let cancel = CancelMachineAction { action_id: action_id.to_owned(), comment };
    let error = match client.send(&cancel, budget).await {
        Ok(action) => return shown(action, marker),
        Err(error) => error,
    };
    let may_tell_more = match error.delivery() {
        Delivery::NotDelivered => false,
        Delivery::Answered => matches!(error, Error::Refused { .. }),
        Delivery::Unknown => true,
    };
    if !may_tell_more {
        return Withdrawal::Failed(failure(&error));
    }
    match client.send(&GetMachineAction { action_id: action_id.to_owned() }, LOOK_BUDGET).await {
        Ok(action) if action.status.is_final() || is_cancelled_by(&action, marker) => shown(action, marker),
        Ok(_) | Err(_) => Withdrawal::Failed(failure(&error)),
    }
}

/// What the action itself shows, after Defender was asked to cancel it.
fn shown(action: MachineAction, marker: &Marker) -> Withdrawal {
    match &action.status {
        ActionStatus::Cancelled
            if action.cancellation_comment.is_none() || is_cancelled_by(&action, marker) =>
        {
            Withdrawal::Done { evidence: format!("Defender's {} {} was cancelled", action.kind, action.id) }
        }
        status if status.is_final() => Withdrawal::Ended(standing(action)),
        status => Withdrawal::Taken { status: status.to_string() },
    }
}

fn is_cancelled_by(action: &MachineAction, marker: &Marker) -> bool {
    is_marked(action.cancellation_comment.as_deref(), marker)
}
