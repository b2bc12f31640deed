//! The document by which clients of the MSAL kind find the endpoints.
//!
//! Minimal: what such a client reads before it asks for a token. Nobody here signs anything, so the document names an
//! address for keys, as it has to, and nothing is served there.

use serde_json::{Value, json};

use super::grant::{Application, Refusal, Version, check_tenant};

/// The document for one version of the endpoints. `base` is scheme and host as the client knows them.
pub(crate) fn metadata(
    tenant: &str,
    version: Version,
    base: &str,
    application: Application<'_>,
) -> Result<Value, Refusal> {
    check_tenant(tenant, application)?;
    let authority = format!("{base}/{}", application.tenant_id);
    let (issuer, endpoints, keys) = match version {
        // Tokens of either endpoint name this issuer.
        Version::V1 => (format!("{authority}/"), "oauth2", "discovery/keys"),
        Version::V2 => (format!("{authority}/v2.0"), "oauth2/v2.0", "discovery/v2.0/keys"),
    };
    Ok(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{authority}/{endpoints}/authorize"),
        "token_endpoint": format!("{authority}/{endpoints}/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": format!("{authority}/{keys}"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}
