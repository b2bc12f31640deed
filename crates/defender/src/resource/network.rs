//! Names and addresses on the network.

use crate::wire::provider_object;

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
