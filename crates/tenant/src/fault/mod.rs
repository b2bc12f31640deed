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
pub(crate) use queue::{Faults, MAX_FAULTS};

/// Longest delay that a latency fault may ask for.
pub const MAX_LATENCY: Duration = Duration::from_secs(600);
/// How far a list may lag behind.
pub const MAX_LAG: Duration = Duration::from_secs(3_600);
/// Longest pause that a 429 may ask for.
const MAX_PAUSE: Duration = Duration::from_secs(3_600);

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
    /// 429, and no effect.
    TooManyRequests(RetryAfter),
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
    /// 401 with the challenge of an expired token (RFC 6750, 3.1), and no token that was issued so far is accepted again.
    ExpiredToken,
    /// 403, and no effect. A link to a file is never accepted again, as if it had expired.
    Forbidden,
    /// The request takes effect, and its answer is not what it should be.
    Malformed(Malformed),
    /// Of a file another part comes than was asked for, and says so. Any other request is answered as it should be.
    WrongRange,
    /// The request takes effect at once, and its answer comes after this long.
    Latency(Duration),
    /// A list answers as it was this long ago: what came later is missing, what was deleted later is there, and what
    /// changed later is as it was. Strikes requests for lists only.
    Stale(Duration),
}

/// What a 429 says of when to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// In so many seconds.
    Seconds(u32),
    /// At a date, two seconds from now, as RFC 9110 allows.
    Date,
    /// Nothing.
    Missing,
}

/// What is wrong with an answer that says success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// 200 with the first half of its JSON. A file is begun as it should be, and the connection breaks in its middle.
    Half,
    /// 200 with a page in HTML, as proxies put in front.
    Html,
    /// 200 with nothing.
    Empty,
    /// 200 with JSON of the right names, in which every value has another type.
    Types,
    /// The status and the first half of the body, then the connection is closed.
    Cut,
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
            Self::TooManyRequests(RetryAfter::Seconds(1)) => f.write_str("429"),
            Self::TooManyRequests(RetryAfter::Seconds(seconds)) => write!(f, "429-{seconds}s"),
            Self::TooManyRequests(RetryAfter::Date) => f.write_str("429-date"),
            Self::TooManyRequests(RetryAfter::Missing) => f.write_str("429-none"),
            Self::ServerError { status, when } => write!(f, "{}{}", status.code(), when.suffix()),
            Self::Drop(when) => write!(f, "drop{}", when.suffix()),
            Self::Unauthorized => f.write_str("401"),
            Self::ExpiredToken => f.write_str("expired-token"),
            Self::Forbidden => f.write_str("403"),
            Self::Malformed(how) => f.write_str(how.as_str()),
            Self::WrongRange => f.write_str("wrong-range"),
            Self::Latency(by) => write!(f, "latency-{}ms", by.as_millis()),
            Self::Stale(by) => write!(f, "stale-{}ms", by.as_millis()),
        }
    }
}

impl FaultKind {
    /// Whether there is anything in an operation that it could strike.
    pub(crate) fn fits(self, operation: Operation) -> bool {
        match self {
            Self::Stale(_) => operation.is_listed(),
            Self::ExpiredToken => operation.takes_token(),
            Self::TooManyRequests(_)
            | Self::ServerError { .. }
            | Self::Drop(_)
            | Self::Unauthorized
            | Self::Forbidden
            | Self::Malformed(_)
            | Self::WrongRange
            | Self::Latency(_) => true,
        }
    }

    /// Whether it strikes lists only.
    const fn is_for_lists(self) -> bool {
        matches!(self, Self::Stale(_))
    }
}

impl Malformed {
    const ALL: [Self; 5] = [Self::Half, Self::Html, Self::Empty, Self::Types, Self::Cut];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Half => "malformed",
            Self::Html => "malformed-html",
            Self::Empty => "malformed-empty",
            Self::Types => "malformed-types",
            Self::Cut => "malformed-cut",
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
