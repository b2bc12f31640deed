//! What a client tells whoever counts what it does.

use std::time::Duration;

use crate::budget::Class;

/// Is told what a client does, as it does it. Called in the middle of a request, so it must be quick and never wait.
///
/// Nothing here names a device, a user or an address: operations are those of this crate, and a status is a number.
pub trait Meter: Send + Sync {
    /// A request of this operation (`Operation::NAME`) has ended with this status, or without an answer, after this time.
    /// The repetition after a 401 is a request of its own.
    fn request(&self, operation: &'static str, status: Option<u16>, took: Duration);
    /// A token was asked for, and was granted or not.
    fn token(&self, granted: bool);
    /// A call has waited this long for its turn.
    fn waited(&self, class: Class, time: Duration);
    /// Defender has refused a call of this class for too many calls, and the class is closed for this much longer than it was.
    fn throttled(&self, class: Class, longer: Duration);
}

/// Counts nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unmetered;

impl Meter for Unmetered {
    fn request(&self, _: &'static str, _: Option<u16>, _: Duration) {}
    fn token(&self, _: bool) {}
    fn waited(&self, _: Class, _: Duration) {}
    fn throttled(&self, _: Class, _: Duration) {}
}
