//! Whether an assertion proves who asks: signed with a certificate of the application, or a token that it trusts.
//!
//! Source of the claims: "Microsoft identity platform application authentication certificate credentials",
//! <https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials>.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use webpki::EndEntityCert;
use webpki::ring::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256_LEGACY_KEY};

use super::grant::{Application, Refusal};

/// Longest life of an assertion, in seconds.
const MAX_LIFE: i64 = 600;
/// How far the clocks may be apart, in seconds.
const SKEW: i64 = 300;

/// Checks an assertion that is meant for `audience`, the token endpoint.
pub(super) fn check(
    assertion: &str,
    audience: &str,
    application: Application<'_>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, claims, signature] = parts[..] else { return Err(malformed()) };
    let (header, claims) = (json(header)?, json(claims)?);
    let Some(thumbprint) = header.get("x5t#S256").and_then(Value::as_str) else {
        return federated(assertion, &claims, application, now);
    };
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    let (statement, _) = assertion.rsplit_once('.').ok_or_else(malformed)?;
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    if !is_signed(statement, &signature, algorithm, thumbprint, application.certificates) {
        let message = "Client assertion failed signature validation.";
        return Err(Refusal::new(401, "invalid_client", 700_027, message));
    }
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if !claim("aud").eq_ignore_ascii_case(audience) {
        let message = "The 'aud' claim of the client assertion is not the address of this endpoint.";
        return Err(Refusal::new(401, "invalid_client", 700_023, message));
    }
    let is_client = |name: &str| claim(name).eq_ignore_ascii_case(application.client_id);
    if !is_client("iss") || !is_client("sub") || claim("jti").is_empty() {
        let message =
            "The client assertion needs 'iss' and 'sub' that are the application's id, and a 'jti'.";
        return Err(Refusal::new(401, "invalid_client", 700_021, message));
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    match (time("nbf"), time("exp")) {
        (Some(from), Some(until))
            if until.saturating_sub(from) <= MAX_LIFE
                && from <= now.timestamp() + SKEW
                && now.timestamp() < until + SKEW =>
        {
            Ok(())
        }
        _ => Err(out_of_time()),
    }
}

/// A token of another issuer. Entra asks the issuer for its keys; here the token itself is known or not.
fn federated(
    assertion: &str,
    claims: &Value,
    application: Application<'_>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if !application.federated_tokens.iter().any(|known| known == assertion) {
        let message = "No matching federated identity record found for presented assertion.";
        return Err(Refusal::new(401, "invalid_client", 70_021, message));
    }
    match claims.get("exp").and_then(Value::as_i64) {
        Some(until) if now.timestamp() >= until => Err(out_of_time()),
        _ => Ok(()),
    }
}

/// Whether one of the certificates has this thumbprint, and its key signed the statement.
fn is_signed(statement: &str, signature: &[u8], algorithm: &str, thumbprint: &str, known: &[String]) -> bool {
    let algorithm = match algorithm {
        "PS256" => RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        "RS256" => RSA_PKCS1_2048_8192_SHA256,
        _ => return false,
    };
    let ders = known.iter().flat_map(|pem| CertificateDer::pem_slice_iter(pem.as_bytes()).flatten());
    ders.filter(|der| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(der)) == thumbprint).any(|der| {
        EndEntityCert::try_from(&der).is_ok_and(|certificate| {
            certificate.verify_signature(algorithm, statement.as_bytes(), signature).is_ok()
        })
    })
}

fn json(part: &str) -> Result<Value, Refusal> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed())?;
    serde_json::from_slice(&bytes).map_err(|_| malformed())
}

fn malformed() -> Refusal {
    Refusal::new(400, "invalid_request", 50_027, "JWT token is invalid or malformed.")
}

