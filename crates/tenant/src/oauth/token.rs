//! The tokens that were issued.
//!
//! A token looks like a JWT, so that a client can read its claims, but nothing checks a signature: a token is good
//! because it is in this list. Its last part is random and cannot be guessed.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::grant::Version;
use crate::config::Config;

/// Tokens remembered at once. Past it the oldest are forgotten, which their holders see as 401.
const MAX_TOKENS: usize = 10_000;
/// Longest lifetime of a token.
pub(crate) const MAX_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// What a token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    expires: DateTime<Utc>,
    roles: Vec<String>,
}

impl Access {
    /// Whether one of these permissions is granted.
    pub(crate) fn allows(&self, any_of: &[&str]) -> bool {
        self.roles.iter().any(|role| any_of.contains(&role.as_str()))
    }
}

/// The tokens that are good, or were until they expired.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: HashMap<String, Access>,
    order: VecDeque<String>,
}

impl Tokens {
    /// Issues a token for the resource, by the name that was asked for, and gives the endpoint's answer.
    pub(crate) fn issue(
        &mut self,
        config: &Config,
        version: Version,
        resource: &str,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Value {
        let lifetime = config.token_lifetime.min(MAX_LIFETIME);
        let expires = now + lifetime;
        let claims = json!({
            "aud": resource,
            "iss": format!("{issuer}/{}/", config.tenant_id),
            "iat": now.timestamp(),
            "nbf": now.timestamp(),
            "exp": expires.timestamp(),
            "appid": config.client_id,
            "app_displayname": config.application,
            "roles": config.permissions,
            "tid": config.tenant_id,
            "uti": Uuid::new_v4().simple().to_string(),
            "ver": "1.0",
        });
        let token = jwt(&claims);
        if self.order.len() == MAX_TOKENS
            && let Some(oldest) = self.order.pop_front()
        {
            self.issued.remove(&oldest);
        }
        self.order.push_back(token.clone());
        self.issued.insert(token.clone(), Access { expires, roles: config.permissions.clone() });

        let seconds = lifetime.as_secs();
        match version {
            Version::V2 => json!({
                "token_type": "Bearer",
                "expires_in": seconds,
                "ext_expires_in": seconds,
                "access_token": token,
            }),
            // The older endpoint writes its numbers as texts.
            Version::V1 => json!({
                "token_type": "Bearer",
                "expires_in": seconds.to_string(),
                "ext_expires_in": seconds.to_string(),
                "expires_on": expires.timestamp().to_string(),
                "not_before": now.timestamp().to_string(),
                "resource": resource,
                "access_token": token,
            }),
        }
    }

    /// What this token allows now; `None` if it is unknown, revoked or expired.
    pub(crate) fn access(&self, token: &str, now: DateTime<Utc>) -> Option<&Access> {
        self.issued.get(token).filter(|access| now < access.expires)
    }

    /// Never accepts any of the tokens again that were issued so far. Gives how many there were.
    pub(crate) fn expire_all(&mut self) -> usize {
        self.order.clear();
        std::mem::take(&mut self.issued).len()
    }

    /// Never accepts this token again.
    pub(crate) fn revoke(&mut self, token: &str) {
        if self.issued.remove(token).is_some() {
            self.order.retain(|known| known != token);
        }
    }
}

fn jwt(claims: &Value) -> String {
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "simulated" });
    let signature: [u8; 32] = rand::random();
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let (header, claims) = (header.to_string(), claims.to_string());
    format!("{}.{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()), encode(&signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(tokens: &mut Tokens, version: Version, now: DateTime<Utc>) -> (Value, String) {
        let answer = tokens.issue(&Config::default(), version, "https://resource", "http://authority", now);
        let token = answer["access_token"].as_str().unwrap().to_owned();
        (answer, token)
    }

    #[test]
    fn a_token_is_good_until_it_expires_or_is_revoked() {
        let mut tokens = Tokens::default();
        let now = DateTime::UNIX_EPOCH;
        let (_, first) = issue(&mut tokens, Version::V2, now);
        let (_, second) = issue(&mut tokens, Version::V2, now);
        assert!(tokens.access(&first, now + Duration::from_secs(3_598)).is_some());
        assert!(tokens.access(&first, now + Duration::from_secs(3_599)).is_none());
        tokens.revoke(&first);
        assert!(tokens.access(&first, now).is_none());
        assert!(tokens.access(&second, now).unwrap().allows(&["nothing", "Machine.Isolate"]));
        assert!(!tokens.access(&second, now).unwrap().allows(&["Machine.Nothing"]));
    }

    #[test]
    fn a_token_has_three_parts_and_readable_roles() {
        let (_, token) = issue(&mut Tokens::default(), Version::V2, DateTime::UNIX_EPOCH);
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        let claims: Value =
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(claims["roles"][1], "Machine.Isolate");
        assert_eq!(claims["exp"], 3_599);
        assert_eq!(claims["aud"], "https://resource");
    }

    #[test]
    fn the_older_endpoint_writes_numbers_as_text() {
        let mut tokens = Tokens::default();
        assert_eq!(issue(&mut tokens, Version::V2, DateTime::UNIX_EPOCH).0["expires_in"], 3_599);
        assert_eq!(issue(&mut tokens, Version::V1, DateTime::UNIX_EPOCH).0["expires_in"], "3599");
    }
}
