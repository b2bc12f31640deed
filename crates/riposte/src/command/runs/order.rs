//! Having the daemon do something with a run that it drives.

use crate::cli::TakeUp;
use crate::command::daemon::{Daemon, Refused, run_of};
use crate::command::place::Place;
use crate::command::records::abbreviation;
use anyhow::Result;
use hyper::{Method, StatusCode};
use riposte_model::RunId;

/// What is ordered.
#[derive(Clone, Copy)]
pub(super) enum Order {
    Cancel,
    Retry,
}

/// Has the daemon of the journal do it. None if there is no daemon, if nothing is to be done, or if the run is not the daemon's:
/// then whoever asks has to see to it.
pub(super) async fn give(order: Order, how: &TakeUp, named: &str) -> Result<Option<RunId>> {
    if how.dry_run {
        return Ok(None);
    }
    let named = abbreviation(named)?;
    let Some(mut daemon) = Daemon::of(&Place::of(&how.place)?.socket).await? else { return Ok(None) };
    let what = match order {
        Order::Cancel => "cancel",
        Order::Retry => "retry",
    };
    match daemon.ask(Method::POST, &format!("/api/v1/runs/{named}/{what}"), None).await {
        Ok(answer) => run_of(&answer).map(Some),
        Err(error) => match error.downcast_ref::<Refused>() {
            Some(refused) if refused.status == StatusCode::CONFLICT => Ok(None),
            _ => Err(error),
        },
    }
}
