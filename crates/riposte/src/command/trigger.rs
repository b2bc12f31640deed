//! `riposte trigger`: has the daemon begin a run.

use crate::cli::Trigger;
use crate::command::daemon::{Daemon, run_of};
use crate::command::place::Place;
use crate::command::{playbook, print};
use crate::exit::Exit;
use anyhow::Result;
use hyper::Method;
use serde_json::json;

pub(crate) async fn run(arguments: Trigger) -> Result<Exit> {
    let mut daemon = Daemon::expect(&Place::of(&arguments.place)?).await?;
    let body = json!({ "playbook": arguments.playbook, "texts": playbook::pairs(&arguments.inputs)? });
    let answer = daemon.ask(Method::POST, "/api/v1/runs", Some(&body)).await?;
    print(&run_of(&answer)?.to_string())?;
    Ok(Exit::Done)
}
