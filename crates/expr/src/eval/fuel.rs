//! How much an evaluation may still do.

use std::cell::Cell;

use crate::eval::fault::Fault;
use crate::problem::ProblemKind;

/// Bytes copied or read through for one unit.
const BYTES_PER_UNIT: usize = 16;

/// What is left. Every node costs one unit, as do 16 bytes of text copied or searched.
#[derive(Debug)]
pub(crate) struct Fuel {
    left: Cell<u64>,
    given: u64,
}

impl Fuel {
    pub(crate) fn new(units: u64) -> Self {
        Fuel { left: Cell::new(units), given: units }
    }

    /// Takes units away, before the work is done.
    pub(crate) fn spend(&self, units: usize) -> Result<(), Fault> {
        match self.left.get().checked_sub(units as u64) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                // Nothing runs after this, whoever asks again.
                self.left.set(0);
                Err(Fault::new(
                    ProblemKind::Fuel,
                    format!("the expression takes more than {} steps", self.given),
                ))
            }
        }
    }

    /// Takes away what this many bytes cost.
    pub(crate) fn spend_bytes(&self, bytes: usize) -> Result<(), Fault> {
        self.spend(bytes / BYTES_PER_UNIT)
    }
}
