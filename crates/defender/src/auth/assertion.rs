//! The statement that a certificate's key signs: this is the application, and this is for you. Pure but for randomness.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::json;

use crate::certificate::ClientCertificate;

/// How long an assertion is good for: as long as Entra recommends at most, since it also has to bear a clock that is slow.
const LIFE: Duration = Duration::from_mins(10);

/// A fresh assertion for one request; none if the system gives no randomness.
pub(super) fn sign(
    certificate: &ClientCertificate,
    client_id: &str,
    audience: &str,
    now: SystemTime,
) -> Option<SecretString> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": certificate.thumbprint() });
    let claims = json!({
        "aud": audience,
        "iss": client_id,
        "sub": client_id,
        "jti": uuid::Uuid::new_v4().to_string(),
        "nbf": now.as_secs(),
        "iat": now.as_secs(),
        "exp": (now + LIFE).as_secs(),
    });
    let encode = |part: &str| BASE64_URL_SAFE_NO_PAD.encode(part);
    let statement = format!("{}.{}", encode(&header.to_string()), encode(&claims.to_string()));
    let signature = certificate.sign(statement.as_bytes())?;
    Some(format!("{statement}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)).into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::Value;

    use super::*;

    fn assertion() -> (Value, Value, Vec<u8>, String) {
        let pem = concat!(
            include_str!("../../tests/keys/certificate.pem"),
            include_str!("../../tests/keys/pkcs8.pem")
        );
        let certificate = ClientCertificate::from_pem(&pem.into()).expect("a certificate");
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        let signed = sign(&certificate, "app-1", "https://login.example/token", now).expect("a signature");
        let signed = signed.expose_secret();
        let (statement, signature) = signed.rsplit_once('.').expect("three parts");
        let (header, claims) = statement.split_once('.').expect("three parts");
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
        let json = |part: &str| serde_json::from_slice(&decode(part)).expect("json");
        (json(header), json(claims), decode(signature), statement.to_owned())
    }

    #[test]
    fn an_assertion_says_what_entra_asks_for() {
        let (header, mut claims, _, _) = assertion();
        let thumbprint = include_str!("../../tests/keys/certificate.sha256").trim();
        assert_eq!(header, json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint }));
        claims.as_object_mut().expect("an object").remove("jti");
        let expected = json!({
            "aud": "https://login.example/token", "iss": "app-1", "sub": "app-1",
            "nbf": 1_000, "iat": 1_000, "exp": 1_600,
        });
        assert_eq!(claims, expected);
    }

    #[test]
    fn no_assertion_is_used_twice() {
        assert_ne!(assertion().1["jti"], assertion().1["jti"]);
    }
}
