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
        | Error::Server { .. }
        // A gateway's 408 or 499 says as little as no answer.
        | Error::Unexpected { .. } => ErrorKind::Unavailable,
        Error::TokenRefused { .. } | Error::FederatedToken { .. } => ErrorKind::Unauthorized,
        Error::Refused { kind, .. } => match kind {
            Refusal::AlreadyActive => ErrorKind::Conflict,
            Refusal::Unauthorized => ErrorKind::Unauthorized,
            Refusal::Forbidden => ErrorKind::Forbidden,
            Refusal::NotFound => ErrorKind::NotFound,
            Refusal::Invalid | Refusal::Other => ErrorKind::Invalid,
        },
        Error::Invalid(_) | Error::Redirected { .. } | Error::Incomplete(_) => ErrorKind::Invalid,
    }
}

fn provider(error: &Error) -> Option<ProviderDetail> {
    let code = match error {
        Error::Refused { code, .. } | Error::Throttled { code, .. } | Error::Server { code, .. } => {
            Some(code.as_str().to_owned())
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_defender::{ErrorCode, Incompleteness, InvalidRequest, Loss, TokenRefusal};
    use std::time::Duration;

    fn told() -> (String, Option<String>) {
        ("no".into(), Some("r-1".into()))
    }

    fn refused(status: u16, code: ErrorCode, kind: Refusal) -> Error {
        let (message, request_id) = told();
        Error::Refused { status, code, message, request_id, kind }
    }

    #[test]
    fn every_error_has_its_documented_kind_and_keeps_what_the_provider_said() {
        let host = || "api.example.com".to_owned();
        let (message, request_id) = told();
        let throttled = Error::Throttled {
            code: ErrorCode::TooManyRequests,
            message: message.clone(),
            request_id: request_id.clone(),
            retry_after: Some(Duration::from_secs(7)),
        };
        let code = ErrorCode::InternalServerError;
        let server = Error::Server { status: 500, code, message, request_id, retry_after: None };
        let token = Error::TokenRefused {
            host: host(),
            status: 401,
            kind: TokenRefusal::WrongSecret,
            code: "AADSTS7000215".into(),
            description: "wrong".into(),
            request_id: Some("c-1".into()),
        };
        let no_token = Error::TokenUnavailable {
            host: host(),
            status: Some(503),
            retry_after: None,
            reason: "it is busy",
            source: None,
        };
        let file = Error::FederatedToken { file: "/run/token".into(), problem: "is empty", source: None };
        let lost = |loss| Error::Lost { host: host(), loss, source: None };
        let (active, conflict) = (ErrorCode::ActiveRequestAlreadyExists, Refusal::AlreadyActive);
        let shown = [
            throttled,
            Error::OutOfTime,
            no_token,
            lost(Loss::Broken),
            lost(Loss::NotJson),
            server,
            Error::Unexpected { host: host(), status: 408 },
            token,
            file,
            refused(401, ErrorCode::Unauthorized, Refusal::Unauthorized),
            refused(403, ErrorCode::DisabledFeature, Refusal::Forbidden),
            refused(404, ErrorCode::ResourceNotFound, Refusal::NotFound),
            refused(400, active, conflict),
            refused(400, ErrorCode::Unknown("Novelty".into()), Refusal::Invalid),
            refused(409, ErrorCode::Unknown(String::new()), Refusal::Other),
            Error::Invalid(InvalidRequest::LongUrl),
            Error::Redirected { host: host(), status: 302, target: None },
            Error::Incomplete(Incompleteness::Stuck),
        ]
        .map(|error| {
            let Failure { kind, message, provider, retry_after_ms } = failure(&error);
            let ProviderDetail { status, code, request_id } = provider.unwrap_or_default();
            let part = |part: Option<String>| part.unwrap_or_else(|| "-".into());
            let (status, pause) = (status.map(|it| it.to_string()), retry_after_ms.map(|it| it.to_string()));
            let detail = [status, code, request_id, pause].map(part).join(" ");
            format!("{kind} [{detail}] {message}")
        });
        assert_eq!(
            shown,
            [
                "throttled [429 TooManyRequests r-1 7000] defender asks to slow down (429 TooManyRequests, request r-1): no",
                "unavailable [- - - -] the time was over before the request was sent",
                "unavailable [503 - - -] no token from api.example.com: it is busy",
                "unavailable [- - - -] no usable answer from api.example.com: the connection broke",
                "unavailable [- - - -] no usable answer from api.example.com: the answer is not json",
                "unavailable [500 InternalServerError r-1 -] defender failed (500 InternalServerError, request r-1): no",
                "unavailable [408 - - -] api.example.com answered with the unexpected status 408",
                "unauthorized [401 AADSTS7000215 c-1 -] api.example.com refused the credential (AADSTS7000215, request c-1): wrong",
                "unauthorized [- - - -] the federated token in /run/token is empty",
                "unauthorized [401 Unauthorized r-1 -] defender refused the request (401 Unauthorized, request r-1): no",
                "forbidden [403 DisabledFeature r-1 -] defender refused the request (403 DisabledFeature, request r-1): no",
                "not_found [404 ResourceNotFound r-1 -] defender refused the request (404 ResourceNotFound, request r-1): no",
                "conflict [400 ActiveRequestAlreadyExists r-1 -] defender refused the request (400 \
                 ActiveRequestAlreadyExists, request r-1): no",
                "invalid [400 Novelty r-1 -] defender refused the request (400 Novelty, request r-1): no",
                "invalid [409 - r-1 -] defender refused the request (409, request r-1): no",
                "invalid [- - - -] the request cannot be built: the address is longer than 8192 bytes",
                "invalid [302 - - -] api.example.com answered with a redirect (302)",
                "invalid [- - - -] the collection is incomplete: more is announced but nothing new comes",
            ]
        );
    }
}
