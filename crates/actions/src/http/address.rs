//! Which addresses a request may go to. Pure.
//!
//! What is not known to be public is refused: a step's address comes from a playbook, or from an alert, and this process
//! stands where others cannot reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address leads, in the registries' words (IANA special-purpose addresses: RFC 6890 and its updates).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The internet.
    Public,
    /// This machine, or a network that the internet does not reach.
    Inside(&'static str),
    /// The same link, where clouds serve their metadata and with it credentials. Only its own text stands for it.
    Link(&'static str),
    /// Nobody to speak to.
    Nowhere(&'static str),
}

/// How far a name may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// To the internet.
    Public,
    /// Inside too.
    Inside,
    /// To the link too. For addresses that are written out, never for names: whoever owns a name chooses its address.
    Link,
}

/// Why an address is not spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address}, {what}")]
pub(super) struct OutOfReach {
    pub(super) address: IpAddr,
    pub(super) what: &'static str,
    /// Whether listing the host would let it be.
    pub(super) may_be_listed: bool,
}

impl Reach {
    /// The address, if it is within reach.
    pub(super) fn check(self, address: IpAddr) -> Result<(), OutOfReach> {
        let (what, needed) = match place(address) {
            Place::Public => return Ok(()),
            Place::Inside(what) => (what, Reach::Inside),
            Place::Link(what) => (what, Reach::Link),
            Place::Nowhere(what) => return Err(OutOfReach { address, what, may_be_listed: false }),
        };
        if self >= needed { Ok(()) } else { Err(OutOfReach { address, what, may_be_listed: true }) }
    }
}

/// Where an address leads. What carries an IPv4 address inside leads where that one does.
pub(super) fn place(address: IpAddr) -> Place {
    match address {
        IpAddr::V4(address) => place_v4(address),
        IpAddr::V6(address) => place_v6(address),
    }
}

const METADATA: &str = "a cloud's metadata address";

fn place_v4(address: Ipv4Addr) -> Place {
    match address.octets() {
        // Azure's and Alibaba's are not where one would look for them.
        [168, 63, 129, 16] | [100, 100, 100, 200] | [169, 254, 169, 254] => Place::Link(METADATA),
        [0, ..] => Place::Nowhere("an unspecified address"),
        [127, ..] => Place::Inside("a loopback address"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Place::Inside("a private address"),
        [100, 64..=127, ..] => Place::Inside("an address of a carrier's shared network"),
        [198, 18..=19, ..] => Place::Inside("an address for benchmarks"),
        [169, 254, ..] => Place::Link("a link-local address"),
        [224..=239, ..] => Place::Nowhere("a multicast address"),
        [255, 255, 255, 255] => Place::Nowhere("the broadcast address"),
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] | [240..=255, ..] => {
            Place::Nowhere("a reserved address")
        }
        _ => Place::Public,
    }
}

fn place_v6(address: Ipv6Addr) -> Place {
    if let Some(inside) = address.to_ipv4_mapped() {
        return place_v4(inside);
    }
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        place_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Place::Nowhere("an unspecified address"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Place::Inside("a loopback address"),
        // Amazon's and Google's.
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] | [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254] => {
            Place::Link(METADATA)
        }
        // NAT64 (RFC 6052): a network without IPv4 reaches all of it so. 6to4 (RFC 3056).
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => v4(high, low),
        [0x0064, 0xff9b, 1, ..] => Place::Inside("a local translation of an IPv4 address"),
        [0xfc00..=0xfdff, ..] => Place::Inside("a private address"),
        [0xfec0..=0xfeff, ..] => Place::Inside("a site-local address"),
        [0xfe80..=0xfebf, ..] => Place::Link("a link-local address"),
        [0xff00..=0xffff, ..] => Place::Nowhere("a multicast address"),
        // IETF's own (Teredo among them), documentation.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => {
            Place::Nowhere("a reserved address")
        }
        [0x2000..=0x3fff, ..] => Place::Public,
        _ => Place::Nowhere("a reserved address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Place {
        place(text.parse().unwrap())
    }

    #[test]
    fn each_special_address_is_known_from_its_first_to_its_last() {
        let inside = ["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0"];
        let inside = inside.iter().chain(&["192.168.255.255", "127.0.0.1", "127.255.255.255", "::1"]);
        let inside = inside.chain(&["100.64.0.0", "100.127.255.255", "198.18.0.0", "198.19.255.255"]);
        for text in inside.chain(&["fc00::", "fdff::1", "fec0::1", "64:ff9b:1::1", "64:ff9b::a00:1"]) {
            assert!(matches!(at(text), Place::Inside(_)), "{text}");
        }
        let link = ["169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "febf::1"];
        for text in link.iter().chain(&[
            "168.63.129.16",
            "100.100.100.200",
            "fd00:ec2::254",
            "fd20:ce::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ]) {
            assert!(matches!(at(text), Place::Link(_)), "{text}");
        }
        let nowhere = ["0.0.0.0", "0.255.255.255", "224.0.0.1", "239.255.255.255", "255.255.255.255"];
        for text in nowhere.iter().chain(&[
            "240.0.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "192.88.99.1",
            "::",
            "::2",
            "::7f00:1",
            "ff02::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "4000::1",
            "64:ff9b::e000:1",
        ]) {
            assert!(matches!(at(text), Place::Nowhere(_)), "{text}");
        }
        let public = ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.0.0.1"];
        for text in public.iter().chain(&[
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "198.17.0.1",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2600::1",
            "3ffe::1",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ]) {
            assert_eq!(at(text), Place::Public, "{text}");
        }
    }

    #[test]
    fn a_reach_holds_what_is_nearer_and_never_what_nobody_answers_at() {
        let within = |reach: Reach, text: &str| reach.check(text.parse().unwrap()).is_ok();
        for (text, nearest) in [
            ("1.1.1.1", Some(Reach::Public)),
            ("10.0.0.1", Some(Reach::Inside)),
            ("169.254.169.254", Some(Reach::Link)),
            ("0.0.0.0", None),
        ] {
            for reach in [Reach::Public, Reach::Inside, Reach::Link] {
                assert_eq!(within(reach, text), nearest.is_some_and(|nearest| reach >= nearest), "{text}");
            }
        }
        let refused = Reach::Public.check([10, 0, 0, 1].into()).unwrap_err();
        assert_eq!(refused.to_string(), "10.0.0.1, a private address");
    }

    proptest! {
        #[test]
        fn an_address_inside_another_is_never_farther_than_itself(address: u32) {
            let v4 = Ipv4Addr::from(address);
            let [a, b, c, d] = v4.octets().map(u16::from);
            let (high, low) = (a << 8 | b, c << 8 | d);
            prop_assert_eq!(place(v4.to_ipv6_mapped().into()), place(v4.into()));
            for carrier in [
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            ] {
                prop_assert_eq!(place(carrier.into()), place(v4.into()));
            }
            prop_assert_ne!(place(v4.to_ipv6_compatible().into()), Place::Public);
        }

        /// The standard library's own words for what is not public, held against ours.
        #[test]
        fn whatever_the_standard_library_calls_special_is_not_public(v4: u32, v6: u128) {
            let v4 = Ipv4Addr::from(v4);
            let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
                || v4.is_unspecified() || v4.is_broadcast() || v4.is_documentation();
            prop_assert!(!special || place(v4.into()) != Place::Public);
            for v6 in [v6, v6 | 0xfc << 120, v6 >> 10 | 0xfe80 << 112, v6 | 0xff << 120, v6 >> 3] {
                let v6 = Ipv6Addr::from(v6);
                let special = v6.is_loopback() || v6.is_multicast() || v6.is_unspecified()
                    || v6.is_unique_local() || v6.is_unicast_link_local();
                prop_assert!(!special || place(v6.into()) != Place::Public);
                prop_assert!(v6.segments()[0] >> 13 == 1 || v6.segments()[0] == 0x64
                    || v6.to_ipv4_mapped().is_some() || place(v6.into()) != Place::Public);
            }
        }
    }
}
