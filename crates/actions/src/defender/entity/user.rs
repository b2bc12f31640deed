//! What a user looks like.

use crate::defender::shape;
use riposte_model::Schema;

/// A user by account name.
pub(in crate::defender) fn user_name() -> Schema {
    shape::like(r"^[^@\\/]{1,256}$")
        .described("account name alone: user1 for user1@contoso.com or CONTOSO\\user1")
}

/// Resource type `User`.
pub(in crate::defender) fn user() -> Schema {
    let text = || Schema::string().or_null();
    Schema::object()
        .required("id", Schema::string())
        .optional("accountName", text())
        .optional("accountDomain", text())
        .optional("accountSid", text())
        .optional("firstSeen", text())
        .optional("lastSeen", text())
        .optional("logonTypes", text())
        .optional("isDomainAdmin", Schema::boolean().or_null())
        .optional("isOnlyNetworkUser", Schema::boolean().or_null())
        .optional("mostPrevalentMachineId", text())
        .optional("leastPrevalentMachineId", text())
        .optional("logOnMachinesCount", Schema::integer().or_null())
}
