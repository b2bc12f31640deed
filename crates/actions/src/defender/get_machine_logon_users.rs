//! `defender.get_machine_logon_users`

use crate::defender::entity::{Single, both, documents, user};
use crate::defender::shape::{self, machine_id, name, text};
use riposte_defender::GetMachineLogonUsers;
use riposte_model::{ActionSpec, Schema};

/// Reads who logged on to one device. Effect: `read`. Source: "Get machine logon users API".
pub(super) const ACTION: Single<GetMachineLogonUsers> = Single {
    spec,
    operation: |arguments| Ok(GetMachineLogonUsers { machine_id: text(arguments, "machine_id") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_machine_logon_users"),
        summary: "List who logged on to a device",
        arguments: Schema::object().required("machine_id", machine_id()),
        output: Schema::array(user()),
        permissions: both(&["User.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-log-on-users",
        ..shape::question()
    }
}
