//! What a host keeps, in memory.

use super::{Inner, MemoryStore, summary};
use async_trait::async_trait;
use riposte_engine::{
    Beginning, Begun, Delivery, EventBody, HostStore, Left, Parked, RunQuery, RunStatus, RunSummary,
    StopOrder, StoreError, Waits,
};
use riposte_model::{PlaybookName, RunId, Timestamp};
use std::collections::HashMap;

/// What is kept beside events.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Source and key of each delivery, the run that it began, and when.
    deliveries: HashMap<(String, String), (RunId, Timestamp)>,
    /// What parked runs wait for, and how many events they and those that they called had then.
    parked: HashMap<RunId, (usize, Waits)>,
    stops: Vec<Stop>,
}

#[derive(Debug)]
struct Stop {
    order: StopOrder,
    /// How many runs had begun.
    runs: usize,
    lifted: bool,
}

impl Inner {
    fn delivered(&self, delivery: &Delivery) -> Option<RunId> {
        let known = self.host.deliveries.get(&(delivery.source.clone(), delivery.key.clone()));
        known.filter(|(_, at)| *at >= delivery.since).map(|(run, _)| *run)
    }

    /// How many events a run has, and those that it called.
    fn events_of_family(&self, run: RunId) -> usize {
        let children =
            self.runs.iter().filter(|(_, events)| match &events.first().map(|event| &event.body) {
                Some(EventBody::RunStarted(started)) => {
                    started.parent.as_ref().is_some_and(|parent| parent.run == run)
                }
                _ => false,
            });
        let own = self.runs.get(&run).map_or(0, Vec::len);
        own + children.map(|(child, _)| self.events_of_family(*child)).sum::<usize>()
    }

    fn left(&self, at: usize, run: RunId) -> Option<Left> {
        let events = self.runs.get(&run)?;
        let EventBody::RunStarted(started) = &events.first()?.body else { return None };
        if started.parent.is_some() || matches!(events.last()?.body, EventBody::RunFinished(_)) {
            return None;
        }
        let waits = self.host.parked.get(&run).filter(|(seq, _)| *seq == self.events_of_family(run));
        let covers = |stop: &&Stop| {
            let begun = !stop.lifted || at < stop.runs;
            let playbook = stop.order.playbook.as_ref();
            begun && stop.order.cancel && playbook.is_none_or(|stopped| *stopped == started.playbook)
        };
        Some(Left {
            id: run,
            playbook: started.playbook.clone(),
            last_seq: events.len() as u64,
            waits: waits.map(|(_, waits)| waits.clone()),
            stopped_by: self.host.stops.iter().find(covers).map(|stop| stop.order.by.clone()),
        })
    }
}

#[async_trait]
impl HostStore for MemoryStore {
    async fn begin_delivered(&self, beginnings: &[Beginning]) -> Result<Vec<Begun>, StoreError> {
        let mut inner = self.inner();
        let mut answer = Vec::with_capacity(beginnings.len());
        for Beginning { run, source, first, delivery } in beginnings {
            if let Some(already) = delivery.as_ref().and_then(|delivery| inner.delivered(delivery)) {
                answer.push(Begun::Already(already));
                continue;
            }
            inner.begin(*run, source, first)?;
            if let Some(Delivery { source, key, .. }) = delivery.clone() {
                inner.host.deliveries.insert((source, key), (*run, first.at));
            }
            answer.push(Begun::New);
        }
        Ok(answer)
    }

    async fn delivered(&self, delivery: &Delivery) -> Result<Option<RunId>, StoreError> {
        Ok(self.inner().delivered(delivery))
    }

    async fn own_left(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn left(&self, after: Option<RunId>, limit: u32) -> Result<Vec<Left>, StoreError> {
        let inner = self.inner();
        let begin = after.and_then(|run| inner.runs.get_index_of(&run)).map_or(0, |at| at + 1);
        let runs = inner.runs.keys().enumerate().skip(begin);
        Ok(runs.filter_map(|(at, run)| inner.left(at, *run)).take(limit as usize).collect())
    }

    async fn park(&self, parked: &[Parked]) -> Result<(), StoreError> {
        let mut inner = self.inner();
        for Parked { run, waits } in parked {
            let events = inner.events_of_family(*run);
            inner.host.parked.insert(*run, (events, waits.clone()));
        }
        Ok(())
    }

    async fn stop(&self, stop: &StopOrder) -> Result<(), StoreError> {
        let mut inner = self.inner();
        let runs = inner.runs.len();
        inner.host.stops.push(Stop { order: stop.clone(), runs, lifted: false });
        Ok(())
    }

    async fn lift(&self, playbook: Option<&PlaybookName>, _: Timestamp) -> Result<bool, StoreError> {
        let mut inner = self.inner();
        let lifted = inner
            .host
            .stops
            .iter_mut()
            .filter(|stop| !stop.lifted && stop.order.playbook.as_ref() == playbook);
        Ok(lifted.map(|stop| stop.lifted = true).count() > 0)
    }

    async fn stops(&self) -> Result<Vec<StopOrder>, StoreError> {
        let inner = self.inner();
        Ok(inner.host.stops.iter().filter(|stop| !stop.lifted).map(|stop| stop.order.clone()).collect())
    }

    async fn list(&self, query: &RunQuery) -> Result<Vec<RunSummary>, StoreError> {
        let inner = self.inner();
        let end = query.before.and_then(|run| inner.runs.get_index_of(&run)).unwrap_or(inner.runs.len());
        let runs = inner.runs.iter().take(end).rev().filter_map(|(id, events)| summary(*id, events));
        let runs = runs.filter(|run| {
            query.playbook.as_ref().is_none_or(|playbook| run.playbook == *playbook)
                && query.status.is_none_or(|status: RunStatus| run.status == status)
        });
        Ok(runs.take(query.limit as usize).collect())
    }
}
