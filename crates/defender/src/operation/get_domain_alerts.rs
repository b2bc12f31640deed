use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Alert,
    wire::{Malformed, rows},
};

/// Reads the alerts that a domain is part of; none for a domain that Defender does not know.
///
/// Source: "Get domain related alerts API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-related-alerts>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetDomainAlerts {
    /// Host name.
    pub domain: String,
}

impl Operation for GetDomainAlerts {
    type Answer = Vec<Alert>;
    const NAME: &'static str = "get_domain_alerts";

    fn request(&self) -> RequestParts {
        RequestParts::get(["domains", &self.domain, "alerts"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Alert>, Malformed> {
        rows(answer, Alert::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
