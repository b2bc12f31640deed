//! From a playbook's address to one that may be called, or the reason why not. Pure: nothing is asked.

use super::address::Reach;
use super::settings::{Auth, Place};
use super::{invalid, refused};
use riposte_model::{Failure, Host, HostPattern};
use secrecy::ExposeSecret as _;
use url::Url;

/// Most bytes of an address.
pub(super) const MAX_URL_BYTES: usize = 8 * 1024;

/// Where the secret stands in an address.
const PLACEHOLDER: &str = "{secret}";
/// The same, as the `url` crate writes it in a path.
const ENCODED: &str = "%7Bsecret%7D";

/// What a connection may call.
pub(super) struct Rules {
    pub(super) allow_hosts: Vec<HostPattern>,
    pub(super) allow_private: Vec<HostPattern>,
    pub(super) allow_http: bool,
    pub(super) auth: Vec<Auth>,
}

/// An address that may be called.
pub(super) struct Target<'r> {
    /// With the secret in it, if it has one: never shown.
    pub(super) url: Url,
    /// How it is called in messages: host, and port if it is not the usual one.
    pub(super) name: String,
    /// How far its name may lead.
    pub(super) reach: Reach,
    /// The secret that is for it.
    pub(super) auth: Option<&'r Auth>,
}

impl std::fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("name", &self.name).field("reach", &self.reach).finish_non_exhaustive()
    }
}

impl Rules {
    /// The address, if it may be called. `query` is added to what the address has itself.
    pub(super) fn target(&self, text: &str, query: &[(String, String)]) -> Result<Target<'_>, Failure> {
        if text.len() > MAX_URL_BYTES {
            return Err(invalid(format!("`url` has {} bytes, more than {MAX_URL_BYTES}", text.len())));
        }
        let mut url = Url::parse(text).map_err(|error| invalid(format!("`url` is no address: {error}")))?;
        let (Some(host), Some(name)) = (Host::of(&url), name(&url)) else {
            return Err(invalid("`url` names no host"));
        };
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            "http" => {
                return Err(refused(format!(
                    "plain http is not allowed: write `https://{name}`, or `allow_http: true` in the connection"
                )));
            }
            other => return Err(refused(format!("`url` begins with `{other}:`, and only https is spoken"))),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused(
                "a user or password does not belong into `url`: put the secret under the connection's `auth`",
            ));
        }
        if !admitted(&self.allow_hosts, &url) {
            return Err(refused(format!("{name} is not among the connection's `allow_hosts`")));
        }
        let listed = admitted(&self.allow_private, &url);
        let reach = match (&host, listed) {
            (_, false) => Reach::Public,
            (Host::Name(_), true) => Reach::Inside,
            (Host::Address(_), true) => Reach::Link,
        };
        // An address that is written out never reaches the resolver.
        if let Host::Address(address) = host {
            reach.check(address).map_err(|why| out_of_reach(&name, &host, why))?;
        }
        let auth = Auth::of(&self.auth, &url);
        if auth.is_some() && url.scheme() == "http" && !is_this_machine(&host) {
            return Err(refused(format!("the secret for {name} is not sent by plain http")));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        fill_in(&mut url, &name, auth)?;
        Ok(Target { url, name, reach, auth })
    }
}

/// Puts the secret where the address asks for it.
fn fill_in(url: &mut Url, name: &str, auth: Option<&Auth>) -> Result<(), Failure> {
    let (in_path, in_query) =
        (url.path().contains(ENCODED), url.query().is_some_and(|query| query.contains(PLACEHOLDER)));
    if !in_path && !in_query {
        return Ok(());
    }
    let Some(Auth { secret, place: Place::Url, .. }) = auth else {
        return Err(refused(format!(
            "`url` asks for `{PLACEHOLDER}`, and the connection's `auth` has none for {name} with `in: url`"
        )));
    };
    let secret = secret.expose_secret();
    if in_path {
        let path = url.path().replace(ENCODED, secret);
        url.set_path(&path);
    }
    if in_query {
        let query = url.query().map(|query| query.replace(PLACEHOLDER, secret));
        url.set_query(query.as_deref());
    }
    Ok(())
}

/// That an address is out of reach, and what to do.
pub(super) fn out_of_reach(name: &str, host: &Host, why: super::address::OutOfReach) -> Failure {
    let what = match host {
        Host::Name(_) => format!("{name} is at {why}"),
        Host::Address(_) => format!("{name} is {}", why.what),
    };
    let hint = match (why.may_be_listed, host, Reach::Inside.check(why.address)) {
        (false, ..) => "which is never called".to_owned(),
        // A name cannot be trusted with such an address.
        (true, Host::Name(_), Err(_)) => "which is called only by its own text".to_owned(),
        (true, ..) => {
            format!("and is not among the connection's `allow_private`: list {name} if it is meant")
        }
    };
    refused(format!("{what}, {hint}"))
}

fn admitted(patterns: &[HostPattern], url: &Url) -> bool {
    patterns.iter().any(|pattern| pattern.admits(url))
}

