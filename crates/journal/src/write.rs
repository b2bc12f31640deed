//! The writer: one task, one connection, group commit.

mod append;
mod begin;
mod delivered;
mod host;
mod known;
mod together;

pub(crate) use delivered::{Start, key as delivery_key};
pub(crate) use together::Common;

use crate::error::store_error;
use crate::line::Line;
use crate::meter::{self, Commit};
use crate::open;
use crate::own::Owner;
use known::Known;
use riposte_engine::{Begun, Event, EventBody, Parked, ScheduleNote, StopOrder, StoreError};
use riposte_model::{PlaybookName, RunId, Timestamp};
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::time::Duration;
use together::Frame;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Requests that wait for the writer. A full queue makes senders wait; nothing is dropped.
pub(crate) const QUEUE: usize = 1024;

/// Most requests in one transaction.
const GROUP: usize = 256;

/// From so many requests on there is a crowd, and more of it is on its way.
const CROWD: usize = 8;

/// How long a crowd waits for the rest of it: a sync less is worth more than that. Whoever comes alone never waits.
const COMPANY: Duration = Duration::from_millis(1);

/// Something to write, all or nothing.
pub(crate) enum Write {
    Begin { run: RunId, source: String, first: Box<Event> },
    Common(Common),
    Own { run: RunId },
    BeginChild { parent: RunId, events: Vec<Event>, run: RunId, source: String, first: Box<Event> },
    OwnLeft,
    Park(Vec<Parked>),
    Stop(StopOrder),
    Lift { playbook: Option<PlaybookName>, at: Timestamp },
    NoteSchedules { notes: Vec<ScheduleNote>, forget: Vec<String> },
    Probe,
}

/// What came of it.
pub(crate) enum Done {
    Written,
    Begun(Vec<Begun>),
    /// Whether there was a stop to lift.
    Lifted(bool),
}

/// A request and where its answer goes.
pub(crate) struct Request {
    pub(crate) write: Write,
    pub(crate) answer: oneshot::Sender<Result<Done, StoreError>>,
}

/// The connection that writes, and how to get another one.
///
/// After an error SQLite may have rolled back by itself, and then the connection's own idea of its transactions is wrong:
/// every later one would fail, however much room there is again. So an error costs the connection.
pub(crate) struct Writer {
    connection: Option<SqliteConnection>,
    /// What is remembered since the connection was opened.
    known: Known,
    reopen: Reopen,
    /// Whom the runs that are written here belong to. Dropped after the file is closed.
    owner: Owner,
    meter: meter::Place,
}

/// Opens the file again, in the same way.
pub(crate) type Reopen = Box<dyn Fn() -> BoxFuture<Result<SqliteConnection, StoreError>> + Send + Sync>;
pub(crate) type BoxFuture<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

impl Writer {
    pub(crate) fn new(
        connection: SqliteConnection,
        reopen: Reopen,
        owner: Owner,
        meter: meter::Place,
    ) -> Self {
        Writer { connection: Some(connection), known: Known::default(), reopen, owner, meter }
    }

    /// Serves requests until every sender is gone, then closes the file.
    pub(crate) async fn serve(mut self, mut queue: mpsc::Receiver<Request>) {
        let mut group = Vec::with_capacity(GROUP);
        while queue.recv_many(&mut group, GROUP).await > 0 {
            if (CROWD..GROUP).contains(&group.len()) {
                tokio::time::sleep(COMPANY).await;
                while group.len() < GROUP
                    && let Ok(request) = queue.try_recv()
                {
                    group.push(request);
                }
            }
            self.commit(std::mem::take(&mut group)).await;
        }
        if let Some(connection) = self.connection
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the journal failed; what was acknowledged is on disk");
        }
    }

    /// Commits a group as one transaction. If that fails, each is tried alone, so that one request's trouble is not its
    /// neighbours'.
    async fn commit(&mut self, mut group: Vec<Request>) {
        match self.transaction(&group).await {
            Ok(verdicts) => {
                for (request, verdict) in group.into_iter().zip(verdicts) {
                    // Who no longer listens will find it in the journal.
                    let _ = request.answer.send(verdict);
                }
            }
            Err(error) if group.len() <= 1 => {
                if let Some(request) = group.pop() {
                    let _ = request.answer.send(Err(error));
                }
            }
            Err(_) => {
                for request in group {
                    let alone = [request];
                    let verdict = self.transaction(&alone).await;
                    let [request] = alone;
                    let _ =
                        request
                            .answer
                            .send(verdict.and_then(|mut verdicts| {
                                verdicts.pop().unwrap_or_else(|| Err(no_verdict()))
                            }));
                }
            }
        }
    }

    async fn transaction(&mut self, group: &[Request]) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
        let begun = Instant::now();
        let verdicts = self.written(group).await;
        if let Some(meter) = self.meter.get() {
            meter.committed(&Commit {
                requests: group.len(),
                events: group.iter().map(|request| request.write.events()).sum(),
                took: begun.elapsed(),
                failed: verdicts.as_ref().err(),
            });
        }
        verdicts
    }

    async fn written(&mut self, group: &[Request]) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
        loop {
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => {
                    let mut connection = (self.reopen)().await?;
                    open::furnish(&mut connection).await?;
                    connection
                }
            };
            let mut known = std::mem::take(&mut self.known);
            match transaction(&mut connection, &mut known, group, &self.owner).await {
                Ok(verdicts) => {
                    (self.connection, self.known) = (Some(connection), known);
                    return Ok(verdicts);
                }
                // Now nothing is remembered, so that this does not come again.
                Err(_) if known.is_contradicted() => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// One transaction over a group: a verdict for each request, or an error and nothing written.
async fn transaction(
    connection: &mut SqliteConnection,
    known: &mut Known,
    group: &[Request],
    owner: &Owner,
) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
    let common: Vec<_> = group.iter().map_while(as_common).collect();
    if common.len() == group.len() {
        return together::write(connection, known, &common, owner, Frame::Whole).await;
    }
    // What begins here is numbered elsewhere. The rest may be remembered before the end: if that fails, all of it is lost.
    known.expect_next(None);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    let mut verdicts = Vec::with_capacity(group.len());
    let mut rest = group;
    while let Some((first, others)) = rest.split_first() {
        let common: Vec<_> = rest.iter().map_while(as_common).collect();
        if common.is_empty() {
            verdicts.push(carry_out(&mut transaction, known, &first.write, owner).await?);
            rest = others;
        } else {
            rest = rest.get(common.len()..).unwrap_or_default();
            verdicts.extend(together::write(&mut transaction, known, &common, owner, Frame::Part).await?);
        }
    }
    transaction.commit().await.map_err(store_error)?;
    Ok(verdicts)
}

