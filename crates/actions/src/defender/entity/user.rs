//! What a user looks like.

use riposte_model::Schema;

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
