//! What a device looks like.

use riposte_model::Schema;

/// What a device looks like (resource type `Machine`). The documented values: a comparison with
/// another one is a mistake that the checker finds, while an answer with another one is kept as it is.
pub(in crate::defender) fn machine() -> Schema {
    let text = || Schema::string().or_null();
    let address = Schema::object()
        .optional("ipAddress", text())
        .optional("macAddress", text())
        .optional("type", text())
        .optional("operationalStatus", text());
    Schema::object()
        .required("id", Schema::string())
        .optional("computerDnsName", text())
        .optional("firstSeen", text())
        .optional("lastSeen", text())
        .optional("osPlatform", text())
        // Documented as `onboarded`, and seen as `Onboarded`: a comparison with either must load.
        .optional("onboardingStatus", text())
        .optional("osProcessor", text())
        .optional("osArchitecture", text())
        .optional("version", text())
        .optional("osBuild", Schema::integer().or_null())
        .optional("lastIpAddress", text())
        .optional("lastExternalIpAddress", text())
        .required(
            "healthStatus",
            Schema::choice([
                "Active",
                "Inactive",
                "ImpairedCommunication",
                "NoSensorData",
                "NoSensorDataImpairedCommunication",
                "Unknown",
            ]),
        )
        .optional("rbacGroupName", text())
        .optional("rbacGroupId", Schema::any())
        .optional("riskScore", Schema::choice(["None", "Informational", "Low", "Medium", "High"]).or_null())
        .optional("aadDeviceId", text())
        .optional("isAadJoined", Schema::boolean().or_null())
        .optional("machineTags", Schema::array(Schema::string()))
        .optional("exposureLevel", Schema::choice(["None", "Low", "Medium", "High"]).or_null())
        .optional("deviceValue", Schema::choice(["Normal", "Low", "High"]).or_null())
        .optional("ipAddresses", Schema::array(address))
}
