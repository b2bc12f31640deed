//! Hosts, and the patterns in which a configuration lists them.

use std::net::{IpAddr, Ipv6Addr};
use url::Url;

/// A host as the `url` crate reads it (WHATWG URL: lower case, punycode, addresses in any of their spellings), in the one
/// form in which two hosts can be compared: an IPv4 address inside an IPv6 one is that IPv4 address, and a name has no dot
/// at its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// A name for the resolver.
    Name(String),
    /// An address that was written out. It never reaches a resolver.
    Address(IpAddr),
}

impl Host {
    /// The host of an address; `None` for one that names none.
    pub fn of(url: &Url) -> Option<Self> {
        url.host().map(Host::from)
    }

    fn parse(text: &str) -> Option<Self> {
        let host = match url::Host::parse(text).ok()? {
            url::Host::Domain(name) => Host::from(url::Host::Domain(name.as_str())),
            url::Host::Ipv4(address) => Host::from(url::Host::<&str>::Ipv4(address)),
            url::Host::Ipv6(address) => Host::from(url::Host::<&str>::Ipv6(address)),
        };
        match &host {
            // The `url` crate lets labels without a letter pass.
            Host::Name(name) => name.split('.').all(|label| !label.is_empty()).then_some(host),
            Host::Address(_) => Some(host),
        }
    }
}

impl From<url::Host<&str>> for Host {
    fn from(host: url::Host<&str>) -> Self {
        match host {
            url::Host::Domain(name) => Host::Name(name.strip_suffix('.').unwrap_or(name).to_owned()),
            url::Host::Ipv4(address) => Host::Address(address.into()),
            url::Host::Ipv6(address) => Host::Address(IpAddr::V6(address).to_canonical()),
        }
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Address(IpAddr::V4(address)) => address.fmt(f),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Which hosts are meant: `hooks.example.com`, `*.example.com` (any name below it, and not itself), `192.0.2.7`,
/// `[2001:db8::7]`, each perhaps with a `:port`. Without one, the usual port of the address's scheme is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostPattern {
    host: Wanted,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Wanted {
    Exactly(Host),
    /// Everything below this name.
    Below(String),
}

/// A text that is no [`HostPattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHost {
    /// It says how to speak, or what to ask for, as well.
    #[error("a host stands without a scheme, a user and a path")]
    MoreThanAHost,
    /// An IPv6 address and a port could not be told apart.
    #[error("an IPv6 address stands in brackets: `[2001:db8::7]`")]
    NoBrackets,
    /// The port is no number from 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    Port,
    /// The star is somewhere else than in front, or what follows it is no name of two parts or more.
    #[error("`*.` stands before a name of at least two parts, as in `*.example.com`")]
    Star,
    /// Neither a name nor an address.
    #[error("this is neither a host name nor an address")]
    Host,
}

impl HostPattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, InvalidHost> {
        if text.contains(['/', '\\', '@', '?', '#']) {
            return Err(InvalidHost::MoreThanAHost);
        }
        if text.parse::<Ipv6Addr>().is_ok() {
            return Err(InvalidHost::NoBrackets);
        }
        let (host, port) = match text.rsplit_once(':') {
            // The last colon of an IPv6 address is inside of its brackets.
            Some((host, port)) if !port.contains(']') => (host, Some(number(port)?)),
            _ => (text, None),
        };
        let host = match host.strip_prefix("*.") {
            Some(parent) => match Host::parse(parent) {
                Some(Host::Name(name)) if name.contains('.') && !name.contains('*') => Wanted::Below(name),
                Some(_) | None => return Err(InvalidHost::Star),
            },
            None if host.contains('*') => return Err(InvalidHost::Star),
            None => Wanted::Exactly(Host::parse(host).ok_or(InvalidHost::Host)?),
        };
        Ok(HostPattern { host, port })
    }

    /// Whether the address is of such a host, at such a port.
    pub fn admits(&self, url: &Url) -> bool {
        let port = match self.port {
            // The `url` crate leaves the usual port of a scheme away.
            None => url.port().is_none(),
            Some(port) => url.port_or_known_default() == Some(port),
        };
        port && Host::of(url).is_some_and(|host| self.includes(&host))
    }

    /// Whether whatever the other one admits is admitted by this one too.
    pub fn covers(&self, other: &HostPattern) -> bool {
        let host = match &other.host {
            Wanted::Exactly(host) => self.includes(host),
            Wanted::Below(name) => match &self.host {
                Wanted::Exactly(_) => false,
                Wanted::Below(parent) => name == parent || is_below(name, parent),
            },
        };
        host && self.port == other.port
    }

    /// The name of the one host, if it is one that has to be looked up.
    pub fn name(&self) -> Option<&str> {
        match &self.host {
            Wanted::Exactly(Host::Name(name)) => Some(name),
            Wanted::Exactly(Host::Address(_)) | Wanted::Below(_) => None,
        }
    }

    /// Whether it is one host, and no pattern of several.
    pub fn is_one_host(&self) -> bool {
        matches!(self.host, Wanted::Exactly(_))
    }

