//! `defender.find_machines_by_ip`

use crate::defender::entity::{Single, address, address_around, documents, machine, timestamp};
use crate::defender::shape::{self, name};
use riposte_defender::FindMachinesByIp;
use riposte_model::{ActionSpec, Schema};

/// Reads the devices that had an internal address within 15 minutes of a moment. Effect: `read`. Source: "Find devices by internal IP API".
pub(super) const ACTION: Single<FindMachinesByIp> = Single {
    spec,
    operation: |arguments| {
        Ok(FindMachinesByIp { address: address(arguments)?, moment: timestamp(arguments)? })
    },
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("find_machines_by_ip"),
        summary: "List the devices that had an internal address around a moment",
        arguments: address_around(15),
        output: Schema::array(machine()),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/find-machines-by-ip",
        ..shape::question()
    }
}
