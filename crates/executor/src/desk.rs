//! One `once` action at a time on each device, across all runs: the engine's [`Devices`], for drivers that wait.

use crate::bells::Bells;
use riposte_engine::{Claim, Claimant, Devices, Hold, Run};
use riposte_model::RunId;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Who acts on which device.
pub(crate) struct Desk {
    devices: Mutex<Devices>,
    bells: Bells<Claimant>,
}

impl Desk {
    pub(crate) fn new(bells: Bells<Claimant>) -> Self {
        Desk { devices: Mutex::default(), bells }
    }

    /// Takes a device if it is free. If not, whoever asks has a place in its queue from now on.
    pub(crate) fn ask(&self, claim: &Claim, who: &Claimant) -> bool {
        self.bells.are_open() && self.devices().ask(claim, who)
    }

    /// The same, as if the steps that are `over` had released it.
    pub(crate) fn ask_after(&self, claim: &Claim, who: &Claimant, over: impl Fn(&Claimant) -> bool) -> bool {
        self.bells.are_open() && self.devices().ask_after(claim, who, over)
    }

    /// Whether whoever was given a device may begin now; if not, it waits again.
    pub(crate) fn confirm(&self, claim: &Claim, who: &Claimant) -> bool {
        self.devices().confirm(claim, who)
    }

    /// Waits for a device.
    pub(crate) async fn wait(&self, claim: &Claim, who: &Claimant) {
        self.bells.wait(who, || self.devices().ask(claim, who)).await;
    }

    /// What a run has under way holds its devices, whoever else does.
    pub(crate) fn hold_all_of(&self, run: &Run) {
        let mut devices = self.devices();
        for (step, claim) in run.holds() {
            devices.hold(&claim, &Claimant { run: run.id(), step: step.clone() });
        }
    }

    /// The same of a run that is not loaded.
    pub(crate) fn hold(&self, hold: &Hold) {
        self.devices().hold(&hold.claim, &hold.who);
    }

    /// What the steps of a run hold.
    pub(crate) fn held_by(&self, run: RunId) -> Vec<Hold> {
        let held = self.devices().held_by(run);
        held.into_iter().map(|(who, claim)| Hold { who, claim }).collect()
    }

    /// A step holds and wants nothing any more.
    pub(crate) fn release(&self, who: &Claimant) {
        let granted = self.devices().release(who);
        self.ring(&granted);
    }

    /// A run holds and wants nothing any more.
    pub(crate) fn forget(&self, run: RunId) {
        let granted = self.devices().forget(run);
        self.ring(&granted);
    }

    fn ring(&self, granted: &[Claimant]) {
        granted.iter().for_each(|who| self.bells.ring(who, who.run));
    }

    fn devices(&self) -> MutexGuard<'_, Devices> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
