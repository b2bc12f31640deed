//! The invariants, in prose and code.

mod told;

use super::delivery::key_of;
use super::living::Living;
use super::world::NEVER;
use super::{Broken, Invariant, Life, Lived, World};
use riposte_engine::{Claimant, Event, EventBody, Run, StepState};
use riposte_model::{Effect, ErrorKind, Priority, Timestamp};

impl World {
    /// Whether all invariants hold at the end of a life.
    pub(super) fn judge(&mut self) -> Lived<Life> {
        // Whatever is still on its way counts.
        self.provider.arrive(NEVER, &mut self.random);
        for living in &self.runs {
            living.is_settled(&self.provider)?;
            living.leaves_nothing_open_untold(&self.provider)?;
            self.begins_nothing_once_cancelled(living)?;
        }
        self.each_step_acts_at_most_once()?;
        self.nothing_overlaps()?;
        self.each_delivery_is_one_run()?;
        self.each_call_is_one_run()?;
        for living in &self.runs {
            living.can_be_taken_up_anywhere()?;
        }
        if !self.devices.is_empty() || self.runs.iter().any(|living| !living.asking.is_empty()) {
            return Err(Broken(
                Invariant::NothingLeaks,
                format!("all is over, and left is {:?}", self.devices),
            ));
        }
        Ok(self.summed_up())
    }

    fn summed_up(&self) -> Life {
        let mut life = self.life;
        for (_, record) in self.runs.iter().flat_map(|living| living.run.steps()) {
            match &record.state {
                StepState::LeftOpen { .. } => life.left_open += 1,
                StepState::Ended { failure: Some(failure), attempts: 1.., .. }
                    if failure.kind == ErrorKind::Cancelled =>
                {
                    life.withdrawals += 1;
                }
                _ => {}
            }
        }
        life.runs = self.runs.len() as u64;
        life.events = self.runs.iter().map(|living| living.journal.len() as u64).sum();
        life.effects = self.provider.done.values().sum();
        life.faults += self.provider.faults;
        life
    }

    /// What must not be repeated is not; and nothing is done that no step asked for.
    fn each_step_acts_at_most_once(&self) -> Lived<()> {
        let mut asked_for = 0;
        for living in &self.runs {
            let forgotten = living.forgotten.iter().filter(|step| living.run.record(step).is_none());
            for step in living.run.steps().map(|(step, _)| step).chain(forgotten) {
                let Some(action) = living.action(step) else { continue };
                let done = living.done(step, &self.provider);
                if action.spec.effect == Effect::Once && done > 1 {
                    let what = format!("`{step}` of {} was carried out {done} times", living.id);
                    return Err(Broken(Invariant::OnceEach, what));
                }
                asked_for += done;
            }
        }
        let done: u64 = self.provider.done.values().sum();
        if asked_for == done {
            return Ok(());
        }
        let what =
            format!("{done} things were done, and {asked_for} of them by a step that the journal knows");
        Err(Broken(Invariant::OnceEach, what))
    }

