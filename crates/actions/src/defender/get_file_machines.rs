//! `defender.get_file_machines`

use crate::defender::entity::{Single, documents, machine, sha1};
use crate::defender::shape::{self, name, text};
use riposte_defender::GetFileMachines;
use riposte_model::{ActionSpec, Schema};

/// Reads the devices that a file was seen on. Effect: `read`. Source: "Get file related machines API".
pub(super) const ACTION: Single<GetFileMachines> = Single {
    spec,
    operation: |arguments| Ok(GetFileMachines { sha1: text(arguments, "sha1") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_file_machines"),
        summary: "List the devices that a file was seen on",
        arguments: Schema::object().required("sha1", sha1()),
        output: Schema::array(machine()),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-related-machines",
        ..shape::question()
    }
}
