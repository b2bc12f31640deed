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

/// Reads the devices that had an internal address within 16 minutes of a moment, by the older of two operations.
/// `NotFound` when there is none; [`FindMachinesByIp`](crate::FindMachinesByIp) answers with an empty list.
///
/// The moment may be at most 30 days ago. The page's own example calls a host of the preview, so that a tenant which
/// does not know the operation any more answers `NotFound` too.
///
/// Source: "Find device information by internal IP API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/find-machine-info-by-ip>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindMachineInfoByIp {
    /// The address.
    pub address: IpAddr,
    /// When.
    pub moment: DateTime<Utc>,
}

impl Operation for FindMachineInfoByIp {
    type Answer = Vec<Machine>;
    const NAME: &'static str = "find_machine_info_by_ip";

    fn request(&self) -> RequestParts {
        let call = format!("find(timestamp={},key='{}')", literal(self.moment), self.address);
        RequestParts::get(["machines", &call])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Machine>, Malformed> {
        rows(answer, Machine::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
