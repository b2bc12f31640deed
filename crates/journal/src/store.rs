//! The journal as the engine sees it.

use crate::error::store_error;
use crate::line::Line;
use crate::meter::{self, Meter};
use crate::own::Owner;
use crate::write::{Common, Done, Reopen, Request, Write, Writer};
use crate::{migration, open, read, write};
use async_trait::async_trait;
use riposte_engine::{Event, RunSummary, Store, StoreError};
use riposte_model::{RunId, SourceHash};
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

/// An open journal.
pub struct Journal {
    queue: Mutex<Option<mpsc::Sender<Request>>>,
    readers: SqlitePool,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Under which name runs are this journal's own; nobody's if it is only looked at.
    owner: Option<String>,
    /// The number of its schema.
    schema: i64,
    meter: meter::Place,
}

impl Journal {
    /// Opens a journal, and makes it if it is not there.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let (first, reopen) = Journal::writers(path).await?;
        Journal::start(path, first, reopen, None).await
    }

    /// Opens a journal for the one daemon that drives what is left in it, and makes it if it is not there. Other processes may
    /// drive runs of their own in it meanwhile, by [`Journal::open`].
    ///
    /// Refused as [`StoreError::Busy`] while another daemon has it, whose process id the cause tells. Every daemon has the same
    /// name in the journal, so that the next one has the runs of the last one without a word being written.
    pub async fn open_for_daemon(path: &Path) -> Result<Self, StoreError> {
        // First of all: a newer daemon must not bring a journal up to date that an older one is using.
        let owner = Owner::enter_as_daemon(path)?;
        let (first, reopen) = Journal::writers(path).await?;
        Journal::start(path, first, reopen, Some(owner)).await
    }

    async fn writers(path: &Path) -> Result<(SqliteConnection, Reopen), StoreError> {
        let path = path.to_owned();
        let first = open::writer(path.clone(), true).await?;
        Ok((first, Box::new(move || Box::pin(open::writer(path.clone(), false)))))
    }

    /// Opens a journal that must be there, to look at it. It is not brought up to date, and nothing can be written to it.
    pub async fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let readers = open::readers(path).await?;
        let schema = migration::check(&mut *readers.acquire().await.map_err(store_error)?).await?;
        Ok(Journal {
            queue: Mutex::new(None),
            readers,
            writer: Mutex::new(None),
            owner: None,
            schema,
            meter: meter::Place::default(),
        })
    }

    /// Opens a journal that may not grow over this many pages; below what it has now, over what it has. For tests of what
    /// happens when there is no room.
    #[doc(hidden)]
    pub async fn open_limited(path: &Path, pages: u32) -> Result<Self, StoreError> {
        let (path_again, path) = (path, path.to_owned());
        let first = open::limited_writer(path.clone(), pages).await?;
        let reopen: Reopen = Box::new(move || Box::pin(open::limited_writer(path.clone(), pages)));
        Journal::start(path_again, first, reopen, None).await
    }

    async fn start(
        path: &Path,
        mut connection: SqliteConnection,
        reopen: Reopen,
        owner: Option<Owner>,
    ) -> Result<Self, StoreError> {
        migration::bring_up_to_date(&mut connection).await?;
        let schema = migration::schema(&mut connection).await?;
        open::furnish(&mut connection).await?;
        let readers = open::readers(path).await?;
        let owner = owner.map_or_else(|| Owner::enter(path), Ok)?;
        let name = Some(owner.name().to_owned());
        let (queue, incoming) = mpsc::channel(write::QUEUE);
        let meter = meter::Place::default();
        let writer = Writer::new(connection, reopen, owner, meter.clone());
        let writer = tokio::spawn(writer.serve(incoming));
        Ok(Journal {
            queue: Mutex::new(Some(queue)),
            readers,
            writer: Mutex::new(Some(writer)),
            owner: name,
            schema,
            meter,
        })
    }

    /// Has commits counted from now on. The first who asks for that is served, and nobody after.
    pub fn metered_by(&self, meter: Arc<dyn Meter>) {
        // Of two, one counts already.
        let _ = self.meter.set(meter);
    }

    /// The number of its schema, and whether this riposte would bring it up to date.
    pub fn schema(&self) -> (i64, bool) {
        (self.schema, self.schema < migration::newest())
    }

    /// Writes what is queued and closes the file. Later writes fail; everything acknowledged is on disk either way.
    pub async fn close(&self) {
        // The writer closes last: only then does SQLite move its log into the file, so that the file alone is a copy.
        self.readers.close().await;
        self.queue.lock().await.take();
        if let Some(writer) = self.writer.lock().await.take() {
            // The writer ends by itself once the queue is closed and empty; a panic of its would be ours to see in its log.
            let _ = writer.await;
        }
    }

    /// Whose runs are this journal's own.
    pub(crate) fn owner(&self) -> Result<&str, StoreError> {
        self.owner.as_deref().ok_or_else(closed)
    }

    /// Whether it has what a host keeps. One of an older schema that is only looked at has not.
    pub(crate) fn keeps_for_hosts(&self) -> bool {
        self.schema >= migration::HOST
    }

    /// Whether its runs say by which event they stand as they do, and not which one was the last.
    pub(crate) fn says_turns(&self) -> bool {
        self.schema >= migration::TURNS
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Asks the writer; returns when it is on disk.
    pub(crate) async fn ask(&self, write: Write) -> Result<Done, StoreError> {
        let (answer, verdict) = oneshot::channel();
        let queue = self.queue.lock().await.clone().ok_or_else(closed)?;
        queue.send(Request { write, answer }).await.map_err(|_| closed())?;
        verdict.await.map_err(|_| closed())?
    }

    /// The same where there is nothing to learn but that it is done.
    pub(crate) async fn tell(&self, write: Write) -> Result<(), StoreError> {
        self.ask(write).await.map(|_| ())
    }
}

