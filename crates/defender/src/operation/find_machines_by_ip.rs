use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    odata::literal,
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Machine,
    wire::{Malformed, rows},
};

/// Reads the devices that had an internal address within 15 minutes of a moment.
///
/// The moment may be at most 30 days ago.
///
/// Source: "Find devices by internal IP API", <https://learn.microsoft.com/en-us/defender-endpoint/api/find-machines-by-ip>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindMachinesByIp {
    /// The address.
    pub address: IpAddr,
    /// When.
    pub moment: DateTime<Utc>,
}

impl Operation for FindMachinesByIp {
    type Answer = Vec<Machine>;
    const NAME: &'static str = "find_machines_by_ip";

    fn request(&self) -> RequestParts {
        let call = format!("findbyip(ip='{}',timestamp={})", self.address, literal(self.moment));
        RequestParts::get(["machines", &call])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Machine>, Malformed> {
        rows(answer, Machine::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
