//! The journal as a host sees it.

use crate::error::store_error;
use crate::store::Journal;
use crate::write::{Common, Done, Start, Write, delivery_key};
use crate::{row, sql};
use async_trait::async_trait;
use riposte_engine::{
    Beginning, Begun, Delivery, EventPage, HostStore, Left, Parked, RunQuery, RunStatus, RunSummary,
    ScheduleNote, StopOrder, StoreError,
};
use riposte_model::{PlaybookName, RunId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

#[async_trait]
impl HostStore for Journal {
    async fn begin_delivered(&self, beginnings: &[Beginning]) -> Result<Vec<Begun>, StoreError> {
        let beginnings = beginnings.iter().map(Start::of).collect::<Result<_, StoreError>>()?;
        match self.ask(Write::Common(Common::Begin(beginnings))).await? {
            Done::Begun(begun) => Ok(begun),
            Done::Written | Done::Lifted(_) => Err(other_answer()),
        }
    }

    async fn delivered(&self, delivery: &Delivery) -> Result<Option<RunId>, StoreError> {
        if !self.keeps_for_hosts() {
            return Ok(None);
        }
        let query = sqlx::query(sql::host::DELIVERED).bind(&delivery.source).bind(delivery_key(delivery));
        let query = query.bind(delivery.since.as_millis());
        let row = query.fetch_optional(self.readers()).await.map_err(store_error)?;
        row.map(|row| row::run_id(row.try_get(0).map_err(store_error)?)).transpose()
    }

    async fn own_left(&self) -> Result<(), StoreError> {
        self.tell(Write::OwnLeft).await
    }

    async fn left(&self, after: Option<RunId>, limit: u32) -> Result<Vec<Left>, StoreError> {
        let after = self.key(after).await?.unwrap_or(0);
        let query = sqlx::query(sql::host::LEFT).bind(self.owner()?).bind(after).bind(limit);
        let rows = query.fetch_all(self.readers()).await.map_err(store_error)?;
        rows.iter().map(left).collect()
    }

    async fn park(&self, parked: &[Parked]) -> Result<(), StoreError> {
        self.tell(Write::Park(parked.to_vec())).await
    }

    async fn stop(&self, stop: &StopOrder) -> Result<(), StoreError> {
        self.tell(Write::Stop(stop.clone())).await
    }

    async fn lift(&self, playbook: Option<&PlaybookName>, at: Timestamp) -> Result<bool, StoreError> {
        match self.ask(Write::Lift { playbook: playbook.cloned(), at }).await? {
            Done::Lifted(lifted) => Ok(lifted),
            Done::Written | Done::Begun(_) => Err(other_answer()),
        }
    }

    async fn stops(&self) -> Result<Vec<StopOrder>, StoreError> {
        if !self.keeps_for_hosts() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(sql::host::STOPS).fetch_all(self.readers()).await.map_err(store_error)?;
        rows.iter().map(stop).collect()
    }

    async fn note_schedules(&self, notes: &[ScheduleNote], forget: &[String]) -> Result<(), StoreError> {
        self.tell(Write::NoteSchedules { notes: notes.to_vec(), forget: forget.to_vec() }).await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleNote>, StoreError> {
        let rows = sqlx::query(sql::host::SCHEDULES).fetch_all(self.readers()).await.map_err(store_error)?;
        rows.iter().map(schedule).collect()
    }

    async fn under_way(&self, playbook: &PlaybookName, source: &str) -> Result<Option<RunId>, StoreError> {
        let query = sqlx::query(sql::host::UNDER_WAY).bind(playbook.as_str()).bind(source);
        let row = query.fetch_optional(self.readers()).await.map_err(store_error)?;
        row.map(|row| row::run_id(row.try_get(0).map_err(store_error)?)).transpose()
    }

    async fn events_after(&self, run: RunId, after: u64, limit: u32) -> Result<EventPage, StoreError> {
        // Events are numbered by SQLite's own integers: behind the last of them there is none.
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let query = sqlx::query(sql::host::EVENTS_AFTER).bind(run.to_string()).bind(after).bind(limit);
        let rows = query.fetch_all(self.readers()).await.map_err(store_error)?;
        let first = rows.first().ok_or_else(|| StoreError::NotFound(format!("run {run}")))?;
        let status = row::status(&first.try_get::<String, _>(5).map_err(store_error)?)?;
        // A run without events behind that number is one row without an event.
        let none = first.try_get::<Option<i64>, _>(0).map_err(store_error)?.is_none();
        let events = if none { Vec::new() } else { rows.iter().map(row::event).collect::<Result<_, _>>()? };
        Ok(EventPage { events, status })
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.tell(Write::Probe).await
    }

    async fn list(&self, query: &RunQuery) -> Result<Vec<RunSummary>, StoreError> {
        let before = self.key(query.before).await?.unwrap_or(i64::MAX);
        let statement = match (&query.playbook, query.status) {
            (None, None) => sql::host::LIST,
            (None, Some(RunStatus::Running)) => sql::host::LIST_UNDER_WAY,
            (None, Some(_)) => sql::host::LIST_BY_STATUS,
            (Some(_), None) => sql::host::LIST_BY_PLAYBOOK,
            (Some(_), Some(_)) => sql::host::LIST_BY_BOTH,
        };
        let mut statement = sqlx::query(statement).bind(before).bind(query.limit);
        if query.status.is_some() || query.playbook.is_some() {
            statement = statement.bind(query.status.map(RunStatus::as_str));
        }
        if let Some(playbook) = &query.playbook {
            statement = statement.bind(playbook.as_str());
        }
        let rows = statement.fetch_all(self.readers()).await.map_err(store_error)?;
        rows.iter().map(row::summary).collect()
    }
}

impl Journal {
    /// The number of a run that a page begins at.
    async fn key(&self, run: Option<RunId>) -> Result<Option<i64>, StoreError> {
        let Some(run) = run else { return Ok(None) };
        let query = sqlx::query(sql::host::RUN_KEY).bind(run.to_string());
        let row = query.fetch_optional(self.readers()).await.map_err(store_error)?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("run {run}")))?;
        row.try_get(0).map(Some).map_err(store_error)
    }
}

