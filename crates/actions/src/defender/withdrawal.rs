//! Cancelling a machine action because the run that opened it was cancelled.

use crate::defender::failure::failure;
use crate::defender::machine_action::{is_marked, standing};
use riposte_defender::{
    ActionStatus, CancelMachineAction, Client, Delivery, Error, GetMachineAction, MachineAction,
};
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
        Ok(_) => Withdrawal::Failed(failure(&error)),
        // Perhaps it has ended, which is to be told: whether to look again depends on why this look failed.
        Err(error) => Withdrawal::Failed(failure(&error)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_defender::Operation as _;
    use riposte_engine::Standing;
    use riposte_model::StepPath;
    use serde_json::{Value, json};

    fn after(status: &str, comment: Value) -> Withdrawal {
        let marker = Marker::new(
            "run_00000000000000000000000000000001".parse().unwrap(),
            &StepPath::root("isolate"),
            1,
        );
        let comment =
            if comment == "ours" { json!(format!("{marker} its run was cancelled")) } else { comment };
        let answer =
            json!({ "id": "a1", "type": "Isolate", "status": status, "cancellationComment": comment });
        let cancel = CancelMachineAction { action_id: "a1".into(), comment: None };
        shown(cancel.decode(answer).unwrap(), &marker)
    }

    #[test]
    fn a_cancelled_action_is_taken_back_unless_somebody_else_did_it() {
        let done = Withdrawal::Done { evidence: "Defender's Isolate a1 was cancelled".into() };
        assert_eq!(after("Cancelled", json!("ours")), done);
        assert_eq!(after("Cancelled", Value::Null), done);
        let theirs = after("Cancelled", json!("not needed"));
        assert!(matches!(theirs, Withdrawal::Ended(Standing::Failed(_))), "{theirs:?}");
    }

    #[test]
    fn what_is_not_at_its_end_is_not_said_to_be_taken_back() {
        for status in ["Pending", "InProgress", "Cancelling"] {
            assert_eq!(after(status, json!("ours")), Withdrawal::Taken { status: status.into() });
        }
    }

    #[test]
    fn an_end_that_came_first_is_told_as_it_is() {
        let well = after("Succeeded", json!("ours"));
        assert!(matches!(well, Withdrawal::Ended(Standing::Succeeded(_))), "{well:?}");
        for status in ["Failed", "TimeOut"] {
            let badly = after(status, json!("ours"));
            assert!(matches!(badly, Withdrawal::Ended(Standing::Failed(_))), "{badly:?}");
        }
    }
}
