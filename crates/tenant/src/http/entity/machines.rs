//! Finding machines, and their alerts.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use url::form_urlencoded::parse;

use super::{alerts, whole};
use crate::http::call::{Answered, Call};
use crate::http::error::ApiError;
use crate::http::machines::{READ, no_device};
use crate::http::wire::machine_json;
use crate::truth::Device;

/// How old the moment may be, as documented.
const REACH: TimeDelta = TimeDelta::days(30);

/// `GET /machines/findbyip(ip='{ip}',timestamp={time})`, within 15 minutes.
pub(super) fn find_by_ip(call: &mut Call<'_>, segment: &str) -> Answered {
    call.admit(READ)?;
    let found = around(call, arguments(segment, "ip")?, TimeDelta::minutes(15))?;
    Ok(whole(call, "Machines", found.into_iter().map(machine_json)))
}

/// `GET /machines/find(timestamp={time},key='{ip}')`, the older of the two, within 16 minutes: 404 where there is none.
pub(super) fn find_info(call: &mut Call<'_>, segment: &str) -> Answered {
    call.admit(READ)?;
    let found = around(call, arguments(segment, "key")?, TimeDelta::minutes(16))?;
    if found.is_empty() {
        return Err(ApiError::no_resource("No machine had this address at this time."));
    }
    Ok(whole(call, "Machines", found.into_iter().map(machine_json)))
}

/// The devices that had an address within a time of a moment. A device of this tenant has had its one address all the
/// time.
fn around<'a>(
    call: &'a Call<'_>,
    (address, moment): (IpAddr, DateTime<Utc>),
    within: TimeDelta,
) -> Result<Vec<&'a Device>, ApiError> {
    if moment < call.now - REACH {
        return Err(ApiError::bad_request("The timestamp is more than 30 days ago."));
    }
    let had = |device: &&Device| {
        let until = if device.online { call.now } else { device.last_seen };
        device.address.parse() == Ok(address)
            && device.first_seen - within <= moment
            && moment <= until + within
    };
    Ok(call.state.truth.devices().iter().filter(had).collect())
}

/// The address, by its name, and the time of a call like `findbyip(ip='10.0.0.1',timestamp=2019-09-22T08:44:05Z)`.
fn arguments(segment: &str, name: &str) -> Result<(IpAddr, DateTime<Utc>), ApiError> {
    let inner = segment.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or_default();
    let argument = |wanted: &str| {
        let mut pairs = inner.split(',').filter_map(|argument| argument.split_once('='));
        let found = pairs.find(|(known, _)| known.trim().eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim()).ok_or_else(|| ApiError::missing_parameter(wanted))
    };
    let quoted = argument(name)?.strip_prefix('\'').and_then(|ip| ip.strip_suffix('\''));
    let address = quoted.and_then(|ip| ip.parse().ok());
    let address = address.ok_or_else(|| {
        ApiError::rejected("InvalidIpAddress", format!("'{name}' must be an IP address in quotes."))
    })?;
    let moment = DateTime::parse_from_rfc3339(argument("timestamp")?)
        .map_err(|_| ApiError::invalid_input("'timestamp' must be a time such as 2019-09-22T08:44:05Z."))?;
    Ok((address, moment.to_utc()))
}

/// `GET /machines/findbytag?tag={tag}&useStartsWithFilter={true/false}`
pub(super) fn find_by_tag(call: &mut Call<'_>) -> Answered {
    call.admit(READ)?;
    let option = |name: &str| {
        let found = parse(call.query().as_bytes()).find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.into_owned())
    };
    let tag = option("tag").filter(|tag| !tag.is_empty());
    let tag = tag.ok_or_else(|| ApiError::missing_parameter("tag"))?;
    let prefix = match option("useStartsWithFilter").as_deref() {
        None => false,
        Some(text) if text.eq_ignore_ascii_case("true") => true,
        Some(text) if text.eq_ignore_ascii_case("false") => false,
        Some(_) => return Err(ApiError::invalid_input("'useStartsWithFilter' must be true or false.")),
    };
    let fits = |known: &String| if prefix { known.starts_with(&tag) } else { *known == tag };
    let devices = call.state.truth.devices().iter().filter(|device| device.tags.iter().any(fits));
    Ok(whole(call, "Machines", devices.map(machine_json)))
}

/// `GET /machines/{id}/alerts`
pub(super) fn alerts(call: &mut Call<'_>, key: &str) -> Answered {
    call.admit(alerts::READ)?;
    let device = find(call, key)?.id.clone();
    alerts::of(call, |alert| alert.device == device)
}

pub(super) fn find<'a>(call: &'a Call<'_>, key: &str) -> Result<&'a Device, ApiError> {
    call.state.truth.device(key).ok_or_else(|| no_device(key))
}