fn left(row: &SqliteRow) -> Result<Left, StoreError> {
    let text = |at: usize| row.try_get::<String, _>(at).map_err(store_error);
    let last_seq: i64 = row.try_get(2).map_err(store_error)?;
    let waits: Option<String> = row.try_get(3).map_err(store_error)?;
    Ok(Left {
        id: row::run_id(&text(0)?)?,
        playbook: row::playbook(&text(1)?)?,
        last_seq: u64::try_from(last_seq).unwrap_or(0),
        // What another version has noted in its way is no note: the run is loaded to find out.
        waits: waits.and_then(|waits| serde_json::from_str(&waits).ok()),
        stopped_by: row.try_get(4).map_err(store_error)?,
    })
}

fn stop(row: &SqliteRow) -> Result<StopOrder, StoreError> {
    let playbook: Option<String> = row.try_get(0).map_err(store_error)?;
    Ok(StopOrder {
        playbook: playbook.as_deref().map(row::playbook).transpose()?,
        cancel: row.try_get(1).map_err(store_error)?,
        by: row.try_get(2).map_err(store_error)?,
        at: Timestamp::from_millis(row.try_get(3).map_err(store_error)?),
    })
}

fn schedule(row: &SqliteRow) -> Result<ScheduleNote, StoreError> {
    let source: String = row.try_get(0).map_err(store_error)?;
    let waiting: String = row.try_get(2).map_err(store_error)?;
    let waiting: Vec<i64> = serde_json::from_str(&waiting)
        .map_err(|error| StoreError::Damaged(format!("what waits for `{source}` cannot be read: {error}")))?;
    Ok(ScheduleNote {
        source,
        until: Timestamp::from_millis(row.try_get(1).map_err(store_error)?),
        waiting: waiting.into_iter().map(Timestamp::from_millis).collect(),
    })
}

fn other_answer() -> StoreError {
    StoreError::Other("the writer answered something else".into())
}
