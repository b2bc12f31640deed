//! Every way in which a request can fail, and whether it may have reached Defender.

mod code;
mod loss;

use std::{path::PathBuf, time::Duration};

pub use code::{ErrorCode, Refusal, TokenRefusal};
pub use loss::{Incompleteness, Loss};

use crate::{budget::Class, request::InvalidRequest, transport::Transport};

/// Why there is no answer to use. Each variant is another decision for the caller.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be built from these values. Correct them.
    #[error("the request cannot be built")]
    Invalid(#[from] InvalidRequest),

    /// The deadline passed before anything was sent.
    #[error("the time was over before the request was sent")]
    OutOfTime,

    /// The documented limits left no room for the request before its deadline. Try again later.
    #[error("the limit of {} calls left no room for the request in time", class.name())]
    OverBudget {
        /// Which calls are limited together.
        class: Class,
    },

    /// The API host cannot be reached: name, connection, TLS or proxy. Try again later.
    #[error("cannot reach {host}")]
    Unreachable {
        /// The API host.
        host: String,
        /// What the network said.
        #[source]
        source: Transport,
    },

    /// The authority refuses the tenant, the application or its credential. Someone has to correct the configuration.
    #[error("{host} refused the credential ({code}): {description}")]
    TokenRefused {
        /// The authority.
        host: String,
        /// HTTP status of the refusal.
        status: u16,
        /// What is to be corrected.
        kind: TokenRefusal,
        /// `AADSTS7000215`, or the OAuth error when the authority gave no number.
        code: String,
        /// The authority's explanation, cleaned and bounded.
        description: String,
    },

    /// The authority gave neither a token nor a refusal. Try again later.
    #[error("no token from {host}: {reason}")]
    TokenUnavailable {
        /// The authority.
        host: String,
        /// HTTP status, when there was an answer.
        status: Option<u16>,
        /// How long the authority asks to wait.
        retry_after: Option<Duration>,
        /// What happened.
        reason: &'static str,
        /// What the network said, when it was the network.
        #[source]
        source: Option<Transport>,
    },

    /// The file of the federated token cannot be used, so nothing was sent. Someone has to correct it or its path.
    #[error("the federated token in {} {problem}", file.display())]
    FederatedToken {
        /// Which file.
        file: PathBuf,
        /// What is wrong, as the end of a sentence.
        problem: &'static str,
        /// What the system said, when it cannot be read.
        #[source]
        source: Option<Transport>,
    },

    /// The request was or may have been sent, and no usable answer came. Find out what happened before repeating it.
    #[error("no usable answer from {host}: {loss}")]
    Lost {
        /// The API host.
        host: String,
        /// How the answer was lost.
        loss: Loss,
        /// What the network said, when it was the network.
        #[source]
        source: Option<Transport>,
    },

    /// Defender said no; the request had no effect.
    #[error("defender refused the request ({status}{}): {message}", spaced(code.as_str()))]
    Refused {
        /// HTTP status, 400 to 499.
        status: u16,
        /// Defender's code.
        code: ErrorCode,
        /// Defender's message, cleaned and bounded.
        message: String,
        /// Defender's id of the request (`target`), for a support case.
        request_id: Option<String>,
        /// What the refusal means for the caller.
        kind: Refusal,
    },

    /// Too many requests; this one had no effect. Wait, then send it again.
    #[error("defender asks to slow down")]
    Throttled {
        /// How long to wait, when Defender said so.
        retry_after: Option<Duration>,
        /// Defender's id of the request.
        request_id: Option<String>,
    },

    /// Defender failed while working on the request; a POST may have had its effect.
    #[error("defender failed ({status}{}): {message}", spaced(code.as_str()))]
    Server {
        /// HTTP status, 500 to 599.
        status: u16,
        /// Defender's code.
        code: ErrorCode,
        /// Defender's message, cleaned and bounded.
        message: String,
        /// Defender's id of the request.
        request_id: Option<String>,
        /// How long to wait, when Defender said so.
        retry_after: Option<Duration>,
    },

    /// A redirect, which is never followed: the token is for one host. Mostly a wrong endpoint or a portal in between.
    #[error("{host} answered with a redirect ({status})")]
    Redirected {
        /// The API host.
        host: String,
        /// HTTP status, 300 to 399.
        status: u16,
        /// The host the redirect points at, when it names one.
        target: Option<String>,
    },

    /// A status that means neither yes nor no.
    #[error("{host} answered with the unexpected status {status}")]
    Unexpected {
        /// The API host.
        host: String,
        /// HTTP status.
        status: u16,
    },

    /// A collection could not be read to its end. What was read is not given out: it would look complete.
    #[error("the collection is incomplete: {0}")]
    Incomplete(Incompleteness),
}

