//! Drives one run from event to event.

mod onward;
mod tasks;

use crate::call::Leaving;
use crate::cancel::Cancel;
use crate::family::{Family, Wait, Work};
use crate::stop::Stop;
use crate::withdraw::Unwanted;
use crate::work::{self, Doubt, Followed, Report, Scene};
use crate::world::{Served, World};
use onward::{Onward, apart};
use riposte_engine::{Beginning, CallIntended, Command, Durable, EventBody, Run, Standing, Turn, Written};
use riposte_model::{ErrorKind, Failure, KeyedMap, KeyedSet, RunId, StepPath};
use std::sync::Arc;
use std::time::Duration;
use tasks::Busy;
use tokio::task::JoinSet;

pub(crate) use onward::Following;
pub(crate) use tasks::At;

/// A run was begun when there was such a connection, and goes on without it.
pub(crate) fn no_connection(name: &str) -> Failure {
    Failure::new(
        ErrorKind::Refused,
        format!("no connection is called `{name}`: configure one under `connections`"),
    )
}

/// A run that is to be driven.
pub(crate) struct Outset {
    pub(crate) run: Run,
    /// Calls that its last events intend, which leave as soon as it is driven.
    pub(crate) calls: Vec<(Durable<CallIntended>, Leaving)>,
    /// How it has begun, if observers are to hear of that only when those calls have left.
    pub(crate) untold: Option<Box<Beginning>>,
}

impl From<Run> for Outset {
    fn from(run: Run) -> Self {
        Outset { run, calls: Vec::new(), untold: None }
    }
}

/// The one owner of a run while it is driven.
pub(crate) struct Driver {
    pub(crate) world: Arc<World>,
    pub(crate) run: Run,
    /// What leaves at once.
    calls: Vec<(Durable<CallIntended>, Leaving)>,
    /// What observers hear then.
    untold: Option<Box<Beginning>>,
    cancel: Cancel,
    pub(crate) family: Arc<Family>,
    /// Says that this driver is at work; none while all that it does is wait.
    working: Option<Work>,
    /// Runs that were begun for steps of this one, and are not driven yet.
    pub(crate) children: KeyedMap<RunId, Run>,
    /// Cancels those that are.
    pub(crate) children_cancel: Cancel,
    tasks: JoinSet<(StepPath, Report)>,
    pub(crate) busy: KeyedMap<StepPath, Busy>,
    /// Turns of calls that are about to leave.
    pub(crate) turns: KeyedMap<StepPath, Turn>,
    /// Steps that hold or want a device.
    pub(crate) claims: KeyedSet<StepPath>,
    /// Tasks that panicked over calls in doubt.
    panics: u32,
}

/// Who cancels a run that was called.
pub(crate) const CALLER: &str = "the run that called it";

impl Driver {
    pub(crate) fn new(
        world: Arc<World>,
        outset: Outset,
        cancel: Cancel,
        family: Arc<Family>,
        work: Work,
    ) -> Self {
        let Outset { run, calls, untold } = outset;
        let children_cancel = cancel.child(CALLER);
        // Cancelled before a crash, a run is so after it; what it called may not know yet.
        if run.cancelled_by().is_some() {
            children_cancel.ask_anonymously();
        }
        // What is under way already comes before all who wait.
        world.desk.hold_all_of(&run);
        let claims = run.holds().map(|(step, _)| step.clone()).collect();
        Driver {
            world,
            run,
            calls,
            untold,
            children: KeyedMap::default(),
            children_cancel,
            cancel,
            family,
            working: Some(work),
            tasks: JoinSet::new(),
            busy: KeyedMap::default(),
            turns: KeyedMap::default(),
            claims,
            panics: 0,
        }
    }

    /// Drives the run until it is over.
    pub(crate) async fn finish(mut self) -> Result<Run, Stop> {
        match self.drive().await {
            Ok(()) => {
                self.world.desk.forget(self.run.id());
                Ok(self.run)
            }
            Err(stop) => {
                self.settle_calls().await;
                self.release_devices();
                Err(stop)
            }
        }
    }

    async fn drive(&mut self) -> Result<(), Stop> {
        let (cancel, leave) = (self.cancel.clone(), self.family.leave.clone());
        let mut cancelled = cancel.is_asked();
        // Cancelled while it waited for its turn, or was on its way to the disk, it begins nothing at all. A call that is
        // intended by then is in doubt, like any whose driver is gone.
        let calls = std::mem::take(&mut self.calls);
        if cancelled {
            drop(calls);
        } else {
            calls.into_iter().for_each(|(proof, leaving)| self.send(proof, leaving));
        }
        if let Some(beginning) = self.untold.take() {
            // The tasks of the calls come first: a line of the log takes as long as it takes a call to leave.
            tokio::task::yield_now().await;
            if let EventBody::RunStarted(started) = &beginning.first().body {
                self.world.observer.begun(self.run.id(), started, beginning.first().at);
            }
            self.show(&beginning.after);
        }
        if cancelled {
            self.cancel().await?;
        }
        loop {
            self.act().await?;
            if self.run.finished().is_some() {
                return Ok(());
            }
            let hurry = cancel.is_asked() && !cancelled;
            if self.tasks.is_empty() && !hurry {
                return Err(Stop::Stuck);
            }
            self.rest();
            tokio::select! {
                biased;
                () = cancel.asked(), if !cancelled => {
                    self.rouse().await;
                    cancelled = true;
                    self.cancel().await?;
                }
                () = leave.cancelled() => return Err(Stop::Left),
                Some(joined) = self.tasks.join_next_with_id() => {
                    self.rouse().await;
                    self.take_joined(joined).await?;
                }
            }
        }
    }

