//! `defender.get_alert_domains`

use crate::defender::entity::{Single, alert_id, both, documents};
use crate::defender::shape::{self, name, text};
use riposte_defender::GetAlertDomains;
use riposte_model::{ActionSpec, Schema};

/// Reads the domains that an alert is about. Effect: `read`. Source: "Get alert related domain information API".
pub(super) const ACTION: Single<GetAlertDomains> = Single {
    spec,
    operation: |arguments| Ok(GetAlertDomains { alert_id: text(arguments, "alert_id") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_alert_domains"),
        summary: "List the domains that an alert is about",
        arguments: Schema::object().required("alert_id", alert_id()),
        output: Schema::array(Schema::object().required("host", Schema::string())),
        permissions: both(&["URL.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-domain-info",
        ..shape::question()
    }
}
