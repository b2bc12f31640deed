//! What tasks do for a run, and what they report. None of them touches the run.

use crate::poller::{Poller, Word};
use riposte_engine::{CallIntended, Clock, Connector, EventBody, Note, Observer, Outcome, Run, Standing};
use riposte_model::{Failure, RunId, StepPath, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// What came of a task.
pub(crate) enum Report {
    /// A pause is over; the engine will say what follows.
    Woken,
    /// A call has come back.
    Called {
        /// Which attempt.
        attempt: u32,
        /// When the step began.
        started_at: Timestamp,
        /// What came of it.
        outcome: Outcome,
    },
    /// What the provider had accepted is at its end.
    Ended(Standing),
    /// Something has happened.
    Event(EventBody),
    /// The step's time is over. `last_seen` is what the provider last said.
    Expired { last_seen: Option<String> },
}

/// What every task needs.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) run: RunId,
    pub(crate) step: StepPath,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
}

impl Scene {
    fn note(&self, note: &Note) {
        self.observer.noted(self.run, &self.step, note);
    }
}

/// Sleeps until `at`, or until the step's time is over.
pub(crate) async fn pause(scene: Scene, at: Timestamp, deadline: Timestamp, then: Report) -> Report {
    scene.clock.sleep_until(at.min(deadline)).await;
    if at <= deadline { then } else { Report::Expired { last_seen: None } }
}

/// Follows what the provider has accepted to its end.
pub(crate) async fn follow(
    scene: Scene,
    poller: Poller,
    provider_id: String,
    since: Timestamp,
    deadline: Timestamp,
) -> Report {
    let mut last_seen = None;
    let mut words = poller.follow(provider_id, since).await;
    loop {
        let word = tokio::select! {
            biased;
            changed = words.changed() => match changed {
                Ok(()) => words.borrow_and_update().clone(),
                // The poller is gone with everything else: the driver is being stopped.
                Err(_) => return Report::Woken,
            },
            () = scene.clock.sleep_until(deadline) => return Report::Expired { last_seen },
        };
        match word {
            Word::Nothing => {}
            Word::Trouble(failure) => scene.note(&Note::AskingAgain(failure)),
            Word::Standing(Standing::Open { status }) => {
                if last_seen.as_ref() != Some(&status) {
                    scene.note(&Note::Status(status.clone()));
                }
                last_seen = Some(status);
            }
            Word::Standing(end) => return Report::Ended(end),
        }
    }
}

/// A call whose outcome is unknown.
pub(crate) struct Doubt {
    pub(crate) intent: CallIntended,
    pub(crate) intended_at: Timestamp,
    pub(crate) unknown_since: Timestamp,
    pub(crate) visibility_delay: Duration,
    pub(crate) deadline: Timestamp,
}

/// First and longest pause between two looks.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LONGEST_LOOK: Duration = Duration::from_secs(30);

/// Looks for a call in the provider's log until it is found, or its absence is certain, or the time is over.
pub(crate) async fn reconcile(scene: Scene, connector: Arc<dyn Connector>, doubt: Doubt) -> Report {
    let certain_from = doubt.unknown_since.saturating_add(doubt.visibility_delay);
    let mut pause = FIRST_LOOK;
    loop {
        let began = scene.clock.now();
        if began >= doubt.deadline {
            return Report::Expired { last_seen: None };
        }
        scene.note(&Note::Looking(doubt.intent.marker.to_string()));
        let budget = doubt.deadline.since(began).min(LONGEST_LOOK);
        let mut next = began.saturating_add(pause);
        match connector.find(&doubt.intent, doubt.intended_at, budget).await {
            Ok(sighting) => {
                let settled = began >= certain_from;
                if let Some(event) = Run::conclude_reconcile(&doubt.intent, sighting, settled) {
                    return Report::Event(event);
                }
                next = next.min(certain_from.max(began));
            }
            Err(failure) => {
                next = next.max(began.saturating_add(asked_pause(&failure)));
                scene.note(&Note::AskingAgain(failure));
            }
        }
        pause = (pause * 2).min(LONGEST_LOOK);
        scene.clock.sleep_until(next.min(doubt.deadline)).await;
    }
}

fn asked_pause(failure: &Failure) -> Duration {
    failure.retry_after_ms.map_or(Duration::ZERO, Duration::from_millis).min(LONGEST_LOOK)
}
