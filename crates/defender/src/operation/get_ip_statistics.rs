use std::net::IpAddr;

use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::IpStatistics,
    wire::Malformed,
};

/// Reads how common an address is; its prevalence is 0 when Defender does not know it.
///
/// Source: "Get IP statistics API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-statistics>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetIpStatistics {
    /// The address.
    pub address: IpAddr,
    /// How many hours to look back, at most 720, which is also the default.
    pub look_back_hours: Option<u32>,
}

impl Operation for GetIpStatistics {
    type Answer = IpStatistics;
    const NAME: &'static str = "get_ip_statistics";

    fn request(&self) -> RequestParts {
        RequestParts::get(["ips", &self.address.to_string(), "stats"])
            .optional_query("lookBackHours", self.look_back_hours)
    }

    fn decode(&self, answer: Value) -> Result<IpStatistics, Malformed> {
        IpStatistics::read(answer)
    }
}
