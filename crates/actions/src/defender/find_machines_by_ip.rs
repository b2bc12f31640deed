//! `defender.find_machines_by_ip`

use crate::defender::entity::{Single, documents, machine, moment, words};
use crate::defender::shape::{self, name, text};
use riposte_defender::{Error, FindMachinesByIp, InvalidRequest};
use riposte_model::{ActionSpec, Format, Schema};

/// Reads the devices that had an internal address within 15 minutes of a moment. Effect: `read`. Source: "Find devices by internal IP API".
pub(super) const ACTION: Single<FindMachinesByIp> = Single {
    spec,
    operation: |arguments| {
        let wrong = |name, expected| Error::Invalid(InvalidRequest::Value { name, expected });
        Ok(FindMachinesByIp {
            address: text(arguments, "ip_address")
                .parse()
                .map_err(|_| wrong("ip_address", "an ip address"))?,
            moment: moment(arguments, "timestamp").ok_or_else(|| wrong("timestamp", "a time"))?,
        })
    },
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("find_machines_by_ip"),
        summary: "List the devices that had an internal address around a moment",
        arguments: Schema::object()
            .required("ip_address", words(45).described("internal address, version 4 or 6"))
            .required(
                "timestamp",
                Schema::formatted(Format::DateTime).described("within 15 minutes; at most 30 days ago"),
            ),
        output: Schema::array(machine()),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/find-machines-by-ip",
        ..shape::question()
    }
}
