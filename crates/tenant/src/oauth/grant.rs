//! Whether a token request is granted, with the refusals that Entra documents.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::assertion;
use super::audience::{is_defender, resource_of};
use crate::clock::stamp;

/// The application that is registered with the tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Application<'a> {
    pub(crate) tenant_id: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
    /// In PEM.
    pub(crate) certificates: &'a [String],
    pub(crate) federated_tokens: &'a [String],
}

/// Which of the two token endpoints was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

impl Version {
    /// Its path behind the tenant.
    fn path(self) -> &'static str {
        match self {
            Version::V1 => "oauth2/token",
            Version::V2 => "oauth2/v2.0/token",
        }
    }
}

/// Why no token is issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    error: &'static str,
    code: u32,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self { status, error, code, message: message.into() }
    }

    fn missing(parameter: &str) -> Self {
        let message = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::new(400, "invalid_request", 900_144, message)
    }

    /// The refusal of a credential that is not, or no longer, good.
    pub(crate) fn bad_secret() -> Self {
        let message = "Invalid client secret provided. Ensure the secret being sent in the request is the client \
                       secret value, not the client secret ID.";
        Self::new(401, "invalid_client", 7_000_215, message)
    }

    /// The documented body.
    pub(crate) fn body(&self, now: DateTime<Utc>) -> Value {
        let trace = Uuid::new_v4();
        let correlation = Uuid::new_v4();
        json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {}",
                self.code, self.message, stamp(now),
            ),
            "error_codes": [self.code],
            "timestamp": stamp(now),
            "trace_id": trace.to_string(),
            "correlation_id": correlation.to_string(),
        })
    }
}

/// Whether this authority speaks for the tenant.
pub(super) fn check_tenant(tenant: &str, application: Application<'_>) -> Result<(), Refusal> {
    if tenant.eq_ignore_ascii_case(application.tenant_id) {
        return Ok(());
    }
    let message =
        "The tenant of this request was not found. Check to make sure you have the correct tenant ID.";
    Err(Refusal::new(400, "invalid_request", 90_002, message))
}

/// Grants a token for the resource that is answered, by the name the client used for it, or refuses. `form` is the
/// request's body; of a parameter that comes twice the first counts. `own` is scheme and host of the request.
pub(crate) fn check(
    tenant: &str,
    version: Version,
    form: &[u8],
    own: &str,
    application: Application<'_>,
    now: DateTime<Utc>,
) -> Result<String, Refusal> {
    check_tenant(tenant, application)?;
    let form: Vec<(String, String)> = url::form_urlencoded::parse(form).into_owned().collect();
    let field = |name: &str| {
        form.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    };
    let required = |name: &str| field(name).ok_or_else(|| Refusal::missing(name));

    if required("grant_type")? != "client_credentials" {
        let message = "The app requested an unsupported grant type.";
        return Err(Refusal::new(400, "unsupported_grant_type", 70_003, message));
    }
    if !required("client_id")?.eq_ignore_ascii_case(application.client_id) {
        let message = "The application of this request was not found in the directory.";
        return Err(Refusal::new(400, "unauthorized_client", 700_016, message));
    }
    let asked = match version {
        Version::V1 => Some(required("resource")?),
        Version::V2 => resource_of(required("scope")?),
    };
    let resource = asked.filter(|resource| is_defender(resource, own)).ok_or_else(|| match version {
        Version::V1 => {
            let message = "The resource principal of this request was not found in the tenant.";
            Refusal::new(400, "invalid_resource", 500_011, message)
        }
        Version::V2 => {
            let message = "The provided value for the input parameter 'scope' is not valid.";
            Refusal::new(400, "invalid_scope", 70_011, message)
        }
    })?;
    match (field("client_secret"), field("client_assertion")) {
        (Some(secret), _) if secret == application.client_secret => Ok(resource.to_owned()),
        (Some(_), _) => Err(Refusal::bad_secret()),
        (None, Some(assertion)) => {
            if required("client_assertion_type")? != ASSERTION_TYPE {
                let message = "The value of 'client_assertion_type' is not supported.";
                return Err(Refusal::new(400, "invalid_request", 70_002, message));
            }
            let audience = format!("{own}/{tenant}/{}", version.path());
            assertion::check(assertion, &audience, application, now)?;
            Ok(resource.to_owned())
        }
        (None, None) => {
            let message =
                "'client_assertion' or 'client_secret' is required for the 'client_credentials' grant type.";
            Err(Refusal::new(401, "invalid_client", 7_000_216, message))
        }
    }
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[cfg(test)]
mod tests {
    use super::*;

    const APPLICATION: Application<'_> = Application {
        tenant_id: "tenant",
        client_id: "client",
        client_secret: "s+ cret",
        certificates: &[],
        federated_tokens: &[],
    };
    const V2: &str = "grant_type=client_credentials&client_id=client&client_secret=s%2B+cret&scope=https%3A%2F%2Fapi.\
                      securitycenter.microsoft.com%2F.default";

    fn code(tenant: &str, version: Version, form: &str) -> Option<(u16, u32)> {
        check(tenant, version, form.as_bytes(), "http://own", APPLICATION, DateTime::UNIX_EPOCH)
            .err()
            .map(|refusal| (refusal.status, refusal.code))
    }

    #[test]
    fn a_complete_request_is_granted() {
        assert_eq!(code("TENANT", Version::V2, V2), None);
        let v1 = V2.replace("scope", "resource").replace("%2F.default", "");
        assert_eq!(code("tenant", Version::V1, &v1), None);
    }

    #[test]
    fn each_mistake_has_its_code() {
        let v2 = |from: &str, to: &str| code("tenant", Version::V2, &V2.replace(from, to));
        assert_eq!(code("other", Version::V2, V2), Some((400, 90_002)));
        assert_eq!(v2("client_id=client", "client_id=other"), Some((400, 700_016)));
        assert_eq!(v2("%2B+cret", "x"), Some((401, 7_000_215)));
        assert_eq!(v2("client_secret", "x"), Some((401, 7_000_216)));
        assert_eq!(v2("client_secret=", "client_assertion="), Some((400, 900_144)));
        let odd = "client_assertion_type=x&client_assertion=";
        assert_eq!(v2("client_secret=", odd), Some((400, 70_002)));
        assert_eq!(v2(".default", ""), Some((400, 70_011)));
        assert_eq!(v2("grant_type", "x"), Some((400, 900_144)));
        assert_eq!(v2("=client_credentials", "=password"), Some((400, 70_003)));
        assert_eq!(v2("scope", "resource"), Some((400, 900_144)));
        assert_eq!(code("tenant", Version::V1, V2), Some((400, 900_144)));
        let foreign = V2.replace("scope", "resource");
        assert_eq!(code("tenant", Version::V1, &foreign), Some((400, 500_011)));
    }
}
