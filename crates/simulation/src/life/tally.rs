//! What a life was like, in figures that can be added up.

use std::ops::AddAssign;

/// A kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process died with something to write, before it was on disk.
    CrashBeforeCommit,
    /// It died when it was, and had not noticed.
    CrashAfterCommit,
    /// It died while a call that changes something was on its way. Counted beside the moment in which it did.
    CrashInFlight,
    /// A request never arrived, and nobody could know.
    LostRequest,
    /// It seemed lost, and arrived later.
    LateRequest,
    /// It had its effect, and the answer was lost.
    LostAnswer,
    /// The provider had a fault before it did anything.
    ErrorBefore,
    /// The provider had a fault after it had done it.
    ErrorAfter,
    /// 429: too many calls.
    Throttled,
    /// The provider refused it.
    Refused,
    /// The provider's log did not show a call that it had taken.
    StaleList,
    /// The provider's log did not show that an action had ended.
    StaleStatus,
    /// An action was taken for a device that was not there.
    OfflineDevice,
    /// A delivery came again after it had been accepted.
    DuplicateDelivery,
    /// The answer to a delivery was lost, so that its sender repeats it.
    LostReceipt,
    /// Somebody cancelled a run.
    Cancel,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 16] = [
        Fault::CrashBeforeCommit,
        Fault::CrashAfterCommit,
        Fault::CrashInFlight,
        Fault::LostRequest,
        Fault::LateRequest,
        Fault::LostAnswer,
        Fault::ErrorBefore,
        Fault::ErrorAfter,
        Fault::Throttled,
        Fault::Refused,
        Fault::StaleList,
        Fault::StaleStatus,
        Fault::OfflineDevice,
        Fault::DuplicateDelivery,
        Fault::LostReceipt,
        Fault::Cancel,
    ];

    /// The words for it in a table.
    pub fn as_str(self) -> &'static str {
        match self {
            Fault::CrashBeforeCommit => "crash before a commit",
            Fault::CrashAfterCommit => "crash after a commit",
            Fault::CrashInFlight => "crash with a call in flight",
            Fault::LostRequest => "request lost",
            Fault::LateRequest => "request late",
            Fault::LostAnswer => "answer lost",
            Fault::ErrorBefore => "5xx before the effect",
            Fault::ErrorAfter => "5xx after the effect",
            Fault::Throttled => "429",
            Fault::Refused => "refused",
            Fault::StaleList => "stale list",
            Fault::StaleStatus => "stale status",
            Fault::OfflineDevice => "device offline",
            Fault::DuplicateDelivery => "delivery duplicated",
            Fault::LostReceipt => "answer to a delivery lost",
            Fault::Cancel => "run cancelled",
        }
    }
}

/// How often each fault was lived through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults([u64; Fault::ALL.len()]);

impl Faults {
    /// How often this one was.
    pub fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize]
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }
}

impl AddAssign for Faults {
    fn add_assign(&mut self, other: Faults) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}

/// What a life was like, or several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Runs, those that were called among them.
    pub runs: u64,
    /// Runs that were called by another one.
    pub called: u64,
    /// Events in the journal at the end.
    pub events: u64,
    /// Effects at the provider.
    pub effects: u64,
    /// Times at which an outcome was unknown and had to be looked up.
    pub doubts: u64,
    /// Times at which a call had to wait for its device.
    pub waits: u64,
    /// Actions that were taken back because their run was cancelled.
    pub withdrawals: u64,
    /// Actions that could not be.
    pub left_open: u64,
    /// What went wrong.
    pub faults: Faults,
}

impl AddAssign for Life {
    fn add_assign(&mut self, other: Life) {
        self.runs += other.runs;
        self.called += other.called;
        self.events += other.events;
        self.effects += other.effects;
        self.doubts += other.doubts;
        self.waits += other.waits;
        self.withdrawals += other.withdrawals;
        self.left_open += other.left_open;
        self.faults += other.faults;
    }
}