impl Write {
    /// How many events it holds.
    fn events(&self) -> usize {
        match self {
            Write::Begin { .. } => 1,
            Write::Common(Common::Append(appended)) => appended.iter().map(|(_, events)| events.len()).sum(),
            Write::Common(Common::Begin(beginnings)) => beginnings.len(),
            Write::BeginChild { events, .. } => events.len() + 1,
            Write::Probe
            | Write::Own { .. }
            | Write::OwnLeft
            | Write::Park(_)
            | Write::Stop(_)
            | Write::Lift { .. }
            | Write::NoteSchedules { .. } => 0,
        }
    }
}

/// The outer result: the database failed. The inner one: this request is refused, and nothing of it was written.
type Verdict<T = ()> = Result<Result<T, StoreError>, StoreError>;

/// What nearly every request is.
fn as_common(request: &Request) -> Option<&Common> {
    if let Write::Common(common) = &request.write { Some(common) } else { None }
}

/// One of those within a transaction.
async fn one(
    connection: &mut SqliteConnection,
    known: &mut Known,
    common: &Common,
    owner: &Owner,
) -> Verdict<Done> {
    let mut verdicts = together::write(connection, known, &[common], owner, Frame::Part).await?;
    Ok(verdicts.pop().unwrap_or_else(|| Err(no_verdict())))
}

fn no_verdict() -> StoreError {
    StoreError::Other("no verdict".into())
}

async fn carry_out(
    connection: &mut SqliteConnection,
    known: &mut Known,
    write: &Write,
    owner: &Owner,
) -> Verdict<Done> {
    let written = match write {
        Write::Common(common) => return one(connection, known, common, owner).await,
        Write::Begin { run, source, first } => {
            begin::begin(connection, *run, source, first, owner, None).await?
        }
        Write::Own { run } => begin::own(connection, *run, owner).await?,
        Write::BeginChild { parent, events, run, source, first } => {
            // What is refused has to be refused before anything of it is written.
            if !matches!(first.body, EventBody::RunStarted(_)) {
                return Ok(Err(StoreError::OutOfOrder(*run)));
            }
            let appended = Common::Append(vec![(*parent, Line::all(events)?)]);
            match one(connection, known, &appended, owner).await? {
                Ok(_) => begin::begin(connection, *run, source, first, owner, Some(*parent)).await?,
                Err(refused) => Err(refused),
            }
        }
        Write::OwnLeft => Ok(host::own_left(connection, owner).await?),
        Write::Park(parked) => host::park(connection, parked, owner).await?,
        Write::Stop(stop) => Ok(host::stop(connection, stop).await?),
        Write::NoteSchedules { notes, forget } => Ok(host::note_schedules(connection, notes, forget).await?),
        Write::Probe => Ok(host::probe(connection).await?),
        Write::Lift { playbook, at } => {
            return Ok(Ok(Done::Lifted(host::lift(connection, playbook.as_ref(), *at).await?)));
        }
    };
    Ok(written.map(|()| Done::Written))
}

/// Why `owner` may not write to a run that `current` drives, if it may not.
fn not_ours(run: RunId, current: Option<&str>, owner: &Owner) -> Option<StoreError> {
    if current == Some(owner.name()) {
        return None;
    }
    let by = current.and_then(|current| owner.alive(current));
    let by = by.unwrap_or_else(|| "nobody any more, and was not taken over".to_owned());
    Some(StoreError::Driven { run, by })
}
