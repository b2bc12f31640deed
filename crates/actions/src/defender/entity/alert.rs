//! What an alert looks like.

use crate::defender::shape;
use riposte_model::Schema;

/// The id of an alert.
pub(in crate::defender) fn alert_id() -> Schema {
    shape::like("^[0-9A-Za-z_-]{1,128}$").described("id of an alert")
}

/// Resource type `Alert`. Verdicts, states and sources are plain text: pages differ in their spelling, and real tenants
/// show values that are on none.
pub(in crate::defender) fn alert() -> Schema {
    let text = || Schema::string().or_null();
    let user = Schema::object().optional("userName", text()).optional("domainName", text());
    let comment = Schema::object()
        .optional("comment", text())
        .optional("createdBy", text())
        .optional("createdTime", text());
    Schema::object()
        .required("id", Schema::string())
        .optional("title", text())
        .optional("description", text())
        .optional("alertCreationTime", text())
        .optional("firstEventTime", text())
        .optional("lastEventTime", text())
        .optional("lastUpdateTime", text())
        .optional("resolvedTime", text())
        .optional("incidentId", Schema::integer().or_null())
        .optional("investigationId", Schema::integer().or_null())
        .optional("investigationState", text())
        .optional("assignedTo", text())
        .optional("rbacGroupName", text())
        .optional("mitreTechniques", Schema::array(Schema::string()).or_null())
        .optional("relatedUser", user.or_null())
        .required("severity", Schema::choice(["UnSpecified", "Informational", "Low", "Medium", "High"]))
        .required("status", Schema::choice(["Unknown", "New", "InProgress", "Resolved"]))
        .optional("classification", text())
        .optional("determination", text())
        .optional("category", text())
        .optional("detectionSource", text())
        .optional("threatFamilyName", text())
        .optional("threatName", text())
        .optional("machineId", text())
        .optional("computerDnsName", text())
        .optional("aadTenantId", text())
        .optional("detectorId", text())
        .optional("comments", Schema::array(comment))
        .optional("evidence", Schema::array(evidence()))
}

fn evidence() -> Schema {
    let numbers = ["processId", "parentProcessId"];
    let texts = [
        "entityType",
        "evidenceCreationTime",
        "sha1",
        "sha256",
        "fileName",
        "filePath",
        "processCommandLine",
        "processCreationTime",
        "parentProcessCreationTime",
        "parentProcessFileName",
        "parentProcessFilePath",
        "ipAddress",
        "url",
        "registryKey",
        "registryHive",
        "registryValueType",
        "registryValue",
        "accountName",
        "domainName",
        "userSid",
        "aadUserId",
        "userPrincipalName",
        "detectionStatus",
    ];
    let schema = texts
        .into_iter()
        .fold(Schema::object(), |schema, name| schema.optional(name, Schema::string().or_null()));
    numbers.into_iter().fold(schema, |schema, name| schema.optional(name, Schema::integer().or_null()))
}
