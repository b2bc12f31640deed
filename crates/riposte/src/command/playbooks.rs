//! `riposte playbooks`: those that the daemon serves.

use crate::cli::{Playbooks, PlaybooksList};
use crate::command::daemon::Daemon;
use crate::command::place::Place;
use crate::command::{show, stop};
use crate::exit::{Exit, usage};
use crate::render::playbooks::lines;
use crate::render::style::Style;
use anyhow::Result;
use hyper::Method;

pub(crate) async fn run(arguments: Playbooks) -> Result<Exit> {
    let named = |name: &str| stop::name(Some(name)).map_err(|error| usage(error.to_string()));
    match arguments {
        Playbooks::List(arguments) => list(arguments).await,
        Playbooks::Disable(asked) => {
            stop::order(&asked.place, named(&asked.playbook)?, false, asked.reason.as_deref()).await
        }
        Playbooks::Enable(asked) => stop::take_back(&asked.place, named(&asked.playbook)?).await,
    }
}

async fn list(arguments: PlaybooksList) -> Result<Exit> {
    let mut daemon = Daemon::expect(&Place::of(&arguments.place)?).await?;
    let playbooks = daemon.ask(Method::GET, "/api/v1/playbooks", None).await?;
    show(arguments.output, || lines(&playbooks, Style::stdout()), || playbooks.clone())?;
    Ok(Exit::Done)
}
