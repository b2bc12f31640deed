use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::DomainStatistics,
    wire::Malformed,
};

/// Reads how common a domain is; its prevalence is 0 when Defender does not know it.
///
/// Source: "Get domain statistics API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-statistics>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetDomainStatistics {
    /// Host name.
    pub domain: String,
    /// How many hours to look back, at most 720, which is also the default.
    pub look_back_hours: Option<u32>,
}

impl Operation for GetDomainStatistics {
    type Answer = DomainStatistics;
    const NAME: &'static str = "get_domain_statistics";

    fn request(&self) -> RequestParts {
        RequestParts::get(["domains", &self.domain, "stats"])
            .optional_query("lookBackHours", self.look_back_hours)
    }

    fn decode(&self, answer: Value) -> Result<DomainStatistics, Malformed> {
        DomainStatistics::read(answer)
    }
}
