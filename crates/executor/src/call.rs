//! Calls: waiting for their turn, writing down those that must not be made twice, and making them.

use crate::desk::Desk;
use crate::driver::{At, Driver, no_connection};
use crate::family::Wait;
use crate::stop::Stop;
use crate::work::{self, BoxFuture, Report};
use crate::world::World;
use riposte_engine::{Call, CallIntended, Claim, Claimant, Connector, Durable, EventBody, Note, Run, Turn};
use riposte_model::{Completion, Effect, KeyedSet, StepPath, Timestamp};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Longest wait for the answer to one call, unless it is a file that comes.
const ANSWER_BUDGET: Duration = Duration::from_secs(60);

/// What a call that changes something gets even if the step's time is over sooner.
const SHORTEST_SEND: Duration = Duration::from_secs(10);

impl Driver {
    /// Makes a call, or says when it may be made.
    pub(crate) async fn call(&mut self, call: Call, now: Timestamp) -> Result<Option<EventBody>, Stop> {
        let deadline = call.deadline.resolve(now);
        if let Some(not_before) = call.not_before.filter(|not_before| *not_before > now) {
            let (scene, wait) = (self.scene(&call.step), Wait::Until(not_before.min(deadline)));
            let pause = work::pause(scene, not_before, deadline, Report::Woken);
            self.wait(call.step, At::Waiting, wait, pause);
            return Ok(None);
        }
        if now >= deadline {
            return Ok(Some(self.run.expire(&call.step, now, None)));
        }
        if !self.has_device(&call, deadline, Desk::ask) {
            return Ok(None);
        }
        let budget = budget(&call, deadline.since(now));
        let attempt = call.attempt;
        let started_at = began(&self.run, &call, now);
        let Some(served) = self.served(call.action.name.connection()) else {
            let failure = no_connection(call.action.name.connection());
            return Ok(Some(EventBody::StepFailed { step: call.step, failure, because_of: None }));
        };
        let connector = served.connection.connector.clone();
        let turn = match self.turns.remove(&call.step) {
            Some(turn) => turn,
            None => match at_once(turn_of(&connector, &call, &self.run)) {
                Ok(turn) => turn,
                Err(waiting) => {
                    let scene = self.scene(&call.step);
                    self.spawn(call.step, At::Waiting, work::turn(scene, waiting, deadline));
                    return Ok(None);
                }
            },
        };
        match call.action.effect {
            Effect::Once => {
                // While it waited for its turn, what stops harm may have begun on the device.
                if !self.has_device(&call, deadline, Desk::confirm) {
                    return Ok(None);
                }
                let (proof, events) = self.world.ledger.intend(&mut self.run, call.intent()).await?;
                self.send(proof, Leaving { connector, turn, budget, started_at });
                self.show(&events);
            }
            Effect::Read | Effect::Idempotent => {
                self.world.observer.noted(self.run.id(), &call.step, &Note::Calling { attempt });
                let Call { step, action, arguments, .. } = call;
                let at = match action.effect {
                    Effect::Read => At::Waiting,
                    Effect::Idempotent | Effect::Once => At::Sending,
                };
                let call = async move {
                    let outcome = connector.call(&action.name, &arguments, turn, budget).await;
                    Report::Called { attempt, started_at, outcome }
                };
                self.spawn(step, at, call);
            }
        }
        Ok(None)
    }

    /// Makes a call whose intent is on disk.
    pub(crate) fn send(&mut self, proof: Durable<CallIntended>, leaving: Leaving) {
        let Leaving { connector, turn, budget, started_at } = leaving;
        let (step, attempt) = (proof.step.clone(), proof.attempt);
        let send = async move {
            let outcome = connector.send(proof, turn, budget).await;
            Report::Called { attempt, started_at, outcome }
        };
        self.spawn(step, At::Sending, send);
    }
}

