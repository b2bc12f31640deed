//! `defender.list_machines`

use crate::defender::entity::{Single, documents, machine, moment, rows_wanted, top, words};
use crate::defender::shape::{self, name, optional_text};
use riposte_defender::{Filter, ListMachines, MachineField};
use riposte_model::{ActionSpec, Format, Schema};

/// Reads the devices that pass a filter. Effect: `read`. Source: "List machines API".
pub(super) const ACTION: Single<ListMachines> = Single {
    spec,
    operation: |arguments| {
        Ok(ListMachines {
            filter: [
                ("health_status", MachineField::HealthStatus),
                ("risk_score", MachineField::RiskScore),
                ("exposure_level", MachineField::ExposureLevel),
                ("device_value", MachineField::DeviceValue),
                ("os_platform", MachineField::OsPlatform),
                ("last_ip_address", MachineField::LastIpAddress),
            ]
            .into_iter()
            .filter_map(|(name, field)| Some(Filter::equals(field, optional_text(arguments, name)?)))
            .chain(optional_text(arguments, "tag").map(|tag| Filter::any(MachineField::MachineTags, tag)))
            .chain(
                optional_text(arguments, "name_starts_with")
                    .map(|start| Filter::starts_with(MachineField::ComputerDnsName, start)),
            )
            .chain(
                moment(arguments, "last_seen_since")
                    .map(|since| Filter::at_or_after(MachineField::LastSeen, since)),
            )
            .reduce(Filter::and),
            top: rows_wanted(arguments),
        })
    },
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("list_machines"),
        summary: "List devices, filtered by health, risk, exposure, worth, platform, tag, name or time",
        arguments: Schema::object()
            .optional(
                "health_status",
                Schema::choice([
                    "Active",
                    "Inactive",
                    "ImpairedCommunication",
                    "NoSensorData",
                    "NoSensorDataImpairedCommunication",
                    "Unknown",
                ]),
            )
            .optional("risk_score", Schema::choice(["None", "Informational", "Low", "Medium", "High"]))
            .optional("exposure_level", Schema::choice(["None", "Low", "Medium", "High"]))
            .optional("device_value", Schema::choice(["Normal", "Low", "High"]))
            .optional("os_platform", words(200).described("for example Windows11"))
            .optional("last_ip_address", words(64).described("exactly this address"))
            .optional("tag", words(200).described("a tag that the device has"))
            .optional("name_starts_with", words(255).described("beginning of the computer's DNS name"))
            .optional("last_seen_since", Schema::formatted(Format::DateTime))
            .optional("top", top()),
        output: Schema::array(machine()),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-machines",
        ..shape::question()
    }
}