fn out_of_time() -> Refusal {
    let message = "Client assertion is not within its valid time range.";
    Refusal::new(401, "invalid_client", 700_024, message)
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::rsa::KeyPair;
    use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
    use serde_json::json;

    use super::*;

    const CERTIFICATE: &str = include_str!("../../tests/keys/certificate.pem");
    const AUDIENCE: &str = "http://own/tenant/oauth2/v2.0/token";

    fn encode(value: &Value) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn signed(algorithm: &str, claims: &Value) -> String {
        let der = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
        let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&der));
        let header = json!({ "alg": algorithm, "typ": "JWT", "x5t#S256": thumbprint });
        let statement = format!("{}.{}", encode(&header), encode(claims));
        let key = KeyPair::from_pkcs8(include_bytes!("../../tests/keys/key.der")).unwrap();
        let mut signature = vec![0; key.public().modulus_len()];
        let padding: &dyn RsaEncoding =
            if algorithm == "RS256" { &RSA_PKCS1_SHA256 } else { &RSA_PSS_SHA256 };
        key.sign(padding, &SystemRandom::new(), statement.as_bytes(), &mut signature).unwrap();
        format!("{statement}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn good() -> Value {
        json!({ "aud": AUDIENCE, "iss": "client", "sub": "client", "jti": "1", "nbf": 1_000, "exp": 1_600 })
    }

    /// The code of the refusal at 1,000 seconds after 1970.
    fn refused(assertion: &str) -> Option<u64> {
        let certificates = ["no pem".to_owned(), CERTIFICATE.to_owned()];
        let tokens = ["e30.e30.eA".to_owned(), format!("e30.{}.eA", encode(&json!({ "exp": 1_000 })))];
        let application = Application {
            tenant_id: "tenant",
            client_id: "client",
            client_secret: "secret",
            certificates: &certificates,
            federated_tokens: &tokens,
        };
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        check(assertion, AUDIENCE, application, now)
            .err()
            .map(|refusal| refusal.body(now)["error_codes"][0].as_u64().unwrap())
    }

    #[test]
    fn what_a_known_certificate_signed_is_good() {
        assert_eq!(["PS256", "RS256"].map(|algorithm| refused(&signed(algorithm, &good()))), [None, None]);
    }

    #[test]
    fn what_somebody_else_signed_is_not() {
        let good = signed("PS256", &good());
        let (statement, signature) = good.rsplit_once('.').unwrap();
        let (header, _) = statement.split_once('.').unwrap();
        let other = encode(&json!({ "aud": "other" }));
        assert_eq!(refused(&format!("{header}.{other}.{signature}")), Some(700_027));
        assert_eq!(refused(&format!("{statement}.eA")), Some(700_027));
        assert_eq!(refused(&signed("none", &self::good())), Some(700_027));
        let unknown = encode(&json!({ "alg": "PS256", "x5t#S256": "x" }));
        assert_eq!(refused(&format!("{unknown}.{other}.{signature}")), Some(700_027));
    }

    #[test]
    fn each_claim_is_looked_at() {
        for (claim, value, code) in [
            ("aud", json!("http://own/other/oauth2/v2.0/token"), 700_023),
            ("iss", json!("other"), 700_021),
            ("sub", json!("other"), 700_021),
            ("jti", json!(""), 700_021),
            ("exp", json!(1_601), 700_024),
            ("exp", json!(700), 700_024),
            ("nbf", json!(1_301), 700_024),
            ("nbf", json!("soon"), 700_024),
        ] {
            let mut claims = good();
            claims[claim] = value;
            assert_eq!(refused(&signed("PS256", &claims)), Some(code), "{claims}");
        }
    }

    #[test]
    fn a_federated_token_is_known_and_not_over() {
        assert_eq!(refused("e30.e30.eA"), None);
        assert_eq!(refused("e30.e30.eQ"), Some(70_021));
        assert_eq!(refused(&format!("e30.{}.eA", encode(&json!({ "exp": 1_000 })))), Some(700_024));
        for odd in ["", "a", "e30.e30", "e30.e30.eA.eA", "!.e30.eA", "e30.eA.eA"] {
            assert_eq!(refused(odd), Some(50_027), "{odd}");
        }
    }
}
