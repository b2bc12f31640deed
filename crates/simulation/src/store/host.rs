//! What a host keeps, in memory.

use super::{Inner, MemoryStore, summary};
use async_trait::async_trait;
use riposte_engine::{
    Beginning, Begun, Delivery, EventPage, HostStore, Left, Parked, RunQuery, RunStatus, RunSummary,
    ScheduleNote, StopOrder, Store, StoreError, Waits,
};
use riposte_model::{PlaybookName, RunId, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// Beside the events.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// By source and key: the run, and when it began.
    deliveries: HashMap<(String, String), (RunId, Timestamp)>,
    /// With how many events the run and those that it called had then.
    parked: HashMap<RunId, (usize, Waits)>,
    stops: Vec<Stop>,
    /// How many of those had been given when a run was retried.
    past: HashMap<RunId, usize>,
    schedules: BTreeMap<String, ScheduleNote>,
}

#[derive(Debug)]
struct Stop {
    order: StopOrder,
    lifted: bool,
    /// So many runs had begun.
    runs: usize,
}

impl Inner {
    fn delivered(&self, delivery: &Delivery) -> Option<RunId> {
        let known = self.kept.deliveries.get(&(delivery.source.clone(), delivery.key.clone()));
        known.filter(|(_, at)| *at >= delivery.since).map(|(run, _)| *run)
    }

    fn begin_once(&mut self, beginning: &Beginning) -> Result<Begun, StoreError> {
        if let Some(run) = beginning.delivery.as_ref().and_then(|delivery| self.delivered(delivery)) {
            return Ok(Begun::Already(run));
        }
        self.begin(beginning.run, &beginning.source, beginning.first())?;
        self.append(beginning.run, &beginning.after)?;
        if let Some(delivery) = &beginning.delivery {
            let key = (delivery.source.clone(), delivery.key.clone());
            self.kept.deliveries.insert(key, (beginning.run, beginning.first().at));
        }
        Ok(Begun::New)
    }

    /// How many events a run and those that it called have.
    fn events_of_family(&self, root: RunId) -> usize {
        let called = self.families.get(&root).map_or(&[][..], Vec::as_slice);
        let family = std::iter::once(&root).chain(called);
        family.map(|run| self.runs.get(run).map_or(0, Vec::len)).sum()
    }

    /// A run is retried: the stops of before are not for it.
    pub(super) fn pass_stops(&mut self, run: RunId) {
        let stops = self.kept.stops.len();
        self.kept.past.insert(run, stops);
    }

    fn left(&self, at: usize, run: &RunSummary) -> Left {
        let waits =
            self.kept.parked.get(&run.id).filter(|(events, _)| *events == self.events_of_family(run.id));
        let past = self.kept.past.get(&run.id).copied().unwrap_or(0);
        let covers = |(number, stop): &(usize, &Stop)| {
            let begun = !stop.lifted || (at < stop.runs && *number >= past);
            begun && stop.order.cancel && stop.order.covers(&run.playbook)
        };
        let stop = self.kept.stops.iter().enumerate().find(covers);
        Left {
            id: run.id,
            playbook: run.playbook.clone(),
            last_seq: self.runs.get(&run.id).map_or(0, |events| events.len() as u64),
            waits: waits.map(|(_, waits)| waits.clone()),
            stopped_by: stop.map(|(_, stop)| stop.order.by.clone()),
        }
    }

    /// Where a run stands among all.
    fn place(&self, run: RunId) -> Result<usize, StoreError> {
        self.runs.get_index_of(&run).ok_or_else(|| StoreError::NotFound(format!("run {run}")))
    }
}

#[async_trait]
impl HostStore for MemoryStore {
    async fn begin_delivered(&self, beginnings: &[Beginning]) -> Result<Vec<Begun>, StoreError> {
        // The sender is ours.
        let _ = self.holds.subscribe().wait_for(|hold| !hold).await;
        let mut inner = self.room()?;
        beginnings.iter().try_for_each(|beginning| beginning.started().map(|_| ()))?;
        beginnings.iter().map(|beginning| inner.begin_once(beginning)).collect()
    }

    async fn delivered(&self, delivery: &Delivery) -> Result<Option<RunId>, StoreError> {
        Ok(self.inner().delivered(delivery))
    }

