//! On which devices a run acts right now.

use super::{Run, StepState};
use crate::devices::Claim;
use riposte_model::StepPath;

impl Run {
    /// The steps whose call is under way on a device, from its intent until the provider has ended the action or the step is
    /// over. After a crash these hold their devices before anything else may leave ([`Devices::hold`](crate::Devices::hold)).
    pub fn holds(&self) -> impl Iterator<Item = (&StepPath, Claim)> {
        self.steps.keys().filter_map(|step| Some((step, self.claim(step)?)))
    }

    /// The device that one step holds in this way, if it holds one.
    pub fn claim(&self, step: &StepPath) -> Option<Claim> {
        match &self.record(step)?.state {
            StepState::Intended { intent, .. } | StepState::Unknown { intent, .. } => {
                Claim::of(&self.action(step)?.spec, &intent.arguments)
            }
            StepState::Accepted { claim, .. } => claim.clone(),
            StepState::Open
            | StepState::Looping { .. }
            | StepState::Calling { .. }
            | StepState::Sleeping { .. }
            | StepState::LeftOpen { .. }
            | StepState::Backoff { .. }
            | StepState::Ended { .. } => None,
        }
    }
}
