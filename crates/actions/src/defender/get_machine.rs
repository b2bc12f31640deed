//! `defender.get_machine`

use crate::defender::shape::{self, name, text, without_annotations};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use riposte_defender::{Client, Error};
use riposte_model::{ActionSpec, Pattern, Schema};
use serde_json::Value;
use std::time::Duration;

/// Reads one device. Effect: `read`. Source: "Get machine by ID API".
pub(super) struct GetMachine;

#[async_trait]
impl Look for GetMachine {
    fn spec(&self) -> ActionSpec {
        let id_or_name = Pattern::parse("^[0-9A-Za-z][0-9A-Za-z._-]{0,254}$").expect("a valid pattern");
        ActionSpec {
            name: name("get_machine"),
            summary: "Look up one device: its name, health, risk, groups and tags",
            arguments: Schema::object().required(
                "machine_id",
                Schema::matching(id_or_name)
                    .described("Defender's device id, or the computer's full DNS name"),
            ),
            output: machine(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-by-id",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let request = riposte_defender::GetMachine { machine_id: text(arguments, "machine_id") };
        Ok(without_annotations(client.send(&request, budget).await?.raw))
    }
}

/// What a device looks like (resource type `Machine`). The documented values: a comparison with
/// another one is a mistake that the checker finds, while an answer with another one is kept as it is.
fn machine() -> Schema {
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
