use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::Machine,
    wire::{Malformed, rows},
};

/// Reads the devices that communicated with a domain: at most 500, and none for a domain that Defender does not know.
///
/// Source: "Get domain related machines API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-related-machines>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetDomainMachines {
    /// Host name.
    pub domain: String,
}

impl Operation for GetDomainMachines {
    type Answer = Vec<Machine>;
    const NAME: &'static str = "get_domain_machines";

    fn request(&self) -> RequestParts {
        RequestParts::get(["domains", &self.domain, "machines"])
    }

    fn decode(&self, answer: Value) -> Result<Vec<Machine>, Malformed> {
        rows(answer, Machine::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}
