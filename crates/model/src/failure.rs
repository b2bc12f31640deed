//! Why a call or a step did not succeed, in words that decide what happens next.

use serde::{Deserialize, Serialize};

/// What kind of failure it was. A kind says what may be done next, not which library failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The provider asks us to slow down; nothing was done.
    Throttled,
    /// The provider could not be reached, or said that it cannot serve; nothing was done.
    Unavailable,
    /// The step's time ran out.
    Timeout,
    /// The provider does not accept our credentials.
    Unauthorized,
    /// The provider knows us and says no.
    Forbidden,
    /// What the call names does not exist.
    NotFound,
    /// Something else is under way that excludes this call.
    Conflict,
    /// The provider, or a schema of ours, rejects the arguments or the answer.
    Invalid,
    /// The provider took the action and ended it as failed, timed out or cancelled.
    ProviderFailed,
    /// Nobody can say whether the call was carried out: a person has to look.
    UnknownOutcome,
    /// A guardrail of ours refused.
    Refused,
    /// An expression could not be evaluated.
    Expression,
    /// The playbook says so, with a `fail` step.
    Failed,
    /// The run was cancelled.
    Cancelled,
}

impl ErrorKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [ErrorKind; 14] = [
        ErrorKind::Throttled,
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::Unauthorized,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::Invalid,
        ErrorKind::ProviderFailed,
        ErrorKind::UnknownOutcome,
        ErrorKind::Refused,
        ErrorKind::Expression,
        ErrorKind::Failed,
        ErrorKind::Cancelled,
    ];

    /// The word used in playbooks (`retry.on`), in the journal and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Throttled => "throttled",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Unauthorized => "unauthorized",
            ErrorKind::Forbidden => "forbidden",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Conflict => "conflict",
            ErrorKind::Invalid => "invalid",
            ErrorKind::ProviderFailed => "provider_failed",
            ErrorKind::UnknownOutcome => "unknown_outcome",
            ErrorKind::Refused => "refused",
            ErrorKind::Expression => "expression",
            ErrorKind::Failed => "failed",
            ErrorKind::Cancelled => "cancelled",
        }
    }
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no error kind.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no error kind")]
pub struct UnknownErrorKind(pub String);

impl std::str::FromStr for ErrorKind {
    type Err = UnknownErrorKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ErrorKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownErrorKind(text.to_owned()))
    }
}

/// A failure as it is journaled and shown: what to do next, and what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind it was.
    pub kind: ErrorKind,
    /// One line for a person: what failed, where, why. Never a secret, never a body.
    pub message: String,
    /// What the provider itself said, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderDetail>,
    /// How long the provider asked us to wait, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Failure {
    /// A failure with a kind and a message only.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Failure { kind, message: message.into(), provider: None, retry_after_ms: None }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

/// The provider's own words, kept so that its support can be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderDetail {
    /// HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The provider's error code, for example `ActiveRequestAlreadyExists`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The provider's request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}
