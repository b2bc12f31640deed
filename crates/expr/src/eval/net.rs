//! IP addresses and networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::eval::fault::Fault;
use crate::eval::value::{Text, Val};
use crate::function::{Function, Net};
use crate::text::shown;

/// An address with the length of its network's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cidr {
    address: IpAddr,
    prefix: u8,
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Cidr {
    /// The network's own address: the bits behind the prefix are 0.
    fn masked(self) -> Cidr {
        Cidr { address: mask(self.address, self.prefix), ..self }
    }

    fn contains(self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4()
            && mask(address, self.prefix) == mask(self.address, self.prefix)
    }
}

fn mask(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

/// Reads an address: no zone, and no IPv4 address written inside an IPv6 one. One that is mapped all the same
/// (`::ffff:c0a8:1`) is the IPv4 address that it stands for, so that nothing slips past a check of networks.
pub(crate) fn parse_ip(text: &str) -> Result<IpAddr, Fault> {
    if text.contains('%') {
        return Err(Fault::evaluation(format!("`{}` has a zone, which is not taken here", shown(text))));
    }
    if text.contains(':') && text.contains('.') {
        let message = format!("`{}` is an IPv4 address inside an IPv6 one", shown(text));
        return Err(Fault::evaluation(message).with_help("write the IPv4 address alone"));
    }
    let address: IpAddr =
        text.parse().map_err(|_| Fault::evaluation(format!("`{}` is no IP address", shown(text))))?;
    Ok(address.to_canonical())
}

/// Reads an address, a slash and the length of the prefix.
pub(crate) fn parse_cidr(text: &str) -> Result<Cidr, Fault> {
    let wrong = || {
        Fault::evaluation(format!("`{}` is no CIDR", shown(text)))
            .with_help("write it like \"10.0.0.0/8\" or \"2001:db8::/32\"")
    };
    let (before, digits) = text.split_once('/').ok_or_else(wrong)?;
    let address = parse_ip(before)?;
    // A prefix of the mapped form would count other bits.
    if before.contains(':') && address.is_ipv4() {
        return Err(wrong());
    }
    let most = if address.is_ipv4() { 32 } else { 128 };
    let plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    let prefix = digits.parse().ok().filter(|prefix| plain && *prefix <= most).ok_or_else(wrong)?;
    Ok(Cidr { address, prefix })
}

/// One function of addresses and networks.
pub(crate) fn call<'a>(function: Net, operands: &[Val<'a>]) -> Result<Val<'a>, Fault> {
    Ok(match (function, operands) {
        (Net::Ip, [Val::String(text)]) => Val::Ip(parse_ip(text)?),
        (Net::IsIp, [Val::String(text)]) => Val::Bool(parse_ip(text).is_ok()),
        (Net::IsCanonical, [Val::String(text)]) => Val::Bool(parse_ip(text)?.to_string() == **text),
        (Net::Cidr, [Val::String(text)]) => Val::Cidr(parse_cidr(text)?),
        (Net::IsCidr, [Val::String(text)]) => Val::Bool(parse_cidr(text).is_ok()),
        (Net::ContainsIp, [Val::Cidr(network), address]) => match address {
            Val::Ip(address) => Val::Bool(network.contains(*address)),
            Val::String(text) => Val::Bool(network.contains(parse_ip(text)?)),
            other => return Err(mismatch(function, other)),
        },
        (Net::ContainsCidr, [Val::Cidr(network), inner]) => {
            let inner = match inner {
                Val::Cidr(inner) => *inner,
                Val::String(text) => parse_cidr(text)?,
                other => return Err(mismatch(function, other)),
            };
            Val::Bool(inner.prefix >= network.prefix && network.contains(inner.address))
        }
        (Net::AddressOf, [Val::Cidr(network)]) => Val::Ip(network.address),
        (Net::Masked, [Val::Cidr(network)]) => Val::Cidr(network.masked()),
        (Net::PrefixLength, [Val::Cidr(network)]) => Val::Int(i64::from(network.prefix)),
        (_, [Val::Ip(address)]) => about(function, *address)?,
        (_, [other, ..]) => return Err(mismatch(function, other)),
        (_, []) => return Err(Fault::evaluation("an argument is missing")),
    })
}

fn about<'a>(function: Net, address: IpAddr) -> Result<Val<'a>, Fault> {
    Ok(match function {
        Net::Family => Val::Int(if address.is_ipv4() { 4 } else { 6 }),
        Net::IsUnspecified => Val::Bool(address.is_unspecified()),
        Net::IsLoopback => Val::Bool(address.is_loopback()),
        Net::IsGlobalUnicast => Val::Bool(is_global_unicast(address)),
        Net::IsLinkLocalMulticast => Val::Bool(match address {
            IpAddr::V4(address) => matches!(address.octets(), [224, 0, 0, _]),
            IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
        }),
        Net::IsLinkLocalUnicast => Val::Bool(is_link_local(address)),
        _ => return Err(mismatch(function, &Val::Ip(address))),
    })
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// An address of one machine that is neither the machine itself nor its own link; private ones count.
fn is_global_unicast(address: IpAddr) -> bool {
    let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || is_link_local(address)
        || broadcast)
}

fn mismatch(function: Net, value: &Val<'_>) -> Fault {
    let function = Function::Net(function);
    Fault::wrong_type(format!("`{}` does not take {}", function.name(), value.describe()))
}

/// As `string(x)` writes it.
pub(crate) fn to_text<'a>(shown: impl std::fmt::Display) -> Text<'a> {
    Text::Made(shown.to_string().into())
}
