//! What a connection may call, and as whom.

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use riposte_model::HostPattern;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// What an [`HttpConnector`](crate::HttpConnector) may call, and as whom. Whatever is not listed is refused.
#[derive(Clone, Debug, Default)]
pub struct HttpSettings {
    /// The hosts that may be called.
    pub allow_hosts: Vec<HostPattern>,
    /// Those of them that may have private, loopback and shared addresses. A link-local or metadata address has to be
    /// listed as that very address.
    pub allow_private: Vec<HostPattern>,
    /// Whether plain http is spoken too.
    pub allow_http: bool,
    /// The secrets, each for one host.
    pub auth: Vec<HttpAuth>,
}

/// A secret, the host that it is for, and where a request carries it.
#[derive(Clone, Debug)]
pub struct HttpAuth {
    /// One host: the secret is sent to no other.
    pub host: HostPattern,
    /// The secret.
    pub secret: SecretString,
    /// Where it stands.
    pub place: SecretPlace,
}

/// Where a request carries a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// In a header: `Authorization: Bearer SECRET`.
    Header {
        /// The header's name.
        name: String,
        /// What stands before the secret, and a space; empty: nothing does.
        scheme: String,
    },
    /// In the address, where the playbook writes `{secret}`: chat webhooks are such addresses.
    Url,
}

impl Default for SecretPlace {
    fn default() -> Self {
        SecretPlace::Header { name: AUTHORIZATION.to_string(), scheme: "Bearer".to_owned() }
    }
}

/// Why no connector can be made. Someone has to correct the configuration. No secret is repeated.
#[derive(Debug, thiserror::Error)]
pub enum HttpSettingsError {
    /// A header's name or a scheme has signs that no header may have.
    #[error("the header or the scheme for {0} has signs that a header cannot have")]
    Header(HostPattern),
    /// The secret has signs that cannot be sent, a line break for instance.
    #[error("the secret for {0} has signs that cannot be sent, or is empty")]
    Secret(HostPattern),
    /// The HTTP client cannot be made; mostly no system certificates were found.
    #[error("the https client cannot be prepared")]
    Tls(#[source] reqwest::Error),
}

/// A secret that is ready to be sent.
pub(super) struct Auth {
    pub(super) host: HostPattern,
    pub(super) secret: SecretString,
    pub(super) place: Place,
}

pub(super) enum Place {
    Header(HeaderName, HeaderValue),
    Url,
}

impl Auth {
    pub(super) fn ready(auth: HttpAuth) -> Result<Auth, HttpSettingsError> {
        let HttpAuth { host, secret, place } = auth;
        let text = secret.expose_secret();
        let sendable = !text.is_empty() && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if !sendable {
            return Err(HttpSettingsError::Secret(host));
        }
        let place = match place {
            SecretPlace::Url => Place::Url,
            SecretPlace::Header { name, scheme } => {
                let wrong = || HttpSettingsError::Header(host.clone());
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
                let text = if scheme.is_empty() { text.to_owned() } else { format!("{scheme} {text}") };
                let mut value = HeaderValue::from_str(&text).map_err(|_| wrong())?;
                value.set_sensitive(true);
                Place::Header(name, value)
            }
        };
        Ok(Auth { host, secret, place })
    }

    /// The secret for an address, if there is one.
    pub(super) fn of<'a>(all: &'a [Auth], url: &Url) -> Option<&'a Auth> {
        all.iter().find(|auth| auth.host.admits(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(secret: &str, place: SecretPlace) -> Result<Auth, String> {
        let host = HostPattern::parse("api.example.com").unwrap();
        Auth::ready(HttpAuth { host, secret: secret.into(), place }).map_err(|error| error.to_string())
    }

    fn header(name: &str, scheme: &str) -> SecretPlace {
        SecretPlace::Header { name: name.into(), scheme: scheme.into() }
    }

    #[test]
    fn a_header_is_made_once_and_never_shown() {
        for (place, wanted) in [
            (SecretPlace::default(), "Bearer hush-hush"),
            (header("X-Api-Key", ""), "hush-hush"),
            (header("Authorization", "Splunk"), "Splunk hush-hush"),
        ] {
            let Place::Header(_, value) = ready("hush-hush", place).ok().unwrap().place else { panic!() };
            assert_eq!(value.to_str().unwrap(), wanted);
            assert_eq!(format!("{value:?}"), "Sensitive");
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused_without_being_repeated() {
        for (secret, place) in [
            ("hush\nhush", SecretPlace::default()),
            ("", SecretPlace::Url),
            ("hush-hush", header("X Key", "")),
            ("hush-hush", header("X-Key", "a\nb")),
        ] {
            let said = ready(secret, place).err().unwrap();
            assert!(said.contains("for api.example.com has signs") && !said.contains("hush"), "{said}");
        }
    }
}
