//! Which fault strikes next.

use std::collections::VecDeque;

use super::Fault;
use crate::operation::Operation;

/// Faults that may wait at once. A scenario needs a handful; a loop that injects without end is a mistake.
pub(crate) const MAX_FAULTS: usize = 1_000;

/// There is no room for another fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{MAX_FAULTS} faults are waiting already, which is the limit")]
pub(crate) struct TooManyFaults;

/// The waiting faults, in the order in which they strike.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<Fault>);

impl Faults {
    pub(crate) fn push(&mut self, fault: Fault) -> Result<(), TooManyFaults> {
        if self.0.len() == MAX_FAULTS {
            return Err(TooManyFaults);
        }
        if fault.times > 0 {
            self.0.push_back(fault);
        }
        Ok(())
    }

    /// The fault that strikes a request of this operation, which is or is not one for a list, if one does. It is used up
    /// by one.
    pub(crate) fn strike(&mut self, operation: Operation, is_list: bool) -> Option<Fault> {
        let index = self.0.iter().position(|fault| {
            fault.operation.covers(operation)
                && fault.kind.fits(operation)
                && (is_list || !fault.kind.is_for_lists())
        })?;
        let fault = self.0.get_mut(index)?;
        let struck = Fault { times: 1, ..fault.clone() };
        fault.times -= 1;
        if fault.times == 0 {
            self.0.remove(index);
        }
        Some(struck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_strike_in_order_and_only_their_operation() {
        let mut faults = Faults::default();
        for text in ["isolate=503:2", "*=429", "cancel=drop"] {
            faults.push(text.parse().unwrap()).unwrap();
        }
        let mut strike = |operation| faults.strike(operation, false).map(|fault| fault.kind.to_string());
        assert_eq!(strike(Operation::Unknown), None);
        assert_eq!(strike(Operation::Isolate).as_deref(), Some("503"));
        assert_eq!(strike(Operation::Cancel).as_deref(), Some("429"));
        assert_eq!(strike(Operation::Isolate).as_deref(), Some("503"));
        assert_eq!(strike(Operation::Isolate), None);
        assert_eq!(strike(Operation::Cancel).as_deref(), Some("drop"));
        assert_eq!(strike(Operation::Cancel), None);
    }

    #[test]
    fn what_does_not_fit_waits_for_what_does() {
        let mut faults = Faults::default();
        for text in ["*=expired-token", "*=stale-30s"] {
            faults.push(text.parse().unwrap()).unwrap();
        }
        let mut strike =
            |operation, is_list| faults.strike(operation, is_list).map(|fault| fault.kind.to_string());
        assert_eq!(strike(Operation::Token, false), None);
        assert_eq!(strike(Operation::Isolate, false).as_deref(), Some("expired-token"));
        assert_eq!(strike(Operation::MachineActions, false), None, "one action is no list");
        assert_eq!(strike(Operation::MachineActions, true).as_deref(), Some("stale-30000ms"));
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut faults = Faults::default();
        let fault: Fault = "isolate=503".parse().unwrap();
        for _ in 0..MAX_FAULTS {
            faults.push(fault.clone()).unwrap();
        }
        assert_eq!(faults.push(fault), Err(TooManyFaults));
    }
}
