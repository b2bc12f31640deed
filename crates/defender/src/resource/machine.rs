//! A device.

use serde_json::{Map, Value};

use crate::wire::{Fields, Malformed, Timestamp, provider_enum};

/// A device that Defender knows. Only the id is certain to be there.
///
/// Source: "Machine resource type", <https://learn.microsoft.com/en-us/defender-endpoint/api/machine>.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Device id, normally 40 hexadecimal characters.
    pub id: String,
    /// Fully qualified name, in mixed case. Chosen by the device's owner: clean it before showing it.
    pub computer_dns_name: Option<String>,
    /// First observed.
    pub first_seen: Option<Timestamp>,
    /// Last full report, roughly daily; differs from the value in the portal.
    pub last_seen: Option<Timestamp>,
    /// Operating system, for example `Windows10`.
    pub os_platform: Option<String>,
    /// State of onboarding, for example `onboarded`.
    pub onboarding_status: Option<String>,
    /// Processor; superseded by [`Machine::os_architecture`].
    pub os_processor: Option<String>,
    /// `32-bit` or `64-bit`.
    pub os_architecture: Option<String>,
    /// Version of the operating system, for example `1709`, `9.5` or `22H2`.
    pub version: Option<String>,
    /// Build number of the operating system.
    pub os_build: Option<i64>,
    /// Last local address.
    pub last_ip_address: Option<String>,
    /// Last public address.
    pub last_external_ip_address: Option<String>,
    /// Health of the sensor.
    pub health_status: HealthStatus,
    /// Name of the device group.
    pub rbac_group_name: Option<String>,
    /// Id of the device group; a number in examples, documented as text.
    pub rbac_group_id: Option<String>,
    /// Risk that Defender sees.
    pub risk_score: RiskScore,
    /// Entra device id (GUID) when joined.
    pub aad_device_id: Option<String>,
    /// Whether it is joined to Entra.
    pub is_aad_joined: Option<bool>,
    /// Tags.
    pub machine_tags: Vec<String>,
    /// Exposure: `None`, `Low`, `Medium` or `High`.
    pub exposure_level: Option<String>,
    /// Worth that was given to the device: `Low`, `Normal` or `High`.
    pub device_value: Option<String>,
    /// Addresses of each network card.
    pub ip_addresses: Vec<IpAddress>,
    /// Fields that are not known here.
    pub other: Map<String, Value>,
    /// The provider's own document.
    pub raw: Value,
}

/// The address of one network card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpAddress {
    /// Address.
    pub ip_address: Option<String>,
    /// Hardware address, without separators.
    pub mac_address: Option<String>,
    /// For example `Up`.
    pub operational_status: Option<String>,
}

provider_enum! {
    /// Health of a device's sensor.
    pub enum HealthStatus {
        /// `Active`.
        Active = "Active",
        /// `Inactive`.
        Inactive = "Inactive",
        /// `ImpairedCommunication`.
        ImpairedCommunication = "ImpairedCommunication",
        /// `NoSensorData`.
        NoSensorData = "NoSensorData",
        /// `NoSensorDataImpairedCommunication`.
        NoSensorDataImpairedCommunication = "NoSensorDataImpairedCommunication",
    }
}

provider_enum! {
    /// Risk that Defender sees in a device.
    pub enum RiskScore {
        /// `None`, the provider's own word.
        None = "None",
        /// Informational.
        Informational = "Informational",
        /// Low.
        Low = "Low",
        /// Medium.
        Medium = "Medium",
        /// High.
        High = "High",
    }
}

impl Machine {
    pub(crate) fn read(raw: Value) -> Result<Machine, Malformed> {
        const EXPECTED: &str = "a machine with an id";
        let mut fields = Fields::of(&raw, EXPECTED)?;
        Ok(Machine {
            id: fields.text("id").ok_or(Malformed { expected: EXPECTED })?,
            computer_dns_name: fields.text("computerDnsName"),
            first_seen: fields.timestamp("firstSeen"),
            last_seen: fields.timestamp("lastSeen"),
            os_platform: fields.text("osPlatform"),
            // The property table spells it differently than the list of fields to filter by.
            onboarding_status: fields.text_of_any(&["onboardingStatus", "onboardingstatus"]),
            os_processor: fields.text("osProcessor"),
            os_architecture: fields.text("osArchitecture"),
            version: fields.text("version"),
            os_build: fields.integer("osBuild"),
            last_ip_address: fields.text("lastIpAddress"),
            last_external_ip_address: fields.text("lastExternalIpAddress"),
            health_status: fields.text("healthStatus").into(),
            rbac_group_name: fields.text("rbacGroupName"),
            rbac_group_id: fields.text("rbacGroupId"),
            risk_score: fields.text("riskScore").into(),
            aad_device_id: fields.text("aadDeviceId"),
            is_aad_joined: fields.flag("isAadJoined"),
            machine_tags: fields.texts("machineTags"),
            exposure_level: fields.text("exposureLevel"),
            device_value: fields.text("deviceValue"),
            ip_addresses: fields.list("ipAddresses").iter().filter_map(IpAddress::read).collect(),
            other: fields.rest(),
            raw,
        })
    }
}

impl IpAddress {
    fn read(value: &Value) -> Option<IpAddress> {
        let mut fields = Fields::of(value, "an address").ok()?;
        Some(IpAddress {
            ip_address: fields.text("ipAddress"),
            mac_address: fields.text("macAddress"),
            operational_status: fields.text("operationalStatus"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_machine_is_read_from_odd_values() {
        let machine = Machine::read(json!({
            "id": "m-1",
            "computerDnsName": null,
            "osBuild": "18209",
            "version": 9.5,
            "rbacGroupId": 140,
            "isAadJoined": "true",
            "healthStatus": "active",
            "riskScore": "Extreme",
            "machineTags": null,
            "lastIpAddress": "",
            "ipAddresses": [{"ipAddress": "", "macAddress": null, "operationalStatus": "Up"}, 7],
            "vmMetadata": null,
            "managedBy": "Intune",
        }))
        .expect("a machine");
        assert_eq!(machine.os_build, Some(18_209));
        assert_eq!(machine.version.as_deref(), Some("9.5"));
        assert_eq!(machine.rbac_group_id.as_deref(), Some("140"));
        assert_eq!(machine.is_aad_joined, Some(true));
        assert_eq!(machine.health_status, HealthStatus::Active);
        assert_eq!(machine.risk_score, RiskScore::Unknown("Extreme".into()));
        assert_eq!((machine.last_ip_address, machine.machine_tags.len()), (None, 0));
        let card = IpAddress { ip_address: None, mac_address: None, operational_status: Some("Up".into()) };
        assert_eq!(machine.ip_addresses, [card]);
        assert_eq!(machine.other.keys().collect::<Vec<_>>(), ["vmMetadata", "managedBy"]);
        assert_eq!(machine.raw["osBuild"], "18209");
    }

    #[test]
    fn a_machine_has_an_id() {
        for odd in
            [json!(null), json!({}), json!({"id": null}), json!({"id": ""}), json!({"id": {}}), json!([])]
        {
            assert!(Machine::read(odd).is_err());
        }
    }
}