    async fn own_left(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn left(&self, after: Option<RunId>, limit: u32) -> Result<Vec<Left>, StoreError> {
        let inner = self.inner();
        let begin = after.map_or(Ok(0), |run| inner.place(run).map(|at| at + 1))?;
        let runs =
            inner.runs.iter().enumerate().skip(begin).filter(|(_, (run, _))| !inner.roots.contains_key(*run));
        let runs = runs.filter_map(|(at, (run, events))| Some((at, summary(*run, events)?)));
        let running = runs.filter(|(_, run)| run.status == RunStatus::Running);
        Ok(running.take(limit as usize).map(|(at, run)| inner.left(at, &run)).collect())
    }

    async fn park(&self, parked: &[Parked]) -> Result<(), StoreError> {
        let mut inner = self.room()?;
        parked.iter().try_for_each(|parked| inner.place(parked.run).map(|_| ()))?;
        for Parked { run, waits } in parked {
            let events = inner.events_of_family(*run);
            inner.kept.parked.insert(*run, (events, waits.clone()));
        }
        Ok(())
    }

    async fn stop(&self, stop: &StopOrder) -> Result<(), StoreError> {
        let mut inner = self.room()?;
        let runs = inner.runs.len();
        inner.kept.stops.push(Stop { order: stop.clone(), lifted: false, runs });
        Ok(())
    }

    async fn lift(&self, playbook: Option<&PlaybookName>, _at: Timestamp) -> Result<bool, StoreError> {
        let mut inner = self.room()?;
        let these = inner.kept.stops.iter_mut().filter(|stop| stop.order.playbook.as_ref() == playbook);
        Ok(these.fold(false, |any, stop| any | !std::mem::replace(&mut stop.lifted, true)))
    }

    async fn stops(&self) -> Result<Vec<StopOrder>, StoreError> {
        let inner = self.inner();
        Ok(inner.kept.stops.iter().filter(|stop| !stop.lifted).map(|stop| stop.order.clone()).collect())
    }

    async fn note_schedules(&self, notes: &[ScheduleNote], forget: &[String]) -> Result<(), StoreError> {
        let mut inner = self.room()?;
        inner.kept.schedules.retain(|source, _| !forget.contains(source));
        inner.kept.schedules.extend(notes.iter().map(|note| (note.source.clone(), note.clone())));
        Ok(())
    }

    async fn schedules(&self) -> Result<Vec<ScheduleNote>, StoreError> {
        Ok(self.inner().kept.schedules.values().cloned().collect())
    }

    async fn under_way(&self, playbook: &PlaybookName, source: &str) -> Result<Option<RunId>, StoreError> {
        let inner = self.inner();
        let begun = |run: &RunId| {
            let mut known = inner.kept.deliveries.iter();
            known.any(|((from, _), (begun, _))| from == source && begun == run)
        };
        let runs = inner.runs.iter().rev().filter_map(|(run, events)| summary(*run, events));
        let mut running = runs.filter(|run| run.status == RunStatus::Running && run.playbook == *playbook);
        Ok(running.find(|run| begun(&run.id)).map(|run| run.id))
    }

    async fn events_after(&self, run: RunId, after: u64, limit: u32) -> Result<EventPage, StoreError> {
        let events = self.events(run).await?;
        let status = summary(run, &events).map_or(RunStatus::Running, |summary| summary.status);
        let events = events.into_iter().filter(|event| event.seq > after).take(limit as usize);
        Ok(EventPage { events: events.collect(), status })
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.room().map(|_| ())
    }

    async fn list(&self, query: &RunQuery) -> Result<Vec<RunSummary>, StoreError> {
        let inner = self.inner();
        let end = query.before.map_or(Ok(inner.runs.len()), |run| inner.place(run))?;
        let runs = inner.runs.iter().take(end).rev().filter_map(|(run, events)| summary(*run, events));
        let runs = runs.filter(|run| query.playbook.as_ref().is_none_or(|name| *name == run.playbook));
        let runs = runs.filter(|run| query.status.is_none_or(|status| status == run.status));
        Ok(runs.take(query.limit as usize).collect())
    }
}
