//! The functions that CEL does not have and responders need.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sha2::{Digest, Sha256};

use crate::eval::fault::Fault;
use crate::eval::value::Val;
use crate::text::shown;

/// Whether an address is one of these: private (RFC 1918), shared (RFC 6598), loopback, link-local, unspecified, or unique
/// local (RFC 4193). An IPv4 address that is mapped into IPv6 (`::ffff:a.b.c.d`) counts as itself. Other addresses that the
/// public internet does not route (documentation, benchmarks, multicast) are not private.
pub(crate) fn is_private_ip(text: &str) -> Result<Val<'static>, Fault> {
    let address: IpAddr =
        text.parse().map_err(|_| Fault::evaluation(format!("`{}` is no IP address", shown(text))))?;
    Ok(is_private(address))
}

/// The same of an address that has been read.
pub(crate) fn is_private(address: IpAddr) -> Val<'static> {
    Val::Bool(match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(|| is_private_v6(address), is_private_v4),
    })
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let shared = first == 100 && second & 0b1100_0000 == 64;
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || shared
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
}

/// The text with everything but RFC 3986's unreserved characters percent-encoded.
pub(crate) fn url_encode(text: &str) -> Val<'static> {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Val::text(encoded)
}

/// The SHA-256 of the text's UTF-8 bytes, in lowercase hexadecimal digits.
pub(crate) fn sha256(text: &str) -> Val<'static> {
    use std::fmt::Write as _;
    let mut digest = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    Val::text(digest)
}