/// Whether a failed request may have reached Defender and had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// Certainly not: it was never sent.
    NotDelivered,
    /// Nobody knows; look before sending it again.
    Unknown,
    /// It arrived, and Defender gave a definite answer that it had no effect.
    Answered,
}

impl Error {
    /// Whether the request may have had its effect.
    ///
    /// | error | delivery |
    /// |---|---|
    /// | `Invalid`, `OutOfTime`, `OverBudget`, `Unreachable`, `TokenRefused`, `TokenUnavailable`, `FederatedToken` | not delivered |
    /// | `Lost`, `Server`, `Redirected`, `Unexpected` | unknown |
    /// | `Refused`, `Throttled`, `Incomplete` | answered |
    ///
    /// For a request that only reads, `Unknown` is as harmless as the others.
    pub fn delivery(&self) -> Delivery {
        match self {
            Error::Invalid(_)
            | Error::OutOfTime
            | Error::OverBudget { .. }
            | Error::Unreachable { .. }
            | Error::TokenRefused { .. }
            | Error::TokenUnavailable { .. }
            | Error::FederatedToken { .. } => Delivery::NotDelivered,
            // A redirect may come from a proxy that never asked Defender, or be the answer to work done.
            Error::Lost { .. }
            | Error::Server { .. }
            | Error::Redirected { .. }
            | Error::Unexpected { .. } => Delivery::Unknown,
            Error::Refused { .. } | Error::Throttled { .. } | Error::Incomplete(_) => Delivery::Answered,
        }
    }

    /// How long the other side asks to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Throttled { retry_after, .. }
            | Error::Server { retry_after, .. }
            | Error::TokenUnavailable { retry_after, .. } => *retry_after,
            Error::Invalid(_)
            | Error::OutOfTime
            | Error::OverBudget { .. }
            | Error::Unreachable { .. }
            | Error::TokenRefused { .. }
            | Error::FederatedToken { .. }
            | Error::Lost { .. }
            | Error::Refused { .. }
            | Error::Redirected { .. }
            | Error::Unexpected { .. }
            | Error::Incomplete(_) => None,
        }
    }

    /// HTTP status of the answer that made this error, when there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::TokenRefused { status, .. }
            | Error::Refused { status, .. }
            | Error::Server { status, .. }
            | Error::Redirected { status, .. }
            | Error::Unexpected { status, .. } => Some(*status),
            Error::TokenUnavailable { status, .. } => *status,
            Error::Throttled { .. } => Some(429),
            Error::Invalid(_)
            | Error::OutOfTime
            | Error::OverBudget { .. }
            | Error::Unreachable { .. }
            | Error::FederatedToken { .. }
            | Error::Lost { .. }
            | Error::Incomplete(_) => None,
        }
    }

    /// Defender's id of the request, for a support case.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Error::Refused { request_id, .. }
            | Error::Throttled { request_id, .. }
            | Error::Server { request_id, .. } => request_id.as_deref(),
            Error::Invalid(_)
            | Error::OutOfTime
            | Error::OverBudget { .. }
            | Error::Unreachable { .. }
            | Error::TokenRefused { .. }
            | Error::TokenUnavailable { .. }
            | Error::FederatedToken { .. }
            | Error::Lost { .. }
            | Error::Redirected { .. }
            | Error::Unexpected { .. }
            | Error::Incomplete(_) => None,
        }
    }
}

