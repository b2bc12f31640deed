//! `defender.get_ip_statistics`

use crate::defender::entity::{Single, address, both, ip_address, ip_statistics, look_back, look_back_hours};
use crate::defender::shape::{self, name, without_annotations};
use riposte_defender::GetIpStatistics;
use riposte_model::{ActionSpec, Schema};

/// Reads how common an address is; its prevalence is 0 when Defender does not know it. Effect: `read`. Source: "Get IP
/// statistics API".
pub(super) const ACTION: Single<GetIpStatistics> = Single {
    spec,
    operation: |arguments| {
        Ok(GetIpStatistics { address: address(arguments)?, look_back_hours: look_back_hours(arguments) })
    },
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_ip_statistics"),
        summary: "Look up how common an IP address is in the organisation",
        arguments: Schema::object()
            .required("ip_address", ip_address())
            .optional("look_back_hours", look_back()),
        output: ip_statistics(),
        permissions: both(&["Ip.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-statistics",
        ..shape::question()
    }
}
