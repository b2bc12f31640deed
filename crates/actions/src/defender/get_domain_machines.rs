//! `defender.get_domain_machines`

use crate::defender::entity::{Single, documents, domain, machine};
use crate::defender::shape::{self, name, text};
use riposte_defender::GetDomainMachines;
use riposte_model::{ActionSpec, Schema};

/// Reads the devices that communicated with a domain: Defender gives at most 500, and none for a domain that it does
/// not know. Effect: `read`. Source: "Get domain related machines API".
pub(super) const ACTION: Single<GetDomainMachines> = Single {
    spec,
    operation: |arguments| Ok(GetDomainMachines { domain: text(arguments, "domain") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_domain_machines"),
        summary: "List the devices that communicated with a domain, at most 500 of them",
        arguments: Schema::object().required("domain", domain()),
        output: Schema::array(machine()),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-related-machines",
        ..shape::question()
    }
}