fn spaced(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!(" {code}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Malformed;

    fn transport() -> Transport {
        Transport::new(std::io::Error::other("reset"))
    }

    /// One of each, with what a caller is told.
    fn all() -> Vec<(Error, Delivery, &'static str)> {
        let host = || "api.example.com".to_owned();
        let request_id = || Some("r-1".to_owned());
        let refused = |status, code, kind| Error::Refused {
            status,
            code,
            message: "no".into(),
            request_id: request_id(),
            kind,
        };
        let lost = |loss| Error::Lost { host: host(), loss, source: None };
        let not = Delivery::NotDelivered;
        let unknown = Delivery::Unknown;
        let answered = Delivery::Answered;
        vec![
            (Error::Invalid(InvalidRequest::LongUrl), not, "the request cannot be built"),
            (Error::OutOfTime, not, "the time was over before the request was sent"),
            (
                Error::OverBudget { class: Class::PackageUri },
                not,
                "the limit of package_uri calls left no room for the request in time",
            ),
            (Error::Unreachable { host: host(), source: transport() }, not, "cannot reach api.example.com"),
            (
                Error::TokenRefused {
                    host: "login.example.com".into(),
                    status: 401,
                    kind: TokenRefusal::WrongSecret,
                    code: "AADSTS7000215".into(),
                    description: "invalid client secret provided".into(),
                },
                not,
                "login.example.com refused the credential (AADSTS7000215): invalid client secret provided",
            ),
            (
                Error::TokenUnavailable {
                    host: "login.example.com".into(),
                    status: None,
                    retry_after: None,
                    reason: "it cannot be reached",
                    source: Some(transport()),
                },
                not,
                "no token from login.example.com: it cannot be reached",
            ),
            (lost(Loss::Broken), unknown, "no usable answer from api.example.com: the connection broke"),
            (lost(Loss::TimedOut), unknown, "no usable answer from api.example.com: the time was over"),
            (
                lost(Loss::TooLarge { limit: 9 }),
                unknown,
                "no usable answer from api.example.com: the answer is larger than 9 bytes",
            ),
            (
                Error::FederatedToken { file: "/run/token".into(), problem: "is empty", source: None },
                not,
                "the federated token in /run/token is empty",
            ),
            (lost(Loss::NotJson), unknown, "no usable answer from api.example.com: the answer is not json"),
            (
                lost(Loss::Malformed(Malformed { expected: "a machine with an id" })),
                unknown,
                "no usable answer from api.example.com: expected a machine with an id",
            ),
            (
                refused(400, ErrorCode::ActiveRequestAlreadyExists, Refusal::AlreadyActive),
                answered,
                "defender refused the request (400 ActiveRequestAlreadyExists): no",
            ),
            (
                refused(404, ErrorCode::Unknown(String::new()), Refusal::NotFound),
                answered,
                "defender refused the request (404): no",
            ),
            (
                Error::Throttled { retry_after: Some(Duration::from_secs(7)), request_id: request_id() },
                answered,
                "defender asks to slow down",
            ),
            (
                Error::Server {
                    status: 503,
                    code: ErrorCode::Unknown("Busy".into()),
                    message: "later".into(),
                    request_id: request_id(),
                    retry_after: None,
                },
                unknown,
                "defender failed (503 Busy): later",
            ),
            (
                Error::Redirected { host: host(), status: 302, target: Some("portal.example.com".into()) },
                unknown,
                "api.example.com answered with a redirect (302)",
            ),
            (
                Error::Unexpected { host: host(), status: 408 },
                unknown,
                "api.example.com answered with the unexpected status 408",
            ),
            (
                Error::Incomplete(Incompleteness::Pages { limit: 3 }),
                answered,
                "the collection is incomplete: it has more than 3 pages",
            ),
        ]
    }

    #[test]
    fn every_error_knows_its_delivery_and_tells_one_line() {
        for (error, delivery, text) in all() {
            assert_eq!(error.delivery(), delivery, "{error:?}");
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn the_next_layer_is_the_source_and_not_in_the_text() {
        use std::error::Error as _;
        for (error, ..) in all() {
            let source = error.source().map(ToString::to_string);
            let expected = match &error {
                Error::Invalid(reason) => Some(reason.to_string()),
                Error::Unreachable { .. } | Error::TokenUnavailable { .. } => Some("reset".to_owned()),
                _ => None,
            };
            assert_eq!(source, expected, "{error:?}");
        }
    }
}
