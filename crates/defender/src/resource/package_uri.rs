//! The link to an investigation package, which is a secret.

use std::{fmt, net};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::{Host, Url};

use crate::wire::Malformed;

/// A short-lived download link. Whoever has it can download, so `Debug` masks it and there is no `Display`; the link is also
/// not for the token: download without it.
///
/// Source: "Get package SAS URI API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-package-sas-uri>.
#[derive(Clone)]
pub struct PackageUri {
    link: SecretString,
    location: String,
}

impl PackageUri {
    /// Reads `{"value": "\"https://…\""}`. The provider puts literal quotes around the link.
    pub(crate) fn read(answer: &Value) -> Result<PackageUri, Malformed> {
        let malformed = Malformed { expected: "a download link by https" };
        let text = answer.get("value").and_then(Value::as_str).ok_or(malformed)?;
        let text = text.trim().trim_matches('"').trim();
        let url = Url::parse(text).map_err(|_| malformed)?;
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => net::IpAddr::from(address).is_loopback(),
            Some(Host::Ipv6(address)) => net::IpAddr::from(address).is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => return Err(malformed),
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err(malformed);
        }
        let location = format!("{}{}", url.origin().ascii_serialization(), url.path());
        Ok(PackageUri { link: text.into(), location })
    }

    /// Scheme, host and path, without the query that holds the right to download: safe to show.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The whole link. Do not log or keep it.
    pub fn expose(&self) -> &str {
        self.link.expose_secret()
    }

    /// The whole link, to be asked for; never to be shown.
    pub(crate) fn url(&self) -> Option<Url> {
        Url::parse(self.expose()).ok()
    }
}

impl fmt::Debug for PackageUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PackageUri").field(&format_args!("{}?[redacted]", self.location)).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quotes_are_stripped_and_the_query_is_never_shown() {
        let quoted = json!({"value": "\"https://u:p@files.example.com:443/a/b.zip?token=hush#x\""});
        let uri = PackageUri::read(&quoted).expect("a link");
        assert_eq!(uri.expose(), "https://u:p@files.example.com:443/a/b.zip?token=hush#x");
        assert_eq!(uri.location(), "https://files.example.com/a/b.zip");
        assert_eq!(format!("{uri:?}"), "PackageUri(https://files.example.com/a/b.zip?[redacted])");

        let bare =
            PackageUri::read(&json!({"value": " https://files.example.com/b.zip?t=1 "})).expect("a link");
        assert_eq!(bare.expose(), "https://files.example.com/b.zip?t=1");
    }

    #[test]
    fn what_is_no_link_is_malformed() {
        for odd in [
            json!(null),
            json!("https://files.example.com/"),
            json!({"value": null}),
            json!({"value": ""}),
            json!({"value": "\"\""}),
            json!({"value": "b.zip"}),
            json!({"value": "http://files.example.com/b.zip"}),
            json!({"value": "file:///b.zip"}),
        ] {
            assert!(PackageUri::read(&odd).is_err(), "{odd}");
        }
    }
}
