//! What tasks do for a run, and what they report. None of them touches the run.

use crate::poller::Poller;
use crate::stop::Stop;
use crate::watchlist::Word;
use riposte_engine::{
    CallIntended, Clock, Connector, EventBody, Note, Observer, Outcome, RunFinished, Sighting, Standing,
    Turn, Withdrawal,
};
use riposte_model::{Failure, RunId, StepPath, Timestamp};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Some work, boxed so that it can be begun in one place and ended in another.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What came of a task.
pub(crate) enum Report {
    /// A pause is over; the engine will say what follows.
    Woken,
    /// A call may leave.
    Turn(Turn),
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
    Ended {
        /// How.
        standing: Standing,
        /// Whether it was seen before its end.
        was_open: bool,
    },
    /// What the provider had accepted is taken back, or is not.
    Withdrawn(Withdrawal),
    /// The provider's log has been looked into, for long enough to say what it shows.
    Seen {
        /// The call that was looked for.
        intent: Arc<CallIntended>,
        /// What was seen.
        sighting: Sighting,
        /// Whether absence is certain.
        settled: bool,
    },
    /// A run that was called is over.
    ChildEnded {
        /// Which one.
        run: RunId,
        /// How.
        finished: RunFinished,
        /// Whether it was cancelled because the step's time was over.
        out_of_time: bool,
    },
    /// A run that was called was left before its end.
    ChildLeft(Stop),
    /// Something has happened.
    Event(EventBody),
    /// The step's time is over. `last_seen` is what the provider last said, or what was waited for.
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
    pub(crate) fn note(&self, note: &Note) {
        self.observer.noted(self.run, &self.step, note);
    }
}

/// Sleeps until `at`, or until the step's time is over.
pub(crate) async fn pause(scene: Scene, at: Timestamp, deadline: Timestamp, then: Report) -> Report {
    scene.clock.sleep_until(at.min(deadline)).await;
    if at <= deadline { then } else { Report::Expired { last_seen: None } }
}

/// Waits for a call's turn, or until the step's time is over.
pub(crate) async fn turn(scene: Scene, turn: BoxFuture<Turn>, deadline: Timestamp) -> Report {
    scene.note(&Note::Queued);
    tokio::select! {
        biased;
        turn = turn => Report::Turn(turn),
        () = scene.clock.sleep_until(deadline) => {
            Report::Expired { last_seen: Some("the provider's limits were used up".to_owned()) }
        }
    }
}

/// Waits until a device is free, or until the step's time is over.
pub(crate) async fn device(scene: Scene, free: BoxFuture<()>, deadline: Timestamp) -> Report {
    scene.note(&Note::Behind);
    tokio::select! {
        biased;
        () = free => Report::Woken,
        () = scene.clock.sleep_until(deadline) => {
            Report::Expired { last_seen: Some("another action on the device was under way".to_owned()) }
        }
    }
}

/// Something that the provider has accepted.
pub(crate) struct Followed {
    pub(crate) provider_id: String,
    pub(crate) since: Timestamp,
    pub(crate) deadline: Timestamp,
}

/// Follows what the provider has accepted to its end.
pub(crate) async fn follow(
    scene: Scene,
    connector: Arc<dyn Connector>,
    poller: Poller,
    followed: Followed,
) -> Report {
    let mut last_seen = None;
    let mut words = poller.follow(followed.provider_id.clone(), followed.since).await;
    loop {
        let word = tokio::select! {
            biased;
            Ok(()) = words.changed() => words.borrow_and_update().clone(),
            () = scene.clock.sleep_until(followed.deadline) => {
                return last_look(&*connector, &followed.provider_id, last_seen).await;
            }
        };
        match word {
            Word::Nothing => {}
            Word::Trouble(failure) => scene.note(&Note::AskingAgain(failure)),
            Word::Standing(standing) => match &*standing {
                Standing::Open { status } => {
                    if last_seen.as_ref() != Some(status) {
                        scene.note(&Note::Status(status.clone()));
                    }
                    last_seen = Some(status.clone());
                }
                Standing::Succeeded(_) | Standing::Failed(_) => {
                    // The poller has told its end and lets it go: nearly always it is ours alone by now, and is not copied.
                    drop(words);
                    let standing = Arc::unwrap_or_clone(standing);
                    return Report::Ended { standing, was_open: last_seen.is_some() };
                }
            },
        }
    }
}

/// The time is over. Old actions are asked after once a minute, so one may have ended since: saying «timed out» of a device
/// that is isolated would be a false report.
async fn last_look(connector: &dyn Connector, provider_id: &str, last_seen: Option<String>) -> Report {
    let ids = [provider_id.to_owned()];
    let standing = connector.standings(&ids, SHORTEST_BUDGET).await.ok().and_then(|mut answer| answer.pop());
    match standing {
        Some((_, Standing::Open { status })) => Report::Expired { last_seen: Some(status) },
        Some((_, end)) => Report::Ended { standing: end, was_open: last_seen.is_some() },
        None => Report::Expired { last_seen },
    }
}

/// A call whose outcome is unknown.
pub(crate) struct Doubt {
    pub(crate) intent: Arc<CallIntended>,
    pub(crate) intended_at: Timestamp,
    pub(crate) visibility_delay: Duration,
    pub(crate) deadline: Timestamp,
}

/// First and longest pause between two looks.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LONGEST_LOOK: Duration = Duration::from_secs(30);

/// What a question gets even when the step's time is over: an answer is worth more than punctuality.
const SHORTEST_BUDGET: Duration = Duration::from_secs(10);

/// Looks for a call in the provider's log until it is found, or its absence is certain, or there turns out to be no log to
/// look into, or the time is over. Looks at least once.
pub(crate) async fn reconcile(scene: Scene, connector: Arc<dyn Connector>, doubt: Doubt) -> Report {
    let Doubt { intent, intended_at, visibility_delay, deadline } = doubt;
    // Whatever the wall clock shows, and however long ago the doubt began by it: set forward, it must not make absence certain,
    // and set back, it must not keep it from being so.
    let started = Instant::now();
    let mut pause = FIRST_LOOK;
    loop {
        let (began, now) = (Instant::now(), scene.clock.now());
        let settled = began.duration_since(started) >= visibility_delay;
        scene.note(&Note::Looking(intent.marker.to_string()));
        let budget = deadline.since(now).clamp(SHORTEST_BUDGET, LONGEST_LOOK);
        let mut next = began + pause;
        // An intent that is to come is of a clock that was set back since: the provider has seen the call before now.
        match connector.find(&intent, intended_at.min(now), budget).await {
            Ok(sighting @ (Sighting::Found { .. } | Sighting::CannotTell { .. })) => {
                return Report::Seen { intent, sighting, settled };
            }
            Ok(sighting @ Sighting::NotSeen { .. }) if settled => {
                return Report::Seen { intent, sighting, settled };
            }
            Ok(Sighting::NotSeen { .. }) => next = next.min(started + visibility_delay),
            Err(failure) => {
                next = next.max(began + asked_pause(&failure));
                scene.note(&Note::AskingAgain(failure));
            }
        }
        if scene.clock.now() >= deadline {
            return Report::Expired { last_seen: None };
        }
        pause = (pause * 2).min(LONGEST_LOOK);
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = scene.clock.sleep_until(deadline) => {}
        }
    }
}

fn asked_pause(failure: &Failure) -> Duration {
    failure.retry_after_ms.map_or(Duration::ZERO, Duration::from_millis).min(LONGEST_LOOK)
}
