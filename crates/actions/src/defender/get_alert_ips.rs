//! `defender.get_alert_ips`

use crate::defender::entity::{Single, alert_id, both, documents};
use crate::defender::shape::{self, name, text};
use riposte_defender::GetAlertIps;
use riposte_model::{ActionSpec, Schema};

/// Reads the addresses that an alert is about. Effect: `read`. Source: "Get alert related IPs' information API".
pub(super) const ACTION: Single<GetAlertIps> = Single {
    spec,
    operation: |arguments| Ok(GetAlertIps { alert_id: text(arguments, "alert_id") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_alert_ips"),
        summary: "List the IP addresses that an alert is about",
        arguments: Schema::object().required("alert_id", alert_id()),
        output: Schema::array(Schema::object().required("id", Schema::string().described("the address"))),
        permissions: both(&["Ip.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-ip-info",
        ..shape::question()
    }
}
