//! What protects a run, and can be switched off to see that the invariants notice.

/// A protection of the engine, or of those around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// A call that must not be made twice is on disk before it leaves.
    Intent,
    /// It carries what makes it recognisable in the provider's log.
    Marker,
    /// An unknown outcome is looked up, and is no failure that may be repeated, as in so many clients.
    Reconcile,
    /// Absence is believed only once the provider's log must show the call.
    VisibilityDelay,
    /// A delivery whose key is known begins no other run.
    Dedupe,
    /// Actions on one device wait for each other.
    DeviceQueue,
    /// After a crash, what is under way on a device holds it before anything else may leave.
    HoldAfterCrash,
    /// A called run is taken up after a crash with a look at whether its caller was cancelled.
    LookAtCaller,
    /// A cancelled run is not over while the provider goes on with what it has accepted.
    Withdrawal,
}

impl Protection {
    /// All of them.
    pub const ALL: [Protection; 9] = [
        Protection::Intent,
        Protection::Marker,
        Protection::Reconcile,
        Protection::VisibilityDelay,
        Protection::Dedupe,
        Protection::DeviceQueue,
        Protection::HoldAfterCrash,
        Protection::LookAtCaller,
        Protection::Withdrawal,
    ];

    /// The word for it on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Protection::Intent => "intent",
            Protection::Marker => "marker",
            Protection::Reconcile => "reconcile",
            Protection::VisibilityDelay => "visibility-delay",
            Protection::Dedupe => "dedupe",
            Protection::DeviceQueue => "device-queue",
            Protection::HoldAfterCrash => "hold-after-crash",
            Protection::LookAtCaller => "look-at-caller",
            Protection::Withdrawal => "withdrawal",
        }
    }
}
