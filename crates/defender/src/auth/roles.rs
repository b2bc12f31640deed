//! What a token says that its application may do.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// The `roles` of an access token, as it names them: `Machine.Isolate`. None for a token that does not show them: what is in a
/// token is between those who issue and those who take it, so this may inform and must not decide.
///
/// Source: "Access token claims reference", <https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference>.
pub(super) fn roles(bearer: &str) -> Option<Vec<String>> {
    let claims = bearer.split('.').nth(1)?;
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?).ok()?;
    let roles = claims.get("roles")?.as_array()?;
    Some(roles.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.signature", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn roles_are_read_where_they_can_be() {
        let read = |claims| roles(&token(claims));
        assert_eq!(read(r#"{"roles":["Machine.Isolate",7]}"#), Some(vec!["Machine.Isolate".to_owned()]));
        assert_eq!(read(r#"{"roles":[]}"#), Some(vec![]));
        for claims in ["{}", "[]", r#"{"roles":"Machine.Isolate"}"#, "{", "\u{0}"] {
            assert_eq!(read(claims), None, "{claims}");
        }
        for odd in ["", "opaque", "a.b", "..", "a.%%%.c"] {
            assert_eq!(roles(odd), None, "{odd}");
        }
    }
}
