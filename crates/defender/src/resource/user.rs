//! A user account as devices see it.

use crate::wire::{Timestamp, provider_object};

provider_object! {
    /// An account that logged on to a device. Only the id is certain to be there.
    ///
    /// Source: "User resource type", <https://learn.microsoft.com/en-us/defender-endpoint/api/user>, whose page has no table:
    /// the fields are those of the documented answers.
    pub struct User, "a user with an id" {
        /// `domain\name`.
        id: String = "id",
        /// Account name.
        account_name: Option<String> = "accountName",
        /// Domain of the account.
        account_domain: Option<String> = "accountDomain",
        /// Windows security id.
        account_sid: Option<String> = "accountSid",
        /// First seen.
        first_seen: Option<Timestamp> = "firstSeen",
        /// Last seen.
        last_seen: Option<Timestamp> = "lastSeen",
        /// Kinds of logon, for example `Interactive`.
        logon_types: Option<String> = "logonTypes",
        /// Whether it administers the domain.
        is_domain_admin: Option<bool> = "isDomainAdmin",
        /// Whether it was seen over the network only.
        is_only_network_user: Option<bool> = "isOnlyNetworkUser",
        /// Device that it uses most.
        most_prevalent_machine_id: Option<String> = "mostPrevalentMachineId",
        /// Device that it uses least.
        least_prevalent_machine_id: Option<String> = "leastPrevalentMachineId",
        /// Number of devices that it logged on to.
        log_on_machines_count: Option<i64> = "logOnMachinesCount",
    }
}
