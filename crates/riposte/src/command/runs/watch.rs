//! `riposte runs watch`: a run is followed until it is over.

use crate::cli::RunsWatch;
use crate::command::daemon::Daemon;
use crate::command::place::Place;
use crate::command::print;
use crate::command::records::Records;
use crate::exit::{self, Exit};
use crate::render::live::Live;
use crate::render::style::Style;
use crate::render::timeline::ending;
use anyhow::{Context, Result};
use riposte_engine::{Event, EventBody, HostStore, RunFinished};
use riposte_journal::Journal;
use riposte_model::{RunId, Timestamp};
use riposte_server::document::read::Entry;
use std::sync::Arc;
use std::time::Duration;

/// How often the journal is looked into where no daemon tells.
const LOOK: Duration = Duration::from_millis(500);
/// Events of one look.
const PAGE: u32 = 500;

pub(super) async fn run(arguments: RunsWatch) -> Result<Exit> {
    let mut records = Records::of(&Place::of(&arguments.place)?).await?;
    let found = records.events(&arguments.run).await;
    let (id, events) = match found {
        Ok(found) => found,
        Err(error) => {
            records.close().await;
            return Err(error);
        }
    };
    let began = events.first().context("nothing is recorded of this run")?.at;
    let mut watched = Watched { live: Live::new(), id, began, seq: 0, over: None };
    events.iter().for_each(|event| watched.show(event));
    let followed = match &mut records {
        _ if watched.over.is_some() => Ok(()),
        Records::Daemon(daemon) => told(daemon, &mut watched).await,
        Records::Journal(journal) => looked(journal, &mut watched).await,
    };
    if followed.is_ok() && watched.over.is_none() {
        // Between the first look and the question after news it may have ended: then there are none.
        let (_, events) = records.events(&id.to_string()).await?;
        let seen = watched.seq;
        events.iter().filter(|event| event.seq > seen).for_each(|event| watched.show(event));
    }
    watched.live.finish();
    records.close().await;
    followed?;
    let (at, finished) = watched.over.context("the daemon ended before the run did: watch it again")?;
    print(&ending(id, at.since(began), &finished, Style::stdout()))?;
    Ok(exit::of_run(&finished))
}

/// What has been seen of a run.
struct Watched {
    live: Arc<Live>,
    id: RunId,
    began: Timestamp,
    /// The number of the last event.
    seq: u64,
    over: Option<(Timestamp, RunFinished)>,
}

impl Watched {
    fn show(&mut self, event: &Event) {
        self.live.event(self.id, self.began, event);
        self.seq = event.seq;
        // A run that is retried is not over any more.
        self.over = match &event.body {
            EventBody::RunFinished(finished) => Some((event.at, finished.clone())),
            _ => None,
        };
    }
}

/// The daemon says what happens.
async fn told(daemon: &mut Daemon, watched: &mut Watched) -> Result<()> {
    let path = format!("/api/v1/runs/{}/events?after={}", watched.id, watched.seq);
    let mut told = daemon.follow(&path).await?;
    while watched.over.is_none()
        && let Some(entry) = told.next().await?
    {
        let Entry(event) = serde_json::from_str(&entry).context("the daemon tells of something unknown")?;
        watched.show(&event);
    }
    Ok(())
}

/// No daemon is there: another process drives the run, or nobody does.
async fn looked(journal: &Journal, watched: &mut Watched) -> Result<()> {
    loop {
        let page = journal.events_after(watched.id, watched.seq, PAGE).await?;
        page.events.iter().for_each(|event| watched.show(event));
        if watched.over.is_some() {
            return Ok(());
        }
        if page.events.is_empty() {
            tokio::time::sleep(LOOK).await;
        }
    }
}
