//! Names and addresses on the network.

use crate::wire::{Timestamp, provider_object};

provider_object! {
    /// A domain that an alert is about.
    ///
    /// Source: "Get alert related domain information API",
    /// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-domain-info>.
    pub struct Domain, "a domain with a host" {
        /// Host name.
        host: String = "host",
    }
}

provider_object! {
    /// An address that an alert is about.
    ///
    /// Source: "Get alert related IPs' information API",
    /// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-ip-info>.
    pub struct Ip, "an address with an id" {
        /// The address itself.
        id: String = "id",
    }
}

provider_object! {
    /// How common a domain is in the organisation.
    ///
    /// Source: "Get domain statistics API",
    /// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-statistics>.
    pub struct DomainStatistics, "statistics of a domain with its host" {
        /// Host name.
        host: String = "host",
        /// On how many devices of the organisation.
        organization_prevalence: Option<i64> = "organizationPrevalence",
        /// First seen in the organisation.
        org_first_seen: Option<Timestamp> = "orgFirstSeen",
        /// Last seen in the organisation.
        org_last_seen: Option<Timestamp> = "orgLastSeen",
    }
}

provider_object! {
    /// How common an address is in the organisation.
    ///
    /// Source: "Get IP statistics API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-statistics>.
    pub struct IpStatistics, "statistics of an address with the address" {
        /// The address.
        ip_address: String = "ipAddress",
        /// How many devices of the organisation connected to it.
        organization_prevalence: Option<i64> = "organizationPrevalence",
        /// First seen in the organisation.
        org_first_seen: Option<Timestamp> = "orgFirstSeen",
        /// Last seen in the organisation.
        org_last_seen: Option<Timestamp> = "orgLastSeen",
    }
}