    fn includes(&self, host: &Host) -> bool {
        match (&self.host, host) {
            (Wanted::Exactly(wanted), host) => wanted == host,
            (Wanted::Below(parent), Host::Name(name)) => is_below(name, parent),
            (Wanted::Below(_), Host::Address(_)) => false,
        }
    }
}

fn number(text: &str) -> Result<u16, InvalidHost> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0).ok_or(InvalidHost::Port)
}

fn is_below(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

impl std::fmt::Display for HostPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.host {
            Wanted::Exactly(host) => host.fmt(f)?,
            Wanted::Below(name) => write!(f, "*.{name}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> HostPattern {
        HostPattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn admits(text: &str, url: &str) -> bool {
        pattern(text).admits(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_pattern_reads_its_own_text() {
        for (text, written) in [
            ("Hooks.Example.COM", "hooks.example.com"),
            ("hooks.example.com.:8443", "hooks.example.com:8443"),
            ("*.Example.com", "*.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("192.0.2.7:80", "192.0.2.7:80"),
            ("0x7f.1", "127.0.0.1"),
            ("2130706433", "127.0.0.1"),
            ("[2001:DB8:0::7]:443", "[2001:db8::7]:443"),
            ("[::ffff:169.254.169.254]", "169.254.169.254"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(pattern(text).to_string(), written);
            assert_eq!(pattern(written), pattern(text));
        }
    }

    #[test]
    fn what_is_no_host_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", InvalidHost::Host),
            (".", InvalidHost::Host),
            ("a..b", InvalidHost::Host),
            ("*..example.com", InvalidHost::Star),
            ("https://example.com", InvalidHost::MoreThanAHost),
            ("example.com/hook", InvalidHost::MoreThanAHost),
            ("user@example.com", InvalidHost::MoreThanAHost),
            ("2001:db8::7", InvalidHost::NoBrackets),
            ("example.com:", InvalidHost::Port),
            ("example.com:+80", InvalidHost::Port),
            ("example.com:0", InvalidHost::Port),
            ("example.com:65536", InvalidHost::Port),
            ("*", InvalidHost::Star),
            ("*.com", InvalidHost::Star),
            ("a.*.com", InvalidHost::Star),
            ("*.*.example.com", InvalidHost::Star),
            ("*.0.0.1", InvalidHost::Star),
            ("exa mple.com", InvalidHost::Host),
            ("1.2.3.4.5", InvalidHost::Host),
            ("[::1", InvalidHost::Host),
        ] {
            assert_eq!(HostPattern::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn a_host_is_admitted_however_it_is_spelt() {
        for (text, url) in [
            ("hooks.example.com", "https://HOOKS.example.com/a"),
            ("hooks.example.com", "https://hooks.example.com.:443/"),
            ("hooks.example.com:443", "https://hooks.example.com/"),
            ("*.example.com", "https://a.b.example.com/"),
            ("127.0.0.1:80", "http://0x7f000001/"),
            ("169.254.169.254", "https://[::ffff:a9fe:a9fe]/"),
        ] {
            assert!(admits(text, url), "{text} {url}");
        }
        for (text, url) in [
            ("hooks.example.com", "https://hooks.example.com:8443/"),
            ("hooks.example.com:443", "http://hooks.example.com/"),
            ("hooks.example.com", "https://evil-hooks.example.com/"),
            ("*.example.com", "https://example.com/"),
            ("*.example.com", "https://evilexample.com/"),
            ("*.example.com", "https://example.com.evil.test/"),
            ("127.0.0.1", "https://127.0.0.1.example.com/"),
            ("169.254.169.254", "https://[::a9fe:a9fe]/"),
        ] {
            assert!(!admits(text, url), "{text} {url}");
        }
    }

    #[test]
    fn a_pattern_covers_what_is_narrower() {
        let covers = |wide: &str, narrow: &str| pattern(wide).covers(&pattern(narrow));
        assert!(covers("*.example.com", "a.example.com") && covers("*.example.com", "*.a.example.com"));
        assert!(covers("a.example.com:1", "a.example.com:1") && covers("*.example.com", "*.example.com"));
        assert!(!covers("*.example.com", "example.com") && !covers("a.example.com", "a.example.com:1"));
        assert!(!covers("a.example.com", "*.a.example.com") && !covers("*.a.example.com", "*.example.com"));
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_what_is_read_is_stable(text in "[*.:\\[\\]a-z0-9%ü-]{0,24}") {
            if let Ok(pattern) = HostPattern::parse(&text) {
                prop_assert_eq!(HostPattern::parse(&pattern.to_string()), Ok(pattern));
            }
        }

        #[test]
        fn an_address_is_the_same_in_both_families(address: u32) {
            let v4 = std::net::Ipv4Addr::from(address);
            let text = v4.to_string();
            let url = format!("https://[{}]/", v4.to_ipv6_mapped());
            prop_assert!(admits(&text, &url));
        }
    }
}
