//! Domains and addresses: who talked to them, and which alerts they are part of.

use std::net::IpAddr;

use serde_json::{Value as Json, json};

use super::{alerts, look_back, whole};
use crate::clock::stamp;
use crate::http::call::{Answered, Call, Done};
use crate::http::error::ApiError;
use crate::http::machines::READ as READ_MACHINES;
use crate::http::wire::{machine_json, with_context};
use crate::truth::Contact;

pub(super) const READ_DOMAINS: &[&str] = &["URL.Read.All"];
pub(super) const READ_IPS: &[&str] = &["Ip.Read.All"];
/// Most devices of a domain that are answered, as documented.
const MAX_DEVICES: usize = 500;

/// `GET /domains/{domain}/alerts`. None, if nobody knows the domain. Its page names the permission to write alone.
pub(super) fn domain_alerts(call: &mut Call<'_>, domain: &str) -> Answered {
    call.admit(alerts::WRITE)?;
    alerts::of(call, |alert| alert.domains().iter().any(|host| host.eq_ignore_ascii_case(domain)))
}

/// `GET /domains/{domain}/machines`. None, if nobody knows the domain.
pub(super) fn domain_machines(call: &mut Call<'_>, domain: &str) -> Answered {
    call.admit(READ_MACHINES)?;
    let talked = devices(call.state.entities.contacts().filter(|one| is_with(one, domain)));
    let devices = talked.into_iter().take(MAX_DEVICES).filter_map(|id| call.state.truth.device(id));
    Ok(whole(call, "Machines", devices.map(machine_json)))
}

/// `GET /domains/{domain}/stats`
pub(super) fn domain_statistics(call: &mut Call<'_>, domain: &str) -> Answered {
    call.admit(READ_DOMAINS)?;
    let body = statistics(call, json!({ "host": domain }), |one| is_with(one, domain))?;
    Ok(Done::read(with_context(call.base(), "microsoft.windowsDefenderATP.api.InOrgDomainStats", body)))
}

/// `GET /ips/{ip}/alerts`. None, if nobody knows the address.
pub(super) fn ip_alerts(call: &mut Call<'_>, ip: &str) -> Answered {
    call.admit(alerts::READ)?;
    let address = address(ip)?;
    alerts::of(call, |alert| alert.ips().iter().any(|known| known.parse() == Ok(address)))
}

/// `GET /ips/{ip}/stats`
pub(super) fn ip_statistics(call: &mut Call<'_>, ip: &str) -> Answered {
    call.admit(READ_IPS)?;
    let address = address(ip)?;
    let body = statistics(call, json!({ "ipAddress": ip }), |one| one.address.parse() == Ok(address))?;
    Ok(Done::read(with_context(call.base(), "microsoft.windowsDefenderATP.api.InOrgIPStats", body)))
}

fn is_with(contact: &Contact, domain: &str) -> bool {
    contact.domain.eq_ignore_ascii_case(domain)
}

fn address(text: &str) -> Result<IpAddr, ApiError> {
    text.parse().map_err(|_| ApiError::rejected("InvalidIpAddress", "The IP address is not valid."))
}

/// How common something is that devices talked to. Of what nobody knows the prevalence is 0.
fn statistics(call: &Call<'_>, mut body: Json, is_it: impl Fn(&Contact) -> bool) -> Result<Json, ApiError> {
    let since = call.now - look_back(call)?;
    let contacts: Vec<&Contact> =
        call.state.entities.contacts().filter(|one| is_it(one) && one.last >= since).collect();
    body["organizationPrevalence"] = devices(contacts.iter().copied()).len().into();
    body["orgFirstSeen"] = contacts.iter().map(|one| one.first).min().map(stamp).into();
    body["orgLastSeen"] = contacts.iter().map(|one| one.last).max().map(stamp).into();
    Ok(body)
}

/// The id of each device, once.
fn devices<'a>(contacts: impl Iterator<Item = &'a Contact>) -> Vec<&'a str> {
    let mut devices = Vec::new();
    for contact in contacts {
        if !devices.contains(&contact.device.as_str()) {
            devices.push(&contact.device);
        }
    }
    devices
}
