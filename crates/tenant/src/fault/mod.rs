//! What goes wrong on request.
//!
//! A fault waits for requests of one operation and strikes each of them once, as often as it says. This module knows
//! how faults are written and which one strikes next; what a struck request looks like is decided in `http`.

mod parse;
mod queue;

use std::fmt;
use std::time::Duration;

use crate::operation::Operation;

pub use parse::FaultSyntax;
pub(crate) use queue::Faults;

/// Longest delay that a latency fault may ask for.
pub const MAX_LATENCY: Duration = Duration::from_secs(600);

/// One fault: where it strikes, how, and how often. Written `isolate=503-after:2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which requests it strikes.
    pub operation: Target,
    /// What happens to them.
    pub kind: FaultKind,
    /// How many requests it strikes before it is spent.
    pub times: u32,
}

/// Which requests a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Every request to a route that exists, the token endpoint included. Written `*`.
    Every,
    /// The requests of one operation.
    Only(Operation),
}

/// What happens to a struck request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// 429 with `Retry-After: 1`, and no effect.
    TooManyRequests,
    /// 500 or 503, before or after the effect.
    ServerError {
        /// Which of the two statuses.
        status: ServerStatus,
        /// Whether the request took effect all the same.
        when: When,
    },
    /// The connection is closed without an answer.
    Drop(When),
    /// 401, and the token that came with the request is never accepted again.
    Unauthorized,
    /// 403, and no effect. A link to a file is never accepted again, as if it had expired.
    Forbidden,
    /// The request takes effect, and the answer is 200 with the first half of its JSON. A file is begun as it should be, and
    /// the connection breaks in its middle.
    Malformed,
    /// Of a file another part comes than was asked for, and says so. Any other request is answered as it should be.
    WrongRange,
    /// The request takes effect at once, and its answer comes after this long.
    Latency(Duration),
}

/// On which side of the effect a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Nothing happened.
    Before,
    /// It happened, only the answer is wrong or missing.
    After,
}

/// The server errors a fault can answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerStatus {
    /// 500
    InternalServerError,
    /// 503
    ServiceUnavailable,
}

impl ServerStatus {
    /// The status as a number.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::InternalServerError => 500,
            Self::ServiceUnavailable => 503,
        }
    }
}

impl Target {
    fn covers(self, operation: Operation) -> bool {
        match self {
            Self::Every => operation != Operation::Unknown,
            Self::Only(one) => one == operation,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.operation, self.kind)?;
        if self.times == 1 { Ok(()) } else { write!(f, ":{}", self.times) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("*"),
            Self::Only(operation) => operation.fmt(f),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyRequests => f.write_str("429"),
            Self::ServerError { status, when } => write!(f, "{}{}", status.code(), when.suffix()),
            Self::Drop(when) => write!(f, "drop{}", when.suffix()),
            Self::Unauthorized => f.write_str("401"),
            Self::Forbidden => f.write_str("403"),
            Self::Malformed => f.write_str("malformed"),
            Self::WrongRange => f.write_str("wrong-range"),
            Self::Latency(by) => write!(f, "latency-{}ms", by.as_millis()),
        }
    }
}

impl When {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Before => "",
            Self::After => "-after",
        }
    }
}
