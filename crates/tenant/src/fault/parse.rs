//! Reading a fault: `operation=kind` with an optional `:times`.

use std::str::FromStr;

use super::{
    Fault, FaultKind, MAX_LAG, MAX_LATENCY, MAX_PAUSE, Malformed, RetryAfter, ServerStatus, Target, When,
};
use crate::clock::parse_duration;
use crate::operation::Operation;
use crate::text::{clean, cut};

/// How much of a wrong text an error repeats.
const MAX_QUOTED: usize = 60;

/// Why a text is no fault. Each variant says what would be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultSyntax {
    /// There is no `=`.
    #[error(
        "`{0}` is no fault: write operation=kind or operation=kind:times, for example isolate=503-after:2"
    )]
    Shape(String),
    /// No operation has that name.
    #[error("no operation is called `{0}`; valid are {names}, *", names = operation_names())]
    Operation(String),
    /// No kind has that name.
    #[error(
        "no fault is called `{0}`; valid are 401, 403, 429, 429-<duration>, 429-date, 429-none, 500, 500-after, 503, \
         503-after, drop, drop-after, expired-token, malformed, malformed-html, malformed-empty, malformed-types, \
         malformed-cut, wrong-range, latency-<duration> (such as latency-2s or latency-250ms, at most {latency}s), \
         stale-<duration> (at most {lag}s)",
        latency = MAX_LATENCY.as_secs(),
        lag = MAX_LAG.as_secs()
    )]
    Kind(String),
    /// The operation has nothing that the fault could strike.
    #[error("`{kind}` cannot strike `{operation}`: {why}")]
    Misplaced {
        /// The fault.
        kind: String,
        /// The operation.
        operation: Operation,
        /// What it could strike.
        why: &'static str,
    },
    /// The number of times is none.
    #[error("`{0}` is no number of times; write a whole number from 1, for example isolate=503:2")]
    Times(String),
}

fn operation_names() -> String {
    Operation::NAMED.map(Operation::as_str).join(", ")
}

impl FromStr for Fault {
    type Err = FaultSyntax;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (operation, rest) = text.split_once('=').ok_or_else(|| FaultSyntax::Shape(quoted(text)))?;
        let (kind, times) = match rest.split_once(':') {
            Some((kind, times)) => (kind, parse_times(times.trim())?),
            None => (rest, 1),
        };
        let (operation, kind) = (parse_target(operation.trim())?, parse_kind(kind.trim())?);
        match operation {
            Target::Only(one) if !kind.fits(one) => Err(misplaced(kind, one)),
            Target::Only(_) | Target::Every => Ok(Self { operation, kind, times }),
        }
    }
}

fn misplaced(kind: FaultKind, operation: Operation) -> FaultSyntax {
    let why = match kind {
        FaultKind::Stale(_) => "there is no list to ask for",
        _ => "its requests carry no token",
    };
    FaultSyntax::Misplaced { kind: kind.to_string(), operation, why }
}

fn parse_times(text: &str) -> Result<u32, FaultSyntax> {
    text.parse().ok().filter(|times| *times > 0).ok_or_else(|| FaultSyntax::Times(quoted(text)))
}

fn parse_target(text: &str) -> Result<Target, FaultSyntax> {
    if text == "*" {
        return Ok(Target::Every);
    }
    Operation::NAMED
        .into_iter()
        .find(|operation| operation.as_str().eq_ignore_ascii_case(text))
        .map(Target::Only)
        .ok_or_else(|| FaultSyntax::Operation(quoted(text)))
}

