//! Taking back what a provider has accepted and not ended, because the run that wanted it was cancelled.
//!
//! It needs no intent on disk: asking twice does what asking once does. A crash in between leaves the step as it was, and
//! the same command follows from that.

use crate::command::{Command, Deadline};
use crate::event::EventBody;
use crate::marker::Marker;
use crate::outcome::Standing;
use crate::run::Run;
use riposte_model::{ErrorKind, Failure, StepPath};
use std::time::Duration;

/// How long a provider is asked to end what it accepted, with all pauses. Limits are counted by the minute, so that a pause
/// until the next one fits in.
pub(crate) const WITHDRAWAL_LIMIT: Duration = Duration::from_secs(120);

/// What came of asking a provider to end what it had accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Withdrawal {
    /// At its end because of that.
    Done {
        /// What was ended, for people.
        evidence: String,
    },
    /// The provider will end it, and has not yet.
    Taken {
        /// The provider's own word for where it stands.
        status: String,
    },
    /// At its end for another reason.
    Ended(Standing),
    /// Not, as far as anybody knows.
    Failed(Failure),
}

impl Run {
    /// The command to take back what a step has opened, for a run that was cancelled.
    pub(crate) fn withdraw(
        &self,
        step: &StepPath,
        attempt: u32,
        provider_id: &str,
        cancelled_by: &str,
    ) -> Option<Command> {
        Some(Command::Withdraw {
            step: step.clone(),
            action: self.action(step)?.spec.clone(),
            provider_id: provider_id.to_owned(),
            marker: Marker::new(self.id(), step, attempt),
            reason: format!("its run was cancelled by {cancelled_by}"),
            deadline: Deadline { at: None, within: Some(WITHDRAWAL_LIMIT) },
        })
    }

    /// The event that records what came of a withdrawal; `None` if the step does not wait for the provider any more.
    pub fn conclude_withdrawal(&self, step: &StepPath, withdrawal: Withdrawal) -> Option<EventBody> {
        let (attempt, started_at) = self.attempt_under_way(step)?;
        let step = step.clone();
        let failure = match withdrawal {
            Withdrawal::Done { evidence } => {
                let failure = Failure::new(ErrorKind::Cancelled, evidence);
                return Some(EventBody::CallFailed { step, attempt, started_at, failure, retry_at: None });
            }
            Withdrawal::Ended(Standing::Open { status }) | Withdrawal::Taken { status } => Failure::new(
                ErrorKind::Timeout,
                format!("the provider was asked to end it, and has not in time: last seen as {status}"),
            ),
            Withdrawal::Ended(end) => return self.conclude_follow(&step, end),
            Withdrawal::Failed(failure) => failure,
        };
        Some(EventBody::WithdrawalFailed { step, attempt, failure })
    }
}
