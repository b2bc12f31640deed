use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Domain,
    wire::{Malformed, rows},
};

/// Reads the domains that an alert is about.
///
/// Source: "Get alert related domain information API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-domain-info>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAlertDomains {
    /// Id of the alert.
    pub alert_id: String,
}

impl Operation for GetAlertDomains {
    type Answer = Vec<Domain>;
    const NAME: &'static str = "get_alert_domains";

    fn request(&self) -> RequestParts {
        RequestParts::get(["alerts", &self.alert_id, "domains"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Domain>, Malformed> {
        rows(answer, Domain::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
