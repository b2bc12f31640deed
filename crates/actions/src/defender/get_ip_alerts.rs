//! `defender.get_ip_alerts`

use crate::defender::entity::{ALERT_READ, Single, address, alert, documents, ip_address};
use crate::defender::shape::{self, name};
use riposte_defender::GetIpAlerts;
use riposte_model::{ActionSpec, Schema};

/// Reads the alerts that an address is part of; none for an address that Defender does not know. Effect: `read`.
/// Source: "Get IP related alerts API".
pub(super) const ACTION: Single<GetIpAlerts> = Single {
    spec,
    operation: |arguments| Ok(GetIpAlerts { address: address(arguments)? }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_ip_alerts"),
        summary: "List the alerts that an IP address is part of",
        arguments: Schema::object().required("ip_address", ip_address()),
        output: Schema::array(alert()),
        permissions: ALERT_READ,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-related-alerts",
        ..shape::question()
    }
}
