//! Calls of other playbooks: beginning their runs, and waiting for them.
//!
//! A called run is driven by a driver of its own, beside that of the run which called it. It is cancelled with it, and
//! always brought to an end that is recorded before the caller goes on.

use crate::cancel::Cancel;
use crate::driver::{CALLER, Driver};
use crate::executor::{BeginError, NewRun, drive};
use crate::family::{Family, Work};
use crate::gate::GateError;
use crate::recorded::RecordedError;
use crate::stop::Stop;
use crate::work::Report;
use crate::world::World;
use riposte_engine::{EventBody, Parent, Run, StoreError, Trigger};
use riposte_model::{ErrorKind, Failure, PlaybookName, RunId, StepPath, Timestamp};
use riposte_playbook::MAX_CALL_DEPTH;
use serde_json::{Map, Value, json};
use std::pin::Pin;
use std::sync::Arc;

impl Driver {
    /// Begins the run of another playbook, or says why not.
    pub(crate) async fn start_child(
        &mut self,
        step: StepPath,
        name: &PlaybookName,
        inputs: Map<String, Value>,
    ) -> Result<Option<EventBody>, Stop> {
        let refused = |failure| EventBody::StepFailed { step: step.clone(), failure, because_of: None };
        let new = match self.new_child(&step, name, inputs) {
            Ok(new) => new,
            Err(failure) => return Ok(Some(refused(failure))),
        };
        let depth = self.run.started().parent.as_ref().map_or(0, |parent| parent.depth) + 1;
        let parent = Parent { run: self.run.id(), step: step.clone(), depth };
        let prepared = match self.world.prepare(&new) {
            Ok(prepared) => prepared,
            Err(BeginError::Record(error)) => return Err(error.into()),
            Err(error @ BeginError::Gate(GateError::Key(_))) => {
                return Ok(Some(refused(Failure::new(ErrorKind::Expression, error.to_string()))));
            }
            Err(
                error @ (BeginError::NoConnection(_)
                | BeginError::Stopped { .. }
                | BeginError::Gate(GateError::Full { .. })),
            ) => {
                return Ok(Some(refused(Failure::new(ErrorKind::Refused, error.to_string()))));
            }
        };
        let (id, playbook) = (prepared.id, new.playbook.clone());
        let started = prepared.started(new, Some(parent));
        let begun = self.world.ledger.begin_child(&mut self.run, step, id, playbook, started).await;
        let (child, events) = begun.inspect_err(|_| self.world.gate.leave(id))?;
        self.show(&events);
        self.world.observer.begun(id, child.started(), child.started_at());
        self.children.insert(id, child);
        Ok(None)
    }

    fn new_child(
        &self,
        step: &StepPath,
        name: &PlaybookName,
        inputs: Map<String, Value>,
    ) -> Result<NewRun, Failure> {
        let refused = |message: String| Failure::new(ErrorKind::Refused, message);
        let depth = self.run.started().parent.as_ref().map_or(0, |parent| parent.depth);
        if depth >= MAX_CALL_DEPTH {
            return Err(refused(format!("playbooks call each other at most {MAX_CALL_DEPTH} levels deep")));
        }
        let playbook = self.world.plans.get(name);
        let playbook = playbook.ok_or_else(|| {
            refused(format!("no playbook is called `{name}`: load it together with this one"))
        })?;
        let inputs = playbook.inputs.accept(inputs).map_err(|violations| {
            let list = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Failure::new(ErrorKind::Invalid, format!("the inputs of {name} do not fit: {list}"))
        })?;
        let trigger = Trigger {
            kind: "call".to_owned(),
            name: self.run.started().playbook.to_string(),
            body: json!({ "run": self.run.id().to_string(), "step": step.as_str() }).into(),
        };
        Ok(NewRun { playbook, inputs, trigger })
    }

    /// The work of driving a called run to its end; none once the family is parked.
    pub(crate) fn await_child(
        &mut self,
        run: RunId,
        deadline: Timestamp,
    ) -> Option<Pin<Box<dyn Future<Output = Report> + Send>>> {
        let child = self.children.remove(&run);
        let (world, family, work) = (self.world.clone(), self.family.clone(), self.family.work()?);
        let cancel = self.children_cancel.child(CALLER);
        Some(Box::pin(async move {
            let child = match child {
                Some(child) => child,
                None => match world.recorded(run).await {
                    Ok(child) => child,
                    Err(error) => return Report::ChildLeft(unreadable(run, error)),
                },
            };
            world.to_its_end(child, cancel, family, work, deadline).await
        }))
    }
}

impl World {
    /// Drives a run to its end. At the deadline it is cancelled, and its end waited for.
    async fn to_its_end(
        self: Arc<Self>,
        run: Run,
        cancel: Cancel,
        family: Arc<Family>,
        work: Work,
        deadline: Timestamp,
    ) -> Report {
        let id = run.id();
        // Over already, perhaps since a crash: then nothing may leave first.
        let mut out_of_time = self.clock.now() >= deadline;
        if out_of_time {
            cancel.ask_anonymously();
        }
        let mut driven = Box::pin(drive(self.clone(), Box::new(run.into()), cancel.clone(), family, work));
        let end = loop {
            tokio::select! {
                biased;
                end = &mut driven => break end,
                () = self.clock.sleep_until(deadline), if !out_of_time => {
                    out_of_time = true;
                    cancel.ask_anonymously();
                }
            }
        };
        match end.map(|run| run.finished().cloned()) {
            Ok(Some(finished)) => Report::ChildEnded { run: id, finished, out_of_time },
            Ok(None) => Report::ChildLeft(Stop::Stuck),
            Err(stop) => Report::ChildLeft(stop),
        }
    }
}

/// A called run that cannot be driven leaves its caller where it is too.
fn unreadable(run: RunId, error: RecordedError) -> Stop {
    Stop::Record(match error {
        RecordedError::Store(error) => error.into(),
        RecordedError::Illegal(error) => error.into(),
        other => StoreError::Damaged(format!("called run {run}: {other}")).into(),
    })
}
