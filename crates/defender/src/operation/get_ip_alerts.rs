use std::net::IpAddr;

use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Alert,
    wire::{Malformed, rows},
};

/// Reads the alerts that an address is part of; none for an address that Defender does not know.
///
/// Source: "Get IP related alerts API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-related-alerts>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetIpAlerts {
    /// The address.
    pub address: IpAddr,
}

impl Operation for GetIpAlerts {
    type Answer = Vec<Alert>;
    const NAME: &'static str = "get_ip_alerts";

    fn request(&self) -> RequestParts {
        RequestParts::get(["ips", &self.address.to_string(), "alerts"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Alert>, Malformed> {
        rows(answer, Alert::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