fn closed() -> StoreError {
    StoreError::Other("the journal is closed".into())
}

#[async_trait]
impl Store for Journal {
    async fn begin(&self, run: RunId, source: &str, first: &Event) -> Result<(), StoreError> {
        self.tell(Write::Begin { run, source: source.to_owned(), first: Box::new(first.clone()) }).await
    }

    async fn append(&self, run: RunId, events: &[Event]) -> Result<(), StoreError> {
        self.tell(Write::Common(Common::Append(vec![(run, Line::all(events)?)]))).await
    }

    async fn append_all(&self, appended: &[(RunId, &[Event])]) -> Result<(), StoreError> {
        let appended = appended.iter().map(|(run, events)| Ok((*run, Line::all(events)?)));
        let appended = appended.collect::<Result<_, StoreError>>()?;
        self.tell(Write::Common(Common::Append(appended))).await
    }

    async fn begin_child(
        &self,
        parent: RunId,
        events: &[Event],
        run: RunId,
        source: &str,
        first: &Event,
    ) -> Result<(), StoreError> {
        let first = Box::new(first.clone());
        self.tell(Write::BeginChild {
            parent,
            events: events.to_vec(),
            run,
            source: source.to_owned(),
            first,
        })
        .await
    }

    async fn own(&self, run: RunId) -> Result<(), StoreError> {
        self.tell(Write::Own { run }).await
    }

    async fn events(&self, run: RunId) -> Result<Vec<Event>, StoreError> {
        read::events(&self.readers, run).await
    }

    async fn source(&self, hash: &SourceHash) -> Result<String, StoreError> {
        read::source(&self.readers, hash).await
    }

    async fn runs(&self, limit: u32) -> Result<Vec<RunSummary>, StoreError> {
        read::runs(&self.readers, limit).await
    }

    async fn unfinished(&self, after: Option<RunId>, limit: u32) -> Result<Vec<RunSummary>, StoreError> {
        read::unfinished(&self.readers, after, limit).await
    }

    async fn runs_like(&self, prefix: &str, limit: u32) -> Result<Vec<RunId>, StoreError> {
        read::runs_like(&self.readers, prefix, limit).await
    }
}
