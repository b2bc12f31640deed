//! Taking back what a provider has accepted, for a run that was cancelled.

use crate::driver::{At, Driver, no_connection};
use crate::poller::Poller;
use crate::work::{Followed, Report, Scene, follow};
use riposte_engine::{Connector, EventBody, Marker, Note, Withdrawal};
use riposte_model::{ActionName, StepPath, Timestamp};
use riposte_playbook::retry::Policy;
use std::sync::Arc;
use std::time::Duration;

/// First and longest pause between two requests; what the provider asks for counts more.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Shortest and longest wait for one answer.
const SHORTEST_BUDGET: Duration = Duration::from_secs(10);
const LONGEST_BUDGET: Duration = Duration::from_secs(30);

/// Something that the provider has accepted, and is to end.
pub(crate) struct Unwanted {
    pub(crate) provider_id: String,
    pub(crate) marker: Marker,
    pub(crate) reason: String,
    /// When to give up.
    pub(crate) deadline: Timestamp,
}

impl Driver {
    /// Has the provider asked to end what a step has opened, or says at once that nobody can be asked.
    pub(crate) fn withdraw(
        &mut self,
        step: StepPath,
        action: &ActionName,
        unwanted: Unwanted,
    ) -> Option<EventBody> {
        let Some(served) = self.served(action.connection()) else {
            let refusal = Withdrawal::Failed(no_connection(action.connection()));
            return self.run.conclude_withdrawal(&step, refusal);
        };
        let (connector, poller) = (served.connection.connector.clone(), served.poller.clone());
        let scene = self.scene(&step);
        self.spawn(step, At::Looking, withdraw(scene, connector, poller, unwanted));
        None
    }
}

/// Asks the provider to end what it has accepted, until it has, or says no, or the time is over.
async fn withdraw(scene: Scene, connector: Arc<dyn Connector>, poller: Poller, unwanted: Unwanted) -> Report {
    let Unwanted { provider_id, marker, reason, deadline } = unwanted;
    scene.note(&Note::Withdrawing);
    let mut pause = FIRST_PAUSE;
    loop {
        let budget = deadline.since(scene.clock.now()).clamp(SHORTEST_BUDGET, LONGEST_BUDGET);
        let failure = match connector.withdraw(&provider_id, &marker, &reason, budget).await {
            Withdrawal::Taken { status } => {
                let followed = Followed { provider_id, since: scene.clock.now(), deadline };
                return match follow(scene, connector, poller, followed).await {
                    Report::Expired { last_seen } => {
                        Report::Withdrawn(Withdrawal::Taken { status: last_seen.unwrap_or(status) })
                    }
                    report => report,
                };
            }
            Withdrawal::Failed(failure) if Policy::may_repeat(failure.kind) => failure,
            answer => return Report::Withdrawn(answer),
        };
        let asked = failure.retry_after_ms.map_or(Duration::ZERO, Duration::from_millis);
        let next = scene.clock.now().saturating_add(pause.max(asked));
        if next >= deadline {
            return Report::Withdrawn(Withdrawal::Failed(failure));
        }
        scene.note(&Note::AskingAgain(failure));
        scene.clock.sleep_until(next).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