fn parse_kind(text: &str) -> Result<FaultKind, FaultSyntax> {
    use ServerStatus::{InternalServerError, ServiceUnavailable};
    let lower = text.to_ascii_lowercase();
    let no_kind = || FaultSyntax::Kind(quoted(text));
    let within = |text: &str, most| parse_duration(text).filter(|length| *length <= most).ok_or_else(no_kind);
    if let Some(duration) = lower.strip_prefix("latency-") {
        return within(duration, MAX_LATENCY).map(FaultKind::Latency);
    }
    if let Some(duration) = lower.strip_prefix("stale-") {
        return within(duration, MAX_LAG).map(FaultKind::Stale);
    }
    if let Some(how) = Malformed::ALL.into_iter().find(|how| how.as_str() == lower) {
        return Ok(FaultKind::Malformed(how));
    }
    Ok(match lower.as_str() {
        "401" => FaultKind::Unauthorized,
        "expired-token" => FaultKind::ExpiredToken,
        "403" => FaultKind::Forbidden,
        "429" => FaultKind::TooManyRequests(RetryAfter::Seconds(1)),
        "429-date" => FaultKind::TooManyRequests(RetryAfter::Date),
        "429-none" => FaultKind::TooManyRequests(RetryAfter::Missing),
        "wrong-range" => FaultKind::WrongRange,
        "500" => FaultKind::ServerError { status: InternalServerError, when: When::Before },
        "500-after" => FaultKind::ServerError { status: InternalServerError, when: When::After },
        "503" => FaultKind::ServerError { status: ServiceUnavailable, when: When::Before },
        "503-after" => FaultKind::ServerError { status: ServiceUnavailable, when: When::After },
        "drop" => FaultKind::Drop(When::Before),
        "drop-after" => FaultKind::Drop(When::After),
        _ => {
            let pause = lower.strip_prefix("429-").ok_or_else(no_kind)?;
            let seconds = within(pause, MAX_PAUSE)?.as_secs();
            FaultKind::TooManyRequests(RetryAfter::Seconds(u32::try_from(seconds).map_err(|_| no_kind())?))
        }
    })
}

fn quoted(text: &str) -> String {
    clean(&cut(text, MAX_QUOTED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_form_is_read_and_written_back() {
        for text in [
            "isolate=429",
            "isolate=503",
            "isolate=503-after",
            "unisolate=500",
            "runAntiVirusScan=500-after",
            "collectInvestigationPackage=drop",
            "isolate=drop-after",
            "machineactions=401",
            "machines=malformed",
            "getPackageUri=429",
            "cancel=drop:7",
            "*=429:3",
            "token=500",
            "openid-configuration=503",
            "safedownload=drop",
            "safedownload=403",
            "safedownload=wrong-range",
            "isolate=latency-2000ms",
            "isolate=429-5s",
            "isolate=429-date",
            "isolate=429-none",
            "isolate=expired-token",
            "isolate=malformed-html",
            "isolate=malformed-empty",
            "isolate=malformed-types",
            "isolate=malformed-cut",
            "machineactions=stale-30000ms:3",
            "*=stale-1ms",
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string(), text);
        }
    }

    #[test]
    fn case_and_units_do_not_matter() {
        assert_eq!("ISOLATE=Drop-After".parse::<Fault>().unwrap().to_string(), "isolate=drop-after");
        assert_eq!("isolate=latency-2s".parse::<Fault>(), "isolate=latency-2000ms".parse());
        assert_eq!("isolate=latency-1m".parse::<Fault>(), "isolate=latency-60s".parse());
    }

    #[test]
    fn an_error_names_what_is_valid() {
        let error = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
        assert!(error("isolate").contains("operation=kind"));
        assert!(error("isolat=503").contains("valid are isolate, unisolate"));
        assert!(error("isolate=502").contains("503-after"));
        assert!(error("isolate=503:0").contains("from 1"));
        assert!(error("isolate=latency-601s").contains("at most 600s"));
        assert!(error("isolate=latency-").contains("latency-2s"));
        assert!(error("machines=stale-61m").contains("at most 3600s"));
        assert!(error("isolate=429-").contains("429-<duration>"));
        assert_eq!(
            error("isolate=stale-1s"),
            "`stale-1000ms` cannot strike `isolate`: there is no list to ask for"
        );
        assert!(error("token=expired-token").contains("carry no token"));
        assert!(error("unknown=503").contains("no operation"));
        assert!(!error("\x1b[2J").contains('\x1b'));
    }
}
