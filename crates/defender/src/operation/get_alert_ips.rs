use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Ip,
    wire::{Malformed, rows},
};

/// Reads the addresses that an alert is about.
///
/// Source: "Get alert related IPs' information API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-ip-info>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAlertIps {
    /// Id of the alert.
    pub alert_id: String,
}

impl Operation for GetAlertIps {
    type Answer = Vec<Ip>;
    const NAME: &'static str = "get_alert_ips";

    fn request(&self) -> RequestParts {
        RequestParts::get(["alerts", &self.alert_id, "ips"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Ip>, Malformed> {
        rows(answer, Ip::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
