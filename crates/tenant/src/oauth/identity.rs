//! The identity endpoints of a virtual machine and of an app: a token for whoever is there.
//!
//! Source: "How to use managed identities for Azure resources on an Azure VM to acquire an access token",
//! <https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>, and "How to use
//! managed identities for App Service and Azure Functions",
//! <https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity>.

use serde_json::{Value, json};

use super::audience::is_defender;
use crate::config::Config;

/// Where an identity endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Vm,
    App,
}

/// Grants a token for the resource that is answered, or refuses with this body, as 400. `is_direct` says that the request
/// has the header that no redirect can make a client send.
pub(crate) fn check_identity(
    place: Place,
    query: &str,
    is_direct: bool,
    own: &str,
    config: &Config,
) -> Result<String, Value> {
    let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let field = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if !is_direct {
        return Err(refusal("Required header not specified"));
    }
    let version = match place {
        Place::Vm => "2018-02-01",
        Place::App => "2019-08-01",
    };
    if field("api-version") != Some(version) {
        return Err(refusal("Required query variable 'api-version' is missing or not supported"));
    }
    let resource =
        field("resource").ok_or_else(|| refusal("Required query variable 'resource' is missing"))?;
    let is_known = field("client_id").is_none_or(|id| id.eq_ignore_ascii_case(&config.client_id));
    if !config.managed_identity || !is_known {
        return Err(refusal("Identity not found"));
    }
    if !is_defender(resource, own) {
        let message = "AADSTS500011: The resource principal of this request was not found in the tenant.";
        return Err(json!({ "error": "invalid_resource", "error_description": message }));
    }
    Ok(resource.to_owned())
}

fn refusal(description: &str) -> Value {
    json!({ "error": "invalid_request", "error_description": description })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "api-version=2018-02-01&resource=https%3A%2F%2Fapi.securitycenter.microsoft.com";

    #[test]
    fn only_a_direct_request_for_a_known_identity_is_granted() {
        let config = Config::default();
        let none = Config { managed_identity: false, ..Config::default() };
        let check = |query: &str, is_direct, config| {
            check_identity(Place::Vm, query, is_direct, "http://own", config).is_ok()
        };
        assert!(check(GOOD, true, &config));
        assert!(check(&format!("{GOOD}&client_id={}", config.client_id), true, &config));
        assert!(!check(GOOD, false, &config));
        let app = GOOD.replace("2018-02-01", "2019-08-01");
        assert!(check_identity(Place::App, &app, true, "http://own", &config).is_ok());
        assert!(check_identity(Place::App, GOOD, true, "http://own", &config).is_err());
        assert!(!check(GOOD, true, &none));
        assert!(!check(&format!("{GOOD}&client_id=other"), true, &config));
        assert!(!check(&GOOD.replace("2018", "2017"), true, &config));
        assert!(!check(&GOOD.replace("resource", "scope"), true, &config));
        assert!(!check(&GOOD.replace("securitycenter", "example"), true, &config));
    }
}
