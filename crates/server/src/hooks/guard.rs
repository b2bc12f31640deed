//! Whether a sender is who it has to be. Decided over the raw bytes, before anything is parsed.
//!
//! What is compared is compared in constant time, and every way to fail is the same [`Unproven`]: a sender learns that it
//! was not let in, and nothing about how near it was.

use axum::http::{HeaderMap, HeaderName};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac};
use riposte_model::Timestamp;
use riposte_playbook::Auth;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How far the time of a `standard_webhooks` request may be from ours, both ways.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// Most signatures of one request that are looked at. A sender that changes its secret sends two.
const MAX_SIGNATURES: usize = 16;
/// Longest `webhook-id`.
const MAX_ID: usize = 256;
/// Fewest bytes of a secret that signs; what Standard Webhooks asks for, and GitHub advises no less.
const LEAST_KEY: usize = 24;
/// Fewest characters of a shared secret or token that people choose.
const LEAST_TEXT: usize = 16;

/// Knows the secret of one webhook.
#[derive(Debug)]
pub struct Guard(Kind);

enum Kind {
    Hmac {
        key: hmac::Key,
        header: HeaderName,
    },
    Standard {
        key: hmac::Key,
    },
    /// The digest of the token, so that not even its length is told by the time it takes.
    Bearer {
        token: [u8; 32],
    },
    Open,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Hmac { .. } => "Hmac",
            Kind::Standard { .. } => "Standard",
            Kind::Bearer { .. } => "Bearer",
            Kind::Open => "Open",
        })
    }
}

/// Why a secret cannot be used. Never says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// Nothing that somebody else could not guess.
    #[error("it is shorter than {LEAST_TEXT} characters: make one with `openssl rand -hex 32`")]
    Short,
    /// Not as Standard Webhooks writes it.
    #[error(
        "it is not `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks writes secrets: copy it from the sender"
    )]
    NotStandard,
    /// No header can have this name.
    #[error("its header cannot be a header's name")]
    Header,
}

/// The sender is not who it has to be, or did not say: what is wrong with the proof, for the log. Senders are not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// The header with the proof is not there, is there twice, or is no text.
    Missing,
    /// It is not written as this way of proving writes it.
    Form,
    /// The time in it is too far from now.
    Time,
    /// It is that of another secret, or of another body.
    Wrong,
}

impl Unproven {
    /// In words.
    pub fn why(self) -> &'static str {
        match self {
            Unproven::Missing => "the header with the proof is missing, is there twice, or is no text",
            Unproven::Form => "the proof is not written as it should be",
            Unproven::Time => {
                "it was signed more than five minutes before or after now: are both clocks right?"
            }
            Unproven::Wrong => "the proof is wrong: another secret, or a body that was changed on the way",
        }
    }
}

/// What a request's headers claim. It proves nothing before the body has been seen.
#[derive(Debug)]
pub struct Proof<'r>(Claim<'r>);

#[derive(Debug)]
enum Claim<'r> {
    Hmac([u8; 32]),
    Standard { id: &'r str, time: &'r str, signatures: Vec<[u8; 32]> },
    Nothing,
}

