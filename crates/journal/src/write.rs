//! The writer: one task, one connection, group commit.

mod host;

pub(crate) use host::key as delivery_key;

use crate::error::store_error;
use crate::own::Owner;
use crate::{row, sql};
use riposte_engine::{Beginning, Begun, Event, EventBody, Parked, RunStatus, StopOrder, StoreError};
use riposte_model::{PlaybookName, RunId, Timestamp};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};
use tokio::sync::{mpsc, oneshot};

/// Requests that wait for the writer. A full queue makes senders wait; nothing is dropped.
pub(crate) const QUEUE: usize = 1024;

/// Most requests in one transaction.
const GROUP: usize = 256;

/// Something to write, all or nothing.
pub(crate) enum Write {
    Begin { run: RunId, source: String, first: Box<Event> },
    Append { appended: Vec<(RunId, Vec<Event>)> },
    Own { run: RunId },
    BeginChild { parent: RunId, events: Vec<Event>, run: RunId, source: String, first: Box<Event> },
    BeginDelivered(Vec<Beginning>),
    OwnLeft,
    Park(Vec<Parked>),
    Stop(StopOrder),
    Lift { playbook: Option<PlaybookName>, at: Timestamp },
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
    reopen: Reopen,
    /// Whom the runs that are written here belong to. Dropped after the file is closed.
    owner: Owner,
}

/// Opens the file again, in the same way.
pub(crate) type Reopen = Box<dyn Fn() -> BoxFuture<Result<SqliteConnection, StoreError>> + Send + Sync>;
pub(crate) type BoxFuture<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

impl Writer {
    pub(crate) fn new(connection: SqliteConnection, reopen: Reopen, owner: Owner) -> Self {
        Writer { connection: Some(connection), reopen, owner }
    }

    /// Serves requests until every sender is gone, then closes the file.
    pub(crate) async fn serve(mut self, mut queue: mpsc::Receiver<Request>) {
        let mut group = Vec::with_capacity(GROUP);
        while queue.recv_many(&mut group, GROUP).await > 0 {
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
                    let _ = request.answer.send(verdict.and_then(|mut verdicts| {
                        verdicts.pop().unwrap_or_else(|| Err(StoreError::Other("no verdict".into())))
                    }));
                }
            }
        }
    }

    async fn transaction(&mut self, group: &[Request]) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => (self.reopen)().await?,
        };
        let verdicts = transaction(&mut connection, group, &self.owner).await?;
        self.connection = Some(connection);
        Ok(verdicts)
    }
}

/// One transaction over a group: a verdict for each request, or an error and nothing written.
async fn transaction(
    connection: &mut SqliteConnection,
    group: &[Request],
    owner: &Owner,
) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    let mut verdicts = Vec::with_capacity(group.len());
    for request in group {
        verdicts.push(carry_out(&mut transaction, &request.write, owner).await?);
    }
    transaction.commit().await.map_err(store_error)?;
    Ok(verdicts)
}

/// The outer result: the database failed. The inner one: this request is refused, and nothing of it was written.
type Verdict<T = ()> = Result<Result<T, StoreError>, StoreError>;

async fn carry_out(connection: &mut SqliteConnection, write: &Write, owner: &Owner) -> Verdict<Done> {
    let written = match write {
        Write::Begin { run, source, first } => begin(connection, *run, source, first, owner, None).await?,
        Write::Append { appended } => append(connection, appended, owner).await?,
        Write::Own { run } => own(connection, *run, owner).await?,
        Write::BeginChild { parent, events, run, source, first } => {
            // What is refused has to be refused before anything of it is written.
            if !matches!(first.body, EventBody::RunStarted(_)) {
                return Ok(Err(StoreError::OutOfOrder(*run)));
            }
            match append(connection, &[(*parent, events.clone())], owner).await? {
                Ok(()) => begin(connection, *run, source, first, owner, Some(*parent)).await?,
                refused => refused,
            }
        }
        Write::BeginDelivered(beginnings) => {
            let begun = host::begin_delivered(connection, beginnings, owner).await?;
            return Ok(begun.map(Done::Begun));
        }
        Write::OwnLeft => Ok(host::own_left(connection, owner).await?),
        Write::Park(parked) => host::park(connection, parked, owner).await?,
        Write::Stop(stop) => Ok(host::stop(connection, stop).await?),
        Write::Lift { playbook, at } => {
            return Ok(Ok(Done::Lifted(host::lift(connection, playbook.as_ref(), *at).await?)));
        }
    };
    Ok(written.map(|()| Done::Written))
}

/// Writes the first event of a run, which belongs to `owner`, or to whom the run that called it belongs to.
async fn begin(
    connection: &mut SqliteConnection,
    run: RunId,
    source: &str,
    first: &Event,
    owner: &Owner,
    caller: Option<RunId>,
) -> Verdict {
    let EventBody::RunStarted(started) = &first.body else {
        return Ok(Err(StoreError::OutOfOrder(run)));
    };
    insert_playbook(connection, first, source).await?;
    let key = host::next_run(connection).await?;
    sqlx::query(sql::INSERT_RUN)
        .bind(run.to_string())
        .bind(started.playbook.as_str())
        .bind(started.source.as_str())
        .bind(format!("{} {}", started.trigger.kind, started.trigger.name))
        .bind(first.at.as_millis())
        .bind(owner.name())
        .bind(caller.map(|caller| caller.to_string()))
        .bind(key)
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    insert_events(connection, std::iter::once((key, first))).await?;
    Ok(Ok(()))
}

