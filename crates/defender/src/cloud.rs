//! Where Defender lives: the hosts of each cloud.

use std::{fmt, str::FromStr};

/// The environment that a tenant belongs to; it decides the API host and the authority that issues tokens.
///
/// Source: "Supported Defender for Endpoint APIs" and "Microsoft Defender for Endpoint for US Government customers",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-list>,
/// <https://learn.microsoft.com/en-us/defender-endpoint/gov>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cloud {
    /// The worldwide service, wherever the tenant's data are.
    Global,
    /// The worldwide service by its United States host.
    Us,
    /// The worldwide service by its European Union host.
    Eu,
    /// The worldwide service by its United Kingdom host.
    Uk,
    /// The worldwide service by its Australian host.
    Au,
    /// The worldwide service by its Swiss host.
    Swa,
    /// The worldwide service by its Indian host.
    Ina,
    /// United States government, GCC.
    UsGovGcc,
    /// United States government, GCC High.
    UsGovHigh,
    /// United States government, Department of Defense.
    UsGovDod,
    /// Any other pair of addresses, for instance of a simulated tenant.
    ///
    /// Both are a scheme, a host and perhaps a port: `https://api.example.com`. `http` is accepted for loopback hosts
    /// only.
    Custom {
        /// Where the API is; `/api` is appended.
        endpoint: String,
        /// Who issues tokens; `/{tenant}/oauth2/v2.0/token` is appended.
        authority: String,
    },
}

/// A name that no [`Cloud`] has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no cloud of this name; known are global, us, eu, uk, au, swa, ina, us_gov_gcc, us_gov_high and us_gov_dod"
)]
pub struct UnknownCloud;

const PUBLIC_AUTHORITY: &str = "https://login.microsoftonline.com";
const US_GOV_AUTHORITY: &str = "https://login.microsoftonline.us";

impl Cloud {
    /// Every cloud that has a name, in the order in which they are documented.
    pub const NAMED: [Cloud; 10] = [
        Cloud::Global,
        Cloud::Us,
        Cloud::Eu,
        Cloud::Uk,
        Cloud::Au,
        Cloud::Swa,
        Cloud::Ina,
        Cloud::UsGovGcc,
        Cloud::UsGovHigh,
        Cloud::UsGovDod,
    ];

    /// The name used in configuration, for example `us_gov_gcc`; `custom` for custom addresses.
    pub fn name(&self) -> &'static str {
        match self {
            Cloud::Global => "global",
            Cloud::Us => "us",
            Cloud::Eu => "eu",
            Cloud::Uk => "uk",
            Cloud::Au => "au",
            Cloud::Swa => "swa",
            Cloud::Ina => "ina",
            Cloud::UsGovGcc => "us_gov_gcc",
            Cloud::UsGovHigh => "us_gov_high",
            Cloud::UsGovDod => "us_gov_dod",
            Cloud::Custom { .. } => "custom",
        }
    }

    /// Address of the API without the `/api` that every path begins with.
    pub fn endpoint(&self) -> &str {
        match self {
            Cloud::Global => "https://api.security.microsoft.com",
            Cloud::Us => "https://us.api.security.microsoft.com",
            Cloud::Eu => "https://eu.api.security.microsoft.com",
            Cloud::Uk => "https://uk.api.security.microsoft.com",
            Cloud::Au => "https://au.api.security.microsoft.com",
            Cloud::Swa => "https://swa.api.security.microsoft.com",
            Cloud::Ina => "https://ina.api.security.microsoft.com",
            Cloud::UsGovGcc => "https://api-gcc.securitycenter.microsoft.us",
            Cloud::UsGovHigh | Cloud::UsGovDod => "https://api-gov.securitycenter.microsoft.us",
            Cloud::Custom { endpoint, .. } => endpoint,
        }
    }

    /// Address of the authority that issues tokens, without the tenant.
    pub fn authority(&self) -> &str {
        match self {
            Cloud::Global
            | Cloud::Us
            | Cloud::Eu
            | Cloud::Uk
            | Cloud::Au
            | Cloud::Swa
            | Cloud::Ina
            | Cloud::UsGovGcc => PUBLIC_AUTHORITY,
            Cloud::UsGovHigh | Cloud::UsGovDod => US_GOV_AUTHORITY,
            Cloud::Custom { authority, .. } => authority,
        }
    }
}

impl FromStr for Cloud {
    type Err = UnknownCloud;

    /// Reads a [name](Cloud::name); custom addresses have none.
    fn from_str(name: &str) -> Result<Cloud, UnknownCloud> {
        Cloud::NAMED.into_iter().find(|cloud| cloud.name() == name).ok_or(UnknownCloud)
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_cloud_is_found_by_its_name() {
        for cloud in Cloud::NAMED {
            assert_eq!(cloud.name().parse(), Ok(cloud));
        }
        assert_eq!("custom".parse::<Cloud>(), Err(UnknownCloud));
    }

    #[test]
    fn every_cloud_has_its_documented_hosts() {
        let (public, government) = ("login.microsoftonline.com", "login.microsoftonline.us");
        let documented = [
            ("global", "api.security.microsoft.com", public),
            ("us", "us.api.security.microsoft.com", public),
            ("eu", "eu.api.security.microsoft.com", public),
            ("uk", "uk.api.security.microsoft.com", public),
            ("au", "au.api.security.microsoft.com", public),
            ("swa", "swa.api.security.microsoft.com", public),
            ("ina", "ina.api.security.microsoft.com", public),
            ("us_gov_gcc", "api-gcc.securitycenter.microsoft.us", public),
            ("us_gov_high", "api-gov.securitycenter.microsoft.us", government),
            ("us_gov_dod", "api-gov.securitycenter.microsoft.us", government),
        ];
        assert_eq!(Cloud::NAMED.len(), documented.len());
        for (cloud, (name, endpoint, authority)) in Cloud::NAMED.into_iter().zip(documented) {
            assert_eq!(cloud.name(), name);
            assert_eq!(cloud.endpoint().strip_prefix("https://"), Some(endpoint), "{name}");
            assert_eq!(cloud.authority().strip_prefix("https://"), Some(authority), "{name}");
        }
    }
}