    /// The drive ends early. Calls in flight are still waited for, and their answers recorded or at least logged: dropping
    /// them would make a doubt of what a moment's patience can settle. What is in doubt already stays so, on disk.
    async fn settle_calls(&mut self) {
        self.family.leave.cancel();
        self.children.keys().for_each(|run| self.world.gate.leave(*run));
        self.drop_all_but(&[At::Sending, At::Calling]);
        while let Some(joined) = self.tasks.join_next().await {
            let Ok((step, report)) = joined else { continue };
            // A store that does not keep this has already said so.
            let _ = self.take_in(&step, report, Onward::No).await;
        }
    }

    /// Does what should happen now, until all of it waits for the world.
    async fn act(&mut self) -> Result<(), Stop> {
        loop {
            let (mut events, commands) = apart(self.run.next(), &self.busy);
            if events.is_empty() {
                let recorded = self.run.next_seq();
                for command in commands {
                    // Nothing new leaves once somebody wants it to end.
                    if matches!(command, Command::Call(_) | Command::StartChild { .. })
                        && self.cancel.is_asked()
                    {
                        continue;
                    }
                    events.extend(self.take_up(command).await?);
                }
                // What was recorded on the way, the beginning of a called run, has something that follows from it too.
                if events.is_empty() && self.run.next_seq() == recorded {
                    // A turn whose call is no longer wanted goes to others.
                    self.turns.clear();
                    self.release_devices();
                    return Ok(());
                }
            }
            self.record(events, Onward::Yes).await?;
        }
    }

    /// Puts a task to work on a command, or answers it at once with an event.
    async fn take_up(&mut self, command: Command) -> Result<Option<EventBody>, Stop> {
        if command.step().is_some_and(|step| self.busy.contains_key(step)) {
            return Ok(None);
        }
        let now = self.world.clock.now();
        match command {
            Command::Record(event) => return Ok(Some(event)),
            Command::Call(call) => return self.call(call, now).await,
            Command::Settle { intent } => {
                let failure = Failure::new(
                    ErrorKind::Unavailable,
                    "the work on the call ended after it was recorded and before its outcome was",
                );
                let (step, attempt) = (intent.step.clone(), intent.attempt);
                return Ok(Some(EventBody::OutcomeUnknown { step, attempt, failure }));
            }
            Command::Reconcile { intent, intended_at, deadline, .. } => {
                let Some(served) = self.served(intent.action.connection()) else {
                    return Ok(Some(self.run.expire(&intent.step, now, None)));
                };
                let (connector, visibility_delay) =
                    (served.connection.connector.clone(), served.connection.visibility_delay);
                let deadline = deadline.resolve(now);
                let scene = self.scene(&intent.step);
                let doubt = Doubt { intent, intended_at, visibility_delay, deadline };
                self.spawn(scene.step.clone(), At::Looking, work::reconcile(scene, connector, doubt));
            }
            Command::Follow { step, action, provider_id, since, deadline } => {
                let Some(served) = self.served(action.name.connection()) else {
                    let standing = Standing::Failed(no_connection(action.name.connection()));
                    return Ok(self.run.conclude_follow(&step, standing));
                };
                if let Some(standing) = self.family.known(&provider_id) {
                    return Ok(self.run.conclude_follow(&step, standing));
                }
                let (connector, poller) = (served.connection.connector.clone(), served.poller.clone());
                let (scene, deadline) = (self.scene(&step), deadline.resolve(now));
                let wait = Wait::Follow {
                    connection: action.name.connection().to_owned(),
                    provider_id: provider_id.clone(),
                    since,
                    deadline,
                };
                let followed = Followed { provider_id, since, deadline };
                self.wait(step, At::Waiting, wait, work::follow(scene, connector, poller, followed));
            }
            Command::Withdraw { step, action, provider_id, marker, reason, deadline } => {
                let unwanted = Unwanted { provider_id, marker, reason, deadline: deadline.resolve(now) };
                return Ok(self.withdraw(step, &action.name, unwanted));
            }
            Command::StartChild { step, deadline, .. } if now >= deadline.resolve(now) => {
                return Ok(Some(self.run.expire(&step, now, None)));
            }
            Command::StartChild { step, playbook, inputs, .. } => {
                return self.start_child(step, &playbook, inputs).await;
            }
            Command::AwaitChild { step, run, deadline } => {
                let deadline = deadline.resolve(now);
                if let Some(work) = self.await_child(run, deadline) {
                    self.wait(step, At::Calling, Wait::Child(deadline), work);
                }
            }
            Command::SetTimer { step, after } => {
                let after = if self.world.skips_waits { Duration::ZERO } else { after };
                return Ok(Some(EventBody::TimerSet { step, fire_at: now.saturating_add(after) }));
            }
            Command::Sleep { step, until, deadline } => {
                let fired = Report::Event(EventBody::TimerFired { step: step.clone() });
                let (scene, deadline) = (self.scene(&step), deadline.resolve(now));
                let wait = Wait::Until(until.min(deadline));
                self.wait(step, At::Waiting, wait, work::pause(scene, until, deadline, fired));
            }
        }
        Ok(None)
    }

