//! Reading the token endpoint's answer. Pure.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::Instant;

use crate::{answer::retry_after, error::TokenRefusal, redact::Censor, transport::Transport, wire::json};

/// A token is renewed this long before it ends, or after four fifths of its life when that is shorter.
const RENEW_BEFORE: Duration = Duration::from_mins(5);
/// Life of a token whose answer does not tell.
const DEFAULT_LIFE: Duration = Duration::from_mins(5);
/// Longest life that is believed.
const MAX_LIFE: Duration = Duration::from_hours(24);
/// Longest token that is sent; real ones have about 2 KiB.
const MAX_TOKEN_BYTES: usize = 32 * 1024;

/// Every request takes a copy, so that what is copied is shared.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) bearer: Arc<SecretString>,
    /// `Bearer …`, marked as sensitive.
    pub(super) authorization: HeaderValue,
    pub(super) renew_at: Instant,
}

/// Why there is no token; shared by all who waited for it.
#[derive(Debug, Clone)]
pub(super) enum TokenError {
    Refused(Refused),
    Unavailable(Unavailable),
    /// The file of the federated token cannot be used.
    File {
        file: PathBuf,
        problem: &'static str,
        source: Option<Transport>,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) kind: TokenRefusal,
    pub(super) code: String,
    pub(super) description: String,
    pub(super) request_id: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Unavailable {
    pub(super) status: Option<u16>,
    pub(super) retry_after: Option<Duration>,
    pub(super) reason: &'static str,
    pub(super) source: Option<Transport>,
}

/// When a token was asked for, by both clocks.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) at: Instant,
    pub(super) wall: SystemTime,
}

pub(super) fn read(
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    asked: Asked,
    censor: &Censor<'_>,
) -> Result<Token, TokenError> {
    let answer = json(body).unwrap_or_default();
    let unavailable = |reason| {
        let retry_after = retry_after(headers);
        TokenError::Unavailable(Unavailable { status: Some(status), retry_after, reason, source: None })
    };
    match status {
        200..=299 => token(&answer, asked).ok_or_else(|| unavailable("its answer holds no token")),
        429 => Err(unavailable("it asks to slow down")),
        400 | 401 | 403 => match answer.get("error").and_then(Value::as_str) {
            Some("temporarily_unavailable") => Err(unavailable("it is busy")),
            // A 403 without an OAuth error is a proxy's and says nothing about the credential.
            None if status == 403 => Err(unavailable("it answered with an unexpected status")),
            _ => Err(TokenError::Refused(refusal(status, &answer, censor))),
        },
        _ => Err(unavailable("it answered with an unexpected status")),
    }
}

fn token(answer: &Value, asked: Asked) -> Option<Token> {
    let bearer = answer.get("access_token")?.as_str()?;
    let printable = bearer.bytes().all(|byte| byte.is_ascii_graphic());
    if bearer.is_empty() || !printable || bearer.len() > MAX_TOKEN_BYTES {
        return None;
    }
    Token::new(bearer, asked.at + usable_for(life(answer, asked.wall)))
}

impl Token {
    /// None where it cannot stand in a header.
    pub(super) fn new(bearer: &str, renew_at: Instant) -> Option<Token> {
        let mut authorization = HeaderValue::try_from(format!("Bearer {bearer}")).ok()?;
        authorization.set_sensitive(true);
        Some(Token { bearer: Arc::new(bearer.into()), authorization, renew_at })
    }
}

