//! The names under which Defender is asked for.
//!
//! One service has gathered many: its older and its newer host, hosts of regions and clouds, the address of its
//! registration. Clients ask for each of them and are given the same token.

const NAMES: [&str; 4] = [
    "https://api.securitycenter.microsoft.com",
    "https://api.securitycenter.windows.com",
    "https://securitycenter.onmicrosoft.com/windowsatpservice",
    "https://api.security.microsoft.com",
];
const REGIONS: [&str; 6] = ["us", "eu", "uk", "au", "gcc", "gov"];
const CLOUDS: [&str; 2] = ["com", "us"];

/// Whether a resource means Defender. `own` is the address at which the client reaches this simulator: a client that asks
/// for a token to its API base asks for that, once its API base is pointed here.
pub(super) fn is_defender(resource: &str, own: &str) -> bool {
    let resource = resource.strip_suffix('/').unwrap_or(resource).to_ascii_lowercase();
    NAMES.contains(&resource.as_str()) || is_regional(&resource) || resource == own.to_ascii_lowercase()
}

fn is_regional(resource: &str) -> bool {
    let Some(host) = resource.strip_prefix("https://api-") else { return false };
    let Some((region, cloud)) = host.split_once(".securitycenter.microsoft.") else { return false };
    REGIONS.contains(&region) && CLOUDS.contains(&cloud)
}

/// The resource that a v2 scope stands for; `None` if it is not everything that the application may do there.
pub(super) fn resource_of(scope: &str) -> Option<&str> {
    const ALL: &str = "/.default";
    let (resource, suffix) = scope.split_at_checked(scope.len().checked_sub(ALL.len())?)?;
    suffix.eq_ignore_ascii_case(ALL).then_some(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_defender_is_known() {
        for name in [
            "https://api.securitycenter.microsoft.com",
            "https://api.securitycenter.windows.com/",
            "https://securitycenter.onmicrosoft.com/windowsatpservice",
            "https://securitycenter.onmicrosoft.com/WindowsATPService/",
            "HTTPS://API.Security.Microsoft.com",
            "https://api-us.securitycenter.microsoft.com",
            "https://api-eu.securitycenter.microsoft.com/",
            "https://api-uk.securitycenter.microsoft.com",
            "https://api-au.securitycenter.microsoft.com",
            "https://api-gcc.securitycenter.microsoft.us",
            "https://api-gov.securitycenter.microsoft.us",
            "http://tenant.example:8080/",
            "http://Tenant.Example:8080",
        ] {
            assert!(is_defender(name, "http://tenant.example:8080"), "{name}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for name in [
            "",
            "/",
            "https://graph.microsoft.com",
            "https://management.azure.com/",
            "http://api.securitycenter.microsoft.com",
            "api.securitycenter.microsoft.com",
            "https://api.securitycenter.microsoft.com//",
            "https://api.securitycenter.microsoft.com/api",
            "https://api-xx.securitycenter.microsoft.com",
            "https://api-us.securitycenter.microsoft.de",
            "https://api-us.securitycenter.microsoft.com.example",
            "http://tenant.example:8081",
        ] {
            assert!(!is_defender(name, "http://tenant.example:8080"), "{name}");
        }
    }

    #[test]
    fn a_scope_is_a_resource_and_default() {
        assert_eq!(resource_of("https://x/.default"), Some("https://x"));
        assert_eq!(resource_of("https://x//.Default"), Some("https://x/"));
        for scope in ["", "/", "https://x", "https://x/.default/", "https://x/.default openid", "ééééé"]
        {
            assert_eq!(resource_of(scope), None, "{scope}");
        }
    }
}