/// All that a call needs to leave, but for the proof that its intent is on disk.
pub(crate) struct Leaving {
    connector: Arc<dyn Connector>,
    turn: Turn,
    budget: Duration,
    started_at: Timestamp,
}

impl Leaving {
    /// For a call that must not be made twice and has its device: if its moment and its turn are there without waiting.
    pub(crate) fn at_once(world: &World, run: &Run, call: &Call, now: Timestamp) -> Option<Leaving> {
        let connector = world.connections.get(call.action.name.connection())?.connection.connector.clone();
        let turn = at_once(turn_of(&connector, call, run)).ok()?;
        let budget = budget(call, call.deadline.resolve(now).since(now));
        Some(Leaving { connector, turn, budget, started_at: began(run, call, now) })
    }
}

/// How long a call may take, when its step has this much time left.
fn budget(call: &Call, rest: Duration) -> Duration {
    match (call.action.effect, call.action.completion) {
        // Cut off after its bytes have left, a call would only make a doubt.
        (Effect::Once, _) => rest.clamp(SHORTEST_SEND, ANSWER_BUDGET),
        // As long as bytes come there is an answer; how long none may come is the connector's to say.
        (Effect::Read | Effect::Idempotent, Completion::Fetched) => rest,
        (Effect::Read | Effect::Idempotent, Completion::Immediate | Completion::Followed) => {
            rest.min(ANSWER_BUDGET)
        }
    }
}

/// When the step began that makes the call, which may be now.
fn began(run: &Run, call: &Call, now: Timestamp) -> Timestamp {
    run.record(&call.step).map_or(now, |record| record.started_at)
}

impl Driver {
    /// Whether the device that a call acts on is its own by now, by one of the desk's questions. If not, it waits for that.
    fn has_device(
        &mut self,
        call: &Call,
        deadline: Timestamp,
        ask: fn(&Desk, &Claim, &Claimant) -> bool,
    ) -> bool {
        let Some(claim) = Claim::of(&call.action, &call.arguments) else { return true };
        let who = Claimant { run: self.run.id(), step: call.step.clone() };
        self.claims.insert(call.step.clone());
        if ask(&self.world.desk, &claim, &who) {
            return true;
        }
        let (scene, world) = (self.scene(&call.step), self.world.clone());
        let device = async move { world.desk.wait(&claim, &who).await };
        let wait = work::device(scene, Box::pin(device), deadline);
        self.wait(call.step.clone(), At::Waiting, Wait::Turn(deadline), wait);
        false
    }

    /// Lets devices go that no step holds or is about to act on.
    pub(crate) fn release_devices(&mut self) {
        let held: KeyedSet<&StepPath> = self.run.holds().map(|(step, _)| step).collect();
        let (run, busy, desk) = (self.run.id(), &self.busy, &self.world.desk);
        self.claims.retain(|step| {
            let needed = held.contains(step) || busy.contains_key(step);
            if !needed {
                desk.release(&Claimant { run, step: step.clone() });
            }
            needed
        });
    }

    /// Lets the device of a step go whose call was certainly not carried out: another attempt begins beside nothing that has
    /// begun meanwhile, and does not keep the device while it waits for its moment.
    pub(crate) fn release_settled(&mut self, step: &StepPath) {
        if self.run.claim(step).is_none() && self.claims.remove(step) {
            self.world.desk.release(&Claimant { run: self.run.id(), step: step.clone() });
        }
    }
}

fn turn_of(connector: &Arc<dyn Connector>, call: &Call, run: &Run) -> BoxFuture<Turn> {
    let (connector, action) = (connector.clone(), call.action.name.clone());
    let playbook = run.playbook().name.clone();
    Box::pin(async move { connector.turn(&action, &playbook).await })
}

/// What is there at once; otherwise the work, begun.
fn at_once<T>(mut work: BoxFuture<T>) -> Result<T, BoxFuture<T>> {
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => Err(work),
    }
}