/// Keeps the source of the playbook that a first event names.
async fn insert_playbook(
    connection: &mut SqliteConnection,
    first: &Event,
    source: &str,
) -> Result<(), StoreError> {
    if let EventBody::RunStarted(started) = &first.body {
        sqlx::query(sql::INSERT_PLAYBOOK)
            .bind(started.source.as_str())
            .bind(source)
            .bind(first.at.as_millis())
            .execute(connection)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

/// Makes `owner` the one that a run, and all that belongs to it, belongs to, unless it belongs to somebody who is alive.
async fn own(connection: &mut SqliteConnection, run: RunId, owner: &Owner) -> Verdict {
    let found = sqlx::query(sql::OWNER).bind(run.to_string()).fetch_optional(&mut *connection).await;
    let Some(row) = found.map_err(store_error)? else {
        return Ok(Err(StoreError::NotFound(format!("run {run}"))));
    };
    let root: i64 = row.try_get(0).map_err(store_error)?;
    let current: Option<String> = row.try_get(1).map_err(store_error)?;
    if let Some(by) = current.and_then(|current| owner.alive(&current)) {
        return Ok(Err(StoreError::Driven { run, by }));
    }
    sqlx::query(sql::SET_OWNER)
        .bind(root)
        .bind(owner.name())
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(Ok(()))
}

/// Why `owner` may not write to a run that `current` drives, if it may not.
fn not_ours(run: RunId, current: Option<String>, owner: &Owner) -> Option<StoreError> {
    if current.as_deref() == Some(owner.name()) {
        return None;
    }
    let by = current.and_then(|current| owner.alive(&current));
    let by = by.unwrap_or_else(|| "nobody any more, and was not taken over".to_owned());
    Some(StoreError::Driven { run, by })
}

/// Appends to each of these runs, if it may be appended to all of them.
async fn append(
    connection: &mut SqliteConnection,
    appended: &[(RunId, Vec<Event>)],
    owner: &Owner,
) -> Verdict {
    let mut keys = Vec::with_capacity(appended.len());
    for (run, events) in appended {
        match may_append(connection, *run, events, owner).await? {
            Ok(key) => keys.push(key),
            Err(refused) => return Ok(Err(refused)),
        }
    }
    for ((run, events), key) in appended.iter().zip(keys) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { continue };
        tracing::trace!(%run, from = first.seq, to = last.seq, "append");
        insert_events(connection, events.iter().map(|event| (key, event))).await?;
        let stands = events.iter().rev().find_map(stands);
        sqlx::query(sql::ADVANCE_RUN)
            .bind(key)
            .bind(i64::try_from(last.seq).unwrap_or(i64::MAX))
            .bind(stands.map(|(status, _)| status.as_str()))
            .bind(stands.and_then(|(_, finished)| finished).map(Timestamp::as_millis))
            .execute(&mut *connection)
            .await
            .map_err(store_error)?;
    }
    Ok(Ok(()))
}

/// The run's status after an event that changes it, and when it ended, if it has.
fn stands(event: &Event) -> Option<(RunStatus, Option<Timestamp>)> {
    match &event.body {
        EventBody::RunFinished(finished) => Some((finished.status, Some(event.at))),
        EventBody::RunRetried { .. } => Some((RunStatus::Running, None)),
        _ => None,
    }
}

/// The key of a run to which these events may be appended, or why they may not.
async fn may_append(
    connection: &mut SqliteConnection,
    run: RunId,
    events: &[Event],
    owner: &Owner,
) -> Result<Result<i64, StoreError>, StoreError> {
    let found = sqlx::query(sql::RUN_POSITION).bind(run.to_string()).fetch_optional(&mut *connection).await;
    let Some(position) = found.map_err(store_error)? else {
        return Ok(Err(StoreError::NotFound(format!("run {run}"))));
    };
    let key: i64 = position.try_get(0).map_err(store_error)?;
    let last_seq: i64 = position.try_get(1).map_err(store_error)?;
    let current: Option<String> = position.try_get(2).map_err(store_error)?;
    if let Some(refused) = not_ours(run, current, owner) {
        return Ok(Err(refused));
    }
    let follows = events.iter().zip(last_seq + 1..).all(|(event, seq)| i64::try_from(event.seq) == Ok(seq));
    Ok(if follows { Ok(key) } else { Err(StoreError::OutOfOrder(run)) })
}

async fn insert_events<'a>(
    connection: &mut SqliteConnection,
    events: impl Iterator<Item = (i64, &'a Event)>,
) -> Result<(), StoreError> {
    let events = row::encode(events)?;
    sqlx::query(sql::INSERT_EVENTS).bind(events).execute(connection).await.map_err(store_error)?;
    Ok(())
}