    /// Records what a task reports.
    async fn take_in(&mut self, step: &StepPath, report: Report, onward: Onward) -> Result<(), Stop> {
        let now = self.world.clock.now();
        let settles = matches!(report, Report::Called { .. } | Report::Seen { .. } | Report::Ended { .. });
        let events = match report {
            Report::Woken => vec![],
            Report::Turn(turn) => {
                self.turns.insert(step.clone(), turn);
                vec![]
            }
            Report::Called { attempt, started_at, outcome } => {
                self.run.conclude_call(step, attempt, started_at, outcome, now, rand::random::<f64>())
            }
            Report::Withdrawn(withdrawal) => {
                self.run.conclude_withdrawal(step, withdrawal).into_iter().collect()
            }
            Report::Ended { standing, was_open } => {
                let is_past = !was_open && matches!(standing, Standing::Succeeded(_));
                let past = is_past.then(|| self.run.conclude_past(step)).flatten();
                past.or_else(|| self.run.conclude_follow(step, standing)).into_iter().collect()
            }
            Report::Seen { intent, sighting, settled } => {
                self.run.conclude_reconcile(&intent, sighting, settled)
            }
            Report::ChildEnded { run, finished, out_of_time } => {
                vec![self.run.conclude_child(step, run, &finished, out_of_time)]
            }
            Report::ChildLeft(stop) => return Err(stop),
            Report::Event(event) => vec![event],
            Report::Expired { last_seen } => vec![self.run.expire(step, now, last_seen.as_deref())],
        };
        self.record(events, onward).await?;
        if settles {
            self.release_settled(step);
        }
        Ok(())
    }

    /// Writes down that the run is to end, and drops whatever only waits or looks.
    async fn cancel(&mut self) -> Result<(), Stop> {
        self.drop_all_but(&[At::Sending, At::Looking, At::Calling]);
        // Before a crash, perhaps.
        if self.run.cancelled_by().is_none() {
            let by = self.cancel.by().to_owned();
            self.record(vec![EventBody::CancelRequested { by }], Onward::No).await?;
        }
        self.cancel.settle(true);
        Ok(())
    }

    async fn record(&mut self, bodies: Vec<EventBody>, onward: Onward) -> Result<(), Stop> {
        if bodies.is_empty() {
            return Ok(());
        }
        // Not a copy of the events: an answer takes longer to copy than to record.
        let told = bodies
            .iter()
            .map(|body| (body.kind(), body.step().cloned(), body.provider_id().map(str::to_owned)));
        let told: Vec<_> = told.collect();
        // What follows a call that was accepted is the wait for its end.
        let waits = |body: &EventBody| matches!(body, EventBody::CallAccepted { .. });
        let mut following = Following {
            world: &self.world,
            busy: &self.busy,
            turns: &self.turns,
            claims: &mut self.claims,
            winds_down: self.cancel.is_asked(),
            leaving: Vec::new(),
        };
        let recorded = if onward == Onward::No || bodies.iter().all(waits) {
            let recorded = self.world.ledger.record(&mut self.run, bodies).await;
            recorded.map(|events| Written { events, intended: Vec::new() })
        } else {
            let follows = |run: &Run| following.of(run);
            self.world.ledger.record_onward(&mut self.run, bodies, follows).await
        };
        let leaving = following.leaving;
        let Written { events, intended } = match recorded {
            Ok(recorded) => recorded,
            Err(error) => {
                // What the journal does not keep, the log does: an answer may name what Defender is now doing.
                let (run_id, playbook) = (self.run.id(), self.run.playbook().name.as_str());
                for (event, step, id) in &told {
                    let step = step.as_ref().map(StepPath::as_str);
                    tracing::warn!(%run_id, playbook, event, step, id, "not recorded");
                }
                return Err(error.into());
            }
        };
        for (proof, leaving) in intended.into_iter().zip(leaving) {
            self.send(proof, leaving);
        }
        self.show(&events);
        Ok(())
    }

    pub(crate) fn show(&self, events: &[riposte_engine::Event]) {
        for event in events {
            tracing::trace!(seq = event.seq, kind = event.body.kind(), "recorded");
            self.world.observer.recorded(&self.run, event);
        }
    }

    pub(crate) fn scene(&self, step: &StepPath) -> Scene {
        Scene {
            run: self.run.id(),
            step: step.clone(),
            clock: self.world.clock.clone(),
            observer: self.world.observer.clone(),
        }
    }

    pub(crate) fn served(&self, connection: &str) -> Option<&Served> {
        self.world.connections.get(connection)
    }
}
