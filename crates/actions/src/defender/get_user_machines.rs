//! `defender.get_user_machines`

use crate::defender::entity::{MACHINE_WRITE, Single, documents, machine, user_name};
use crate::defender::shape::{self, name, text};
use riposte_defender::GetUserMachines;
use riposte_model::{ActionSpec, Schema};

/// Reads the devices that a user logged on to. Effect: `read`. Source: "Get user related machines API".
pub(super) const ACTION: Single<GetUserMachines> = Single {
    spec,
    operation: |arguments| Ok(GetUserMachines { user: text(arguments, "user_name") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_user_machines"),
        summary: "List the devices that a user logged on to",
        arguments: Schema::object().required("user_name", user_name()),
        output: Schema::array(machine()),
        permissions: MACHINE_WRITE,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-user-related-machines",
        ..shape::question()
    }
}
