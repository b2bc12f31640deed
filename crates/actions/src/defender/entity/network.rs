//! What domains and addresses look like, asked for and answered.

use super::{moment, words};
use crate::defender::shape::text;
use crate::defender::{Arguments, shape};
use chrono::{DateTime, Utc};
use riposte_defender::{Error, InvalidRequest};
use riposte_model::{Format, Schema};
use std::net::IpAddr;

/// A domain by its host name.
pub(in crate::defender) fn domain() -> Schema {
    shape::like("^[0-9A-Za-z_](?:[0-9A-Za-z._-]{0,251}[0-9A-Za-z])?$")
        .described("host name, without scheme and path; an international one in its `xn--` form")
}

/// An address of either version.
pub(in crate::defender) fn ip_address() -> Schema {
    words(45).described("version 4 or 6")
}

/// The arguments of a search for the device that had an address at a moment, give or take these minutes.
pub(in crate::defender) fn address_around(minutes: u32) -> Schema {
    let within = format!("within {minutes} minutes; at most 30 days ago");
    Schema::object()
        .required("ip_address", words(45).described("internal address, version 4 or 6"))
        .required("timestamp", Schema::formatted(Format::DateTime).described(&within))
}

/// The argument `ip_address`.
pub(in crate::defender) fn address(arguments: &Arguments) -> Result<IpAddr, Error> {
    text(arguments, "ip_address").parse().map_err(|_| wrong("ip_address", "an ip address"))
}

/// The argument `timestamp`.
pub(in crate::defender) fn timestamp(arguments: &Arguments) -> Result<DateTime<Utc>, Error> {
    moment(arguments, "timestamp").ok_or_else(|| wrong("timestamp", "a time"))
}

fn wrong(name: &'static str, expected: &'static str) -> Error {
    Error::Invalid(InvalidRequest::Value { name, expected })
}

/// How common a domain is.
pub(in crate::defender) fn domain_statistics() -> Schema {
    seen(Schema::object().required("host", Schema::string()))
}

/// How common an address is.
pub(in crate::defender) fn ip_statistics() -> Schema {
    seen(Schema::object().required("ipAddress", Schema::string()))
}

fn seen(named: Schema) -> Schema {
    named
        .optional(
            "organizationPrevalence",
            Schema::integer().or_null().described("devices that were seen with it; 0 if it is not known"),
        )
        .optional("orgFirstSeen", Schema::string().or_null())
        .optional("orgLastSeen", Schema::string().or_null())
}
