//! Having the daemon do something with a run that it drives.

use super::resolve;
use crate::cli::TakeUp;
use crate::command::configuration;
use crate::command::daemon::{Daemon, Refused};
use crate::compose;
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
    let config = configuration::load(how.config.as_deref())?;
    let data_dir = compose::data_dir(how.data.data_dir.as_deref(), config.as_ref())?;
    let Some(daemon) = Daemon::of(&data_dir).await? else { return Ok(None) };
    let journal = compose::existing_journal(&data_dir).await?;
    let id = resolve(&journal, named).await;
    journal.close().await;
    let id = id?;
    let what = match order {
        Order::Cancel => "cancel",
        Order::Retry => "retry",
    };
    match daemon.ask(Method::POST, &format!("/api/v1/runs/{id}/{what}"), None).await {
        Ok(_) => Ok(Some(id)),
        Err(error) => match error.downcast_ref::<Refused>() {
            Some(refused) if refused.status == StatusCode::CONFLICT => Ok(None),
            _ => Err(error),
        },
    }
}
