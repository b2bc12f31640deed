//! `defender.get_domain_statistics`

use crate::defender::entity::{Single, both, domain, domain_statistics, look_back, look_back_hours};
use crate::defender::shape::{self, name, text, without_annotations};
use riposte_defender::GetDomainStatistics;
use riposte_model::{ActionSpec, Schema};

/// Reads how common a domain is; its prevalence is 0 when Defender does not know it. Effect: `read`. Source: "Get
/// domain statistics API".
pub(super) const ACTION: Single<GetDomainStatistics> = Single {
    spec,
    operation: |arguments| {
        Ok(GetDomainStatistics {
            domain: text(arguments, "domain"),
            look_back_hours: look_back_hours(arguments),
        })
    },
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_domain_statistics"),
        summary: "Look up how common a domain is in the organisation",
        arguments: Schema::object().required("domain", domain()).optional("look_back_hours", look_back()),
        output: domain_statistics(),
        permissions: both(&["URL.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-statistics",
        ..shape::question()
    }
}
