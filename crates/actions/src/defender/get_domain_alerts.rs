//! `defender.get_domain_alerts`

use crate::defender::entity::{ALERT_WRITE, Single, alert, documents, domain};
use crate::defender::shape::{self, name, text};
use riposte_defender::GetDomainAlerts;
use riposte_model::{ActionSpec, Schema};

/// Reads the alerts that a domain is part of; none for a domain that Defender does not know. The page names the
/// permission to write alone. Effect: `read`. Source: "Get domain related alerts API".
pub(super) const ACTION: Single<GetDomainAlerts> = Single {
    spec,
    operation: |arguments| Ok(GetDomainAlerts { domain: text(arguments, "domain") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_domain_alerts"),
        summary: "List the alerts that a domain is part of",
        arguments: Schema::object().required("domain", domain()),
        output: Schema::array(alert()),
        permissions: ALERT_WRITE,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-related-alerts",
        ..shape::question()
    }
}