/// How an address is called in messages: its host, and its port if that is not the usual one. Anything more may be secret.
pub(super) fn name(url: &Url) -> Option<String> {
    let host = Host::of(url)?;
    Some(url.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}")))
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Address(address) => address.is_loopback(),
        // Reserved for loopback by RFC 6761; the address is looked at all the same.
        Host::Name(name) => name == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::settings::{HttpAuth, SecretPlace};
    use riposte_model::ErrorKind;

    fn patterns(texts: &[&str]) -> Vec<HostPattern> {
        texts.iter().map(|text| HostPattern::parse(text).unwrap()).collect()
    }

    fn auth(host: &str, place: SecretPlace) -> Auth {
        let host = HostPattern::parse(host).unwrap();
        Auth::ready(HttpAuth { host, secret: "T0/B0/x%2Fy?#".into(), place }).ok().unwrap()
    }

    fn rules() -> Rules {
        Rules {
            allow_hosts: patterns(&[
                "*.example.com",
                "10.0.0.1",
                "10.0.0.2",
                "127.0.0.1:8080",
                "169.254.169.254",
                "0.0.0.0",
                "8.8.8.8",
                "localhost",
            ]),
            allow_private: patterns(&[
                "inside.example.com",
                "10.0.0.1",
                "127.0.0.1:8080",
                "0.0.0.0",
                "localhost",
            ]),
            allow_http: true,
            auth: vec![
                auth("api.example.com", SecretPlace::default()),
                auth("chat.example.com", SecretPlace::Url),
                auth("localhost", SecretPlace::default()),
            ],
        }
    }

    #[test]
    fn what_is_refused_says_why_and_what_to_do() {
        let strict = Rules { allow_http: false, ..rules() };
        let mut said = Vec::new();
        for (rules, url) in [
            (rules(), "hooks.example.com"),
            (rules(), "mailto:a@example.com"),
            (rules(), "ftp://a.example.com/"),
            (strict, "http://a.example.com/secret-path"),
            (rules(), "https://user:hush@a.example.com/"),
            (rules(), "https://evil.test/secret-path"),
            (rules(), "https://a.example.com:8443/"),
            (rules(), "http://10.0.0.2/"),
            (rules(), "http://[::ffff:a00:2]/"),
            (rules(), "http://0x0a000002/"),
            (rules(), "http://169.254.169.254/latest/meta-data"),
            (rules(), "http://[::ffff:169.254.169.254]/latest/meta-data"),
            (rules(), "http://0.0.0.0/"),
            (rules(), "http://api.example.com/"),
            (rules(), "https://a.example.com/{secret}"),
            (rules(), "https://api.example.com/?key={secret}"),
        ] {
            let failure = rules.target(url, &[]).expect_err(url);
            assert!(matches!(failure.kind, ErrorKind::Refused | ErrorKind::Invalid));
            assert!(!failure.message.contains("secret-path") && !failure.message.contains("hush"));
            said.push(format!("{url}\n    {failure}"));
        }
        let long = format!("https://a.example.com/{}", "a".repeat(MAX_URL_BYTES));
        said.push(rules().target(&long, &[]).unwrap_err().to_string());
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn how_far_a_host_leads_is_said_by_its_list() {
        let reach = |url: &str| rules().target(url, &[]).map(|target| target.reach).ok();
        assert_eq!(reach("https://a.example.com/"), Some(Reach::Public));
        assert_eq!(reach("https://8.8.8.8/"), Some(Reach::Public));
        assert_eq!(reach("https://inside.example.com/"), Some(Reach::Inside));
        assert_eq!(reach("http://10.0.0.1/"), Some(Reach::Link));
        assert_eq!(reach("http://127.0.0.1:8080/"), Some(Reach::Link));
        let listed = Rules { allow_private: patterns(&["169.254.169.254"]), ..rules() };
        assert!(listed.target("http://169.254.169.254/", &[]).is_ok());
    }

    #[test]
    fn a_secret_is_for_its_host_alone() {
        let rules = rules();
        let has = |url: &str| rules.target(url, &[]).unwrap().auth.is_some();
        assert!(has("https://api.example.com/") && has("https://API.example.com.:443/"));
        assert!(has("http://localhost/"));
        assert!(!has("https://api2.example.com/") && !has("https://x.api.example.com/"));
    }

    #[test]
    fn a_secret_stands_where_the_address_asks_for_it_and_cannot_change_the_host() {
        let rules = rules();
        let url = |text: &str| rules.target(text, &[]).unwrap().url.to_string();
        assert_eq!(
            url("https://chat.example.com/services/{secret}"),
            "https://chat.example.com/services/T0/B0/x%2Fy%3F%23"
        );
        assert_eq!(
            url("https://chat.example.com/run?v=1&sig={secret}"),
            "https://chat.example.com/run?v=1&sig=T0/B0/x%2Fy?%23"
        );
        assert_eq!(url("https://chat.example.com/"), "https://chat.example.com/");
    }

    #[test]
    fn what_is_put_into_the_query_stays_one_value() {
        let query = [("q".to_owned(), "a&b=c {secret} #é".to_owned())];
        let url = rules().target("https://chat.example.com/?x=1", &query).unwrap().url;
        assert_eq!(url.as_str(), "https://chat.example.com/?x=1&q=a%26b%3Dc+%7Bsecret%7D+%23%C3%A9");
    }
}