    /// Two actions on one device never overlap, from their arrival to their end or that of their step. The one exception: what
    /// stops harm does not wait for what does not.
    fn nothing_overlaps(&self) -> Lived<()> {
        struct AtWork<'w> {
            device: &'w str,
            stops_harm: bool,
            asked: Timestamp,
            from: Timestamp,
            until: Timestamp,
            who: Claimant,
        }
        let mut all: Vec<AtWork<'_>> = Vec::new();
        for (claim, from, ends_at, marker) in self.provider.at_work() {
            // What nobody has on disk acts all the same; that is told by another invariant.
            let Some((who, asked, over)) = self.runs.iter().find_map(|one| one.sent(marker)) else {
                continue;
            };
            let device = claim.target.device.as_str();
            let stops_harm = claim.priority == Priority::Containment;
            all.push(AtWork { device, stops_harm, asked, from, until: ends_at.min(over), who });
        }
        all.sort_by_key(|one| one.asked);
        for (number, later) in all.iter().enumerate() {
            for earlier in &all[..number] {
                let is_exception = later.stops_harm != earlier.stops_harm
                    && (later.stops_harm || later.asked == earlier.asked);
                let overlap = later.from < earlier.until && earlier.from < later.until;
                if later.device == earlier.device && overlap && !is_exception {
                    let what = format!("on {}: {:?} and {:?}", later.device, earlier.who, later.who);
                    return Err(Broken(Invariant::NoOverlap, what));
                }
            }
        }
        Ok(())
    }

    /// Once somebody wants a run to end, nothing new leaves for it, or for those that it has called.
    fn begins_nothing_once_cancelled(&self, living: &Living) -> Lived<()> {
        let acts = |event: &&Event| {
            matches!(event.body, EventBody::CallIntended(_) | EventBody::ChildStarted { .. })
        };
        let mut around = Some(living);
        while let Some(one) = around {
            // Of one moment nobody can say which half came first, but in the run itself.
            let late = |event: &&Event| one.cancelled_at().is_some_and(|moment| event.at > moment);
            if let Some(event) = living.journal.iter().filter(acts).find(late) {
                let what = format!("{} of {} follows the end of {}", event.body.kind(), living.id, one.id);
                return Err(Broken(Invariant::NothingAfterCancel, what));
            }
            let parent = one.run.started().parent.as_ref();
            around = parent.and_then(|parent| self.runs.iter().find(|other| other.id == parent.run));
        }
        let events = living.journal.iter();
        let mut after = events.skip_while(|event| !matches!(event.body, EventBody::CancelRequested { .. }));
        after.find(acts).map_or(Ok(()), |event| {
            let what = format!("{} of {} follows a cancellation", event.body.kind(), living.id);
            Err(Broken(Invariant::NothingAfterCancel, what))
        })
    }

    /// Every delivery has been accepted by now, and has its one run; and no other run has begun by itself.
    fn each_delivery_is_one_run(&self) -> Lived<()> {
        for delivery in &self.deliveries {
            let runs = self.runs.iter().filter(|living| key_of(living) == Some(&delivery.key)).count();
            if runs != 1 {
                let what = format!("{} has {runs} runs", delivery.key);
                return Err(Broken(Invariant::OneRunEach, what));
            }
        }
        let begun = self.runs.iter().filter(|living| !living.is_called()).count();
        if begun == self.deliveries.len() {
            return Ok(());
        }
        Err(Broken(Invariant::OneRunEach, format!("{begun} runs have begun that nobody called")))
    }

    /// Each called run is known to exactly one step, and has ended before its caller said so.
    fn each_call_is_one_run(&self) -> Lived<()> {
        let events = || self.runs.iter().flat_map(|living| &living.journal);
        for living in self.runs.iter().filter(|living| living.is_called()) {
            let started =
                |body: &EventBody| matches!(body, EventBody::ChildStarted { run, .. } if *run == living.id);
            let finished =
                |body: &EventBody| matches!(body, EventBody::ChildFinished { run, .. } if *run == living.id);
            let (starts, ends) = (
                events().filter(|event| started(&event.body)).count(),
                events().filter(|event| finished(&event.body)).count(),
            );
            if (starts, ends) != (1, 1) {
                let what = format!("{} was begun {starts} times and ended {ends} times", living.id);
                return Err(Broken(Invariant::OneRunEach, what));
            }
        }
        Ok(())
    }
}

impl Living {
    /// Whenever a process dies, what it left is a beginning of this history: each must load, and know what is next. The last
    /// one is the live state.
    fn can_be_taken_up_anywhere(&self) -> Lived<()> {
        let fold = |what: String| Broken(Invariant::StateIsTheFold, format!("{}: {what}", self.id));
        let whole = [self.journal.as_slice(), &self.unwritten].concat();
        let begun = Run::replay(self.id, self.playbook.clone(), &whole[..1]);
        let mut begun = begun.map_err(|error| fold(error.to_string()))?;
        for event in &whole[1..] {
            let length = begun.next_seq() - 1;
            if begun.next().is_empty() {
                return Err(fold(format!("after {length} events nothing is left to do, and it is not over")));
            }
            begun.apply(event).map_err(|error| fold(format!("event {}: {error}", event.seq)))?;
        }
        if begun.steps().eq(self.run.steps()) && begun.finished() == self.run.finished() {
            return Ok(());
        }
        Err(fold("the live state is not the fold of the journal".to_owned()))
    }

    /// When somebody wanted it to end.
    fn cancelled_at(&self) -> Option<Timestamp> {
        let asked = |event: &&Event| matches!(event.body, EventBody::CancelRequested { .. });
        self.journal.iter().find(asked).map(|event| event.at)
    }
}
