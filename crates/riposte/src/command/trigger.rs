//! `riposte trigger`: has the daemon begin a run.

use crate::cli::Trigger;
use crate::command::daemon::Daemon;
use crate::command::{playbook, print};
use crate::compose;
use crate::exit::{Exit, usage};
use anyhow::{Context, Result};
use hyper::Method;
use serde_json::{Value, json};

pub(crate) async fn run(arguments: Trigger) -> Result<Exit> {
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), None)?;
    let daemon = Daemon::of(&data_dir).await?.ok_or_else(|| {
        usage(format!(
            "no daemon serves {}: start one with `riposte serve`, or name its folder by --data-dir",
            data_dir.display()
        ))
    })?;
    let body = json!({ "playbook": arguments.playbook, "texts": playbook::pairs(&arguments.inputs)? });
    let answer = daemon.ask(Method::POST, "/api/v1/runs", Some(&body)).await?;
    let run =
        answer.get("run_id").and_then(Value::as_str).context("the daemon does not say which run began")?;
    print(run)?;
    Ok(Exit::Done)
}
