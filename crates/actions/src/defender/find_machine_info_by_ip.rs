//! `defender.find_machine_info_by_ip`

use crate::defender::entity::{Single, address, address_around, documents, machine, timestamp};
use crate::defender::shape::{self, name};
use riposte_defender::FindMachineInfoByIp;
use riposte_model::{ActionSpec, Permissions, Schema};

/// Reads the devices that had an internal address within 16 minutes of a moment, by the older of two operations.
/// Defender answers with `not_found` when there is none, and so does a tenant that does not know the operation any
/// more: prefer `defender.find_machines_by_ip`. The page gives no limit, so it counts with all others. Effect: `read`.
/// Source: "Find device information by internal IP API".
pub(super) const ACTION: Single<FindMachineInfoByIp> = Single {
    spec,
    operation: |arguments| {
        Ok(FindMachineInfoByIp { address: address(arguments)?, moment: timestamp(arguments)? })
    },
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("find_machine_info_by_ip"),
        summary: "List the devices that had an address, by an older operation: prefer find_machines_by_ip",
        arguments: address_around(16),
        output: Schema::array(machine()),
        permissions: Permissions {
            application: &["Machine.Read.All", "Machine.ReadWrite.All"],
            // The page has none.
            delegated: &[],
        },
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/find-machine-info-by-ip",
        ..shape::question()
    }
}