impl Guard {
    /// For a trigger's `auth`. The secret is none exactly for `none`.
    pub fn new(auth: &Auth, secret: Option<&SecretString>) -> Result<Guard, GuardError> {
        let text = secret.map_or("", |secret| secret.expose_secret());
        let long = |text: &str| if text.len() < LEAST_TEXT { Err(GuardError::Short) } else { Ok(()) };
        Ok(Guard(match auth {
            Auth::None => Kind::Open,
            Auth::Bearer { .. } => {
                long(text)?;
                Kind::Bearer { token: sha256(text.as_bytes()) }
            }
            Auth::HmacSha256 { header, .. } => {
                long(text)?;
                let header = HeaderName::from_bytes(header.as_bytes()).map_err(|_| GuardError::Header)?;
                Kind::Hmac { key: hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()), header }
            }
            Auth::StandardWebhooks { .. } => {
                let key = text.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
                let key = key.filter(|key| (LEAST_KEY..=64).contains(&key.len()));
                let key = key.ok_or(GuardError::NotStandard)?;
                Kind::Standard { key: hmac::Key::new(hmac::HMAC_SHA256, &key) }
            }
        }))
    }

    /// The most bytes that a delivery's own name may have, if this request's has more. A sender is told: it would repeat for ever
    /// what is refused as unproven.
    pub fn long_id(&self, headers: &HeaderMap) -> Option<usize> {
        let Kind::Standard { .. } = &self.0 else { return None };
        headers.get_all("webhook-id").iter().any(|id| id.len() > MAX_ID).then_some(MAX_ID)
    }

    /// What can be decided before the body has come: a bearer token entirely, of signatures whether there is one and
    /// whether it is of this time. Who has none does not get to fill our memory.
    pub fn receive<'r>(&self, headers: &'r HeaderMap, now: Timestamp) -> Result<Proof<'r>, Unproven> {
        Ok(Proof(match &self.0 {
            Kind::Open => Claim::Nothing,
            Kind::Bearer { token } => {
                let given = bearer(only(headers, "authorization")?).ok_or(Unproven::Form)?;
                if !bool::from(sha256(given.as_bytes()).ct_eq(token)) {
                    return Err(Unproven::Wrong);
                }
                Claim::Nothing
            }
            Kind::Hmac { header, .. } => {
                let hex = only(headers, header.as_str())?.strip_prefix("sha256=").ok_or(Unproven::Form)?;
                Claim::Hmac(unhex(hex).ok_or(Unproven::Form)?)
            }
            Kind::Standard { .. } => {
                let id = only(headers, "webhook-id")?;
                // A full stop would let the parts of what is signed move.
                let fits = (1..=MAX_ID).contains(&id.len())
                    && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
                let time = only(headers, "webhook-timestamp")?;
                let signatures = signatures(only(headers, "webhook-signature")?);
                if !fits || signatures.is_empty() {
                    return Err(Unproven::Form);
                }
                if !is_of_this_time(time, now) {
                    return Err(Unproven::Time);
                }
                Claim::Standard { id, time, signatures }
            }
        }))
    }

    /// Whether the body is the sender's. Gives the `webhook-id`, if the way of proving has one: it is signed.
    pub fn verify<'r>(&self, proof: &Proof<'r>, body: &[u8]) -> Result<Option<&'r str>, Unproven> {
        match (&self.0, &proof.0) {
            (Kind::Open | Kind::Bearer { .. }, Claim::Nothing) => Ok(None),
            (Kind::Hmac { key, .. }, Claim::Hmac(given)) => {
                let right = hmac::sign(key, body).as_ref().ct_eq(given);
                if bool::from(right) { Ok(None) } else { Err(Unproven::Wrong) }
            }
            (Kind::Standard { key }, Claim::Standard { id, time, signatures }) => {
                let mut context = hmac::Context::with_key(key);
                for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
                    context.update(part);
                }
                let tag = context.sign();
                // All are looked at, so that the time does not tell which one was right.
                let right = signatures
                    .iter()
                    .fold(subtle::Choice::from(0), |right, given| right | tag.as_ref().ct_eq(given));
                if bool::from(right) { Ok(Some(id)) } else { Err(Unproven::Wrong) }
            }
            // A proof that another guard has received.
            _ => Err(Unproven::Form),
        }
    }
}

/// The one header of this name. Two are none: whoever reads the other one would see something else.
fn only<'r>(headers: &'r HeaderMap, name: &str) -> Result<&'r str, Unproven> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| Unproven::Missing),
        _ => Err(Unproven::Missing),
    }
}

/// The token of `Bearer TOKEN`. Schemes have no case (RFC 9110, section 11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// 32 bytes of lowercase hexadecimal: the one form that GitHub writes.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut out = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != out.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(out)
}

/// Whether these seconds since 1970, in digits alone, are near enough to now.
fn is_of_this_time(text: &str, now: Timestamp) -> bool {
    if !(1..=12).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let Some(millis) = text.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000)) else {
        return false;
    };
    u128::from(now.as_millis().abs_diff(millis)) <= TOLERANCE.as_millis()
}

/// The signatures of version 1; those of other versions are somebody else's.
fn signatures(text: &str) -> Vec<[u8; 32]> {
    let found = text.split(' ').take(MAX_SIGNATURES).filter_map(|one| one.strip_prefix("v1,"));
    found.filter_map(|one| STANDARD.decode(one).ok()?.try_into().ok()).collect()
}
