//! What an error of the client means for a run.

use riposte_defender::{Delivery, DownloadError, Error, Refusal};
use riposte_engine::Outcome;
use riposte_model::{ErrorKind, Failure, ProviderDetail};
use serde_json::Value;
use std::time::Duration;

/// What came of a call that is done when it is answered.
pub(super) fn concluded(answer: Result<Value, Error>) -> Outcome {
    match answer {
        Ok(output) => Outcome::Done(output),
        Err(error) => match error.delivery() {
            Delivery::NotDelivered | Delivery::Answered => Outcome::Failed(failure(&error)),
            Delivery::Unknown => Outcome::Unknown(failure(&error)),
        },
    }
}

/// The failure of a run's step.
pub(super) fn failure(error: &Error) -> Failure {
    Failure {
        kind: kind(error),
        message: chain(error),
        provider: provider(error),
        retry_after_ms: millis(error.retry_after()),
    }
}

/// The failure of a step whose file is not there. Nothing was done at Defender, whatever it was.
pub(super) fn undownloaded(error: &DownloadError) -> Failure {
    let kind = match error {
        DownloadError::Link(error) => return failure(error),
        DownloadError::Throttled { .. } => ErrorKind::Throttled,
        DownloadError::Unreachable { .. } | DownloadError::Lost { .. } | DownloadError::Server { .. } => {
            ErrorKind::Unavailable
        }
        DownloadError::OutOfTime { .. } => ErrorKind::Timeout,
        DownloadError::LinkRefused { .. } => ErrorKind::Forbidden,
        DownloadError::Unexpected { status: 404 | 410, .. } => ErrorKind::NotFound,
        DownloadError::Unexpected { .. } | DownloadError::Unusable { .. } => ErrorKind::Invalid,
        DownloadError::Busy { .. } => ErrorKind::Conflict,
        DownloadError::TooLarge { .. }
        | DownloadError::Altered { .. }
        | DownloadError::NoRoom { .. }
        | DownloadError::Disk { .. } => ErrorKind::Refused,
    };
    Failure {
        kind,
        message: chain(error),
        provider: error
            .status()
            .map(|status| ProviderDetail { status: Some(status), ..ProviderDetail::default() }),
        retry_after_ms: millis(error.retry_after()),
    }
}

fn millis(pause: Option<Duration>) -> Option<u64> {
    pause.and_then(|pause| u64::try_from(pause.as_millis()).ok())
}

fn kind(error: &Error) -> ErrorKind {
    match error {
        Error::Throttled { .. } | Error::OverBudget { .. } => ErrorKind::Throttled,
        // Whether something may have been done is said by `Error::delivery`, not here.
        Error::OutOfTime
        | Error::Unreachable { .. }
        | Error::TokenUnavailable { .. }
        | Error::Lost { .. }
        | Error::Server { .. } => ErrorKind::Unavailable,
        Error::TokenRefused { .. } | Error::FederatedToken { .. } => ErrorKind::Unauthorized,
        Error::Refused { kind, .. } => match kind {
            Refusal::AlreadyActive => ErrorKind::Conflict,
            Refusal::Unauthorized => ErrorKind::Unauthorized,
            Refusal::Forbidden => ErrorKind::Forbidden,
            Refusal::NotFound => ErrorKind::NotFound,
            Refusal::Invalid | Refusal::Other => ErrorKind::Invalid,
        },
        Error::Invalid(_) | Error::Redirected { .. } | Error::Unexpected { .. } | Error::Incomplete(_) => {
            ErrorKind::Invalid
        }
    }
}

fn provider(error: &Error) -> Option<ProviderDetail> {
    let code = match error {
        Error::Refused { code, .. } | Error::Server { code, .. } => Some(code.as_str().to_owned()),
        Error::TokenRefused { code, .. } => Some(code.clone()),
        _ => None,
    };
    let detail = ProviderDetail {
        status: error.status(),
        code: code.filter(|code| !code.is_empty()),
        request_id: error.request_id().map(str::to_owned),
    };
    (detail != ProviderDetail::default()).then_some(detail)
}

/// The error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