/// `expires_in` in seconds, or `expires_on` as seconds since 1970, which is all that the endpoint of an app tells; the v1
/// endpoint and some gateways write them as texts.
fn life(answer: &Value, now: SystemTime) -> Duration {
    let seconds = |name: &str| match answer.get(name) {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let until = || Some(Duration::from_secs(seconds("expires_on")?).saturating_sub(since_1970));
    seconds("expires_in").map(Duration::from_secs).or_else(until).unwrap_or(DEFAULT_LIFE).min(MAX_LIFE)
}

fn usable_for(life: Duration) -> Duration {
    life - RENEW_BEFORE.min(life / 5)
}

/// Reads `{"error","error_description":"AADSTS7000215: …","error_codes":[7000215]}`.
fn refusal(status: u16, answer: &Value, censor: &Censor<'_>) -> Refused {
    let text = |name| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let description = text("error_description");
    let listed = answer.get("error_codes").and_then(|codes| codes.get(0)).and_then(Value::as_u64);
    let number = listed.or_else(|| aadsts_number(description));
    let code = number.map_or_else(|| censor.code(text("error")), |number| format!("AADSTS{number}"));
    // The rest repeats the ids and the time of the request.
    let told = description.split("Trace ID:").next().unwrap_or_default();
    let told = told.strip_prefix(&code).and_then(|rest| rest.strip_prefix(':')).unwrap_or(told);
    let description = censor.message(told);
    let request_id = Some(censor.code(text("correlation_id"))).filter(|id| !id.is_empty());
    Refused {
        status,
        request_id,
        kind: TokenRefusal::of(number),
        code: if code.is_empty() { "no code".into() } else { code },
        description: if description.is_empty() { "without a description".into() } else { description },
    }
}

fn aadsts_number(description: &str) -> Option<u64> {
    let rest = description.strip_prefix("AADSTS")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(status: u16, answer: &Value) -> Result<Token, TokenError> {
        let censor = Censor::hiding(&["s3cret"]);
        super::read(status, &HeaderMap::new(), answer.to_string().as_bytes(), asked(), &censor)
    }

    fn asked() -> Asked {
        Asked { at: Instant::now(), wall: SystemTime::UNIX_EPOCH }
    }

    #[test]
    fn a_token_is_renewed_five_minutes_early_or_after_four_fifths() {
        let usable = |seconds| usable_for(Duration::from_secs(seconds)).as_secs();
        assert_eq!([3599, 1500, 600, 5, 0].map(usable), [3299, 1200, 480, 4, 0]);
    }

    #[test]
    fn a_life_may_be_text_absent_or_absurd() {
        let seconds =
            |expires_in: Value| life(&json!({ "expires_in": expires_in }), SystemTime::UNIX_EPOCH).as_secs();
        assert_eq!(seconds(json!(3599)), 3599);
        assert_eq!(seconds(json!("3599")), 3599);
        assert_eq!([json!(null), json!(-1), json!("soon")].map(seconds), [300; 3]);
        assert_eq!(seconds(json!(u64::MAX)), 86_400);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let until = |expires_on: Value| life(&json!({ "expires_on": expires_on }), now).as_secs();
        assert_eq!([json!("1600"), json!(1_600), json!(900), json!("x")].map(until), [600, 600, 0, 300]);
    }

    #[test]
    fn only_a_printable_token_is_one() {
        assert!(read(200, &json!({"access_token": "abc.def", "expires_in": 3599})).is_ok());
        for odd in [json!(null), json!(""), json!("a b"), json!("a\r\nX: y"), json!("ü"), json!(7)] {
            assert!(
                matches!(read(200, &json!({ "access_token": odd })), Err(TokenError::Unavailable(_))),
                "{odd}"
            );
        }
    }

    #[test]
    fn a_refusal_is_typed_and_short() {
        let answer = json!({
            "error": "invalid_client",
            "error_description": "AADSTS7000215: Invalid client secret s3cret provided.\r\nTrace ID: 1 Correlation ID: 2",
            "error_codes": [7_000_215],
            "correlation_id": "c-1",
        });
        let Err(TokenError::Refused(refused)) = read(401, &answer) else { panic!("not a refusal") };
        assert_eq!(refused.kind, TokenRefusal::WrongSecret);
        assert_eq!(refused.code, "AADSTS7000215");
        assert_eq!(refused.description, "Invalid client secret [redacted] provided.");
        assert_eq!(refused.request_id.as_deref(), Some("c-1"));
    }

    #[test]
    fn a_refusal_is_understood_without_its_parts() {
        for (answer, code, kind) in [
            (
                json!({"error_description": "AADSTS90002: no tenant"}),
                "AADSTS90002",
                TokenRefusal::UnknownTenant,
            ),
            (json!({"error": "unauthorized_client"}), "unauthorized_client", TokenRefusal::Other),
            (json!({"error_codes": ["x"]}), "no code", TokenRefusal::Other),
            (json!([]), "no code", TokenRefusal::Other),
        ] {
            let Err(TokenError::Refused(refused)) = read(400, &answer) else { panic!("not a refusal") };
            assert_eq!((refused.code.as_str(), refused.kind), (code, kind));
        }
    }

    #[test]
    fn trouble_of_the_authority_is_no_refusal() {
        for status in [302, 404, 429, 500, 503] {
            assert!(
                matches!(read(status, &json!({"error": "x"})), Err(TokenError::Unavailable(_))),
                "{status}"
            );
        }
        assert!(matches!(read(403, &json!("<html>")), Err(TokenError::Unavailable(_))));
        let busy = json!({"error": "temporarily_unavailable"});
        assert!(matches!(read(400, &busy), Err(TokenError::Unavailable(_))));
    }
}
