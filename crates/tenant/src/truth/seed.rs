//! The devices with which a tenant begins.
//!
//! The same seed gives the same devices; the first one is the same for every seed, so that an example in a document
//! works against any tenant. Values follow the documented example of a machine.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, RngExt};

use super::device::{Device, System};
use crate::scenario::DeviceSeed;

/// The device that every tenant has, from the documented example of "Isolate machine".
const FIRST: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";

/// What is fixed about a seeded device; ids, addresses and dates are drawn.
struct Template {
    name: &'static str,
    system: System,
    online: bool,
    group: (u32, &'static str),
    risk: &'static str,
    exposure: &'static str,
    value: &'static str,
    joined: bool,
    tags: &'static [&'static str],
}

const CLIENTS: (u32, &str) = (140, "The-A-Team");
const SERVERS: (u32, &str) = (141, "Servers");

const TEMPLATES: [Template; 6] = [
    Template {
        name: "desktop-39g9tgl.contoso.example",
        system: System::WINDOWS_10,
        online: true,
        group: CLIENTS,
        risk: "High",
        exposure: "Medium",
        value: "Normal",
        joined: true,
        tags: &["test tag 1", "test tag 2"],
    },
    Template {
        name: "LAPTOP-7QK2M4P.contoso.example",
        system: System::WINDOWS_11,
        online: true,
        group: CLIENTS,
        risk: "Medium",
        exposure: "Low",
        value: "Normal",
        joined: true,
        tags: &[],
    },
    Template {
        name: "srv-files-01.contoso.example",
        system: System::WINDOWS_SERVER,
        online: true,
        group: SERVERS,
        risk: "Low",
        exposure: "Low",
        value: "High",
        joined: false,
        tags: &["server"],
    },
    Template {
        name: "laptop-travel-12.contoso.example",
        system: System::WINDOWS_11,
        online: false,
        group: CLIENTS,
        risk: "Informational",
        exposure: "High",
        value: "Normal",
        joined: true,
        tags: &["travel"],
    },
    Template {
        name: "lnx-build-03.contoso.example",
        system: System::LINUX,
        online: true,
        group: SERVERS,
        risk: "None",
        exposure: "Low",
        value: "Low",
        joined: false,
        tags: &[],
    },
    Template {
        name: "desktop-front-02.contoso.example",
        system: System::WINDOWS_10,
        online: true,
        group: CLIENTS,
        risk: "Low",
        exposure: "Medium",
        value: "Normal",
        joined: true,
        tags: &["kiosk"],
    },
];

/// What an added device is like, beyond its name.
const PLAIN: Template = Template {
    name: "",
    system: System::WINDOWS_11,
    online: true,
    group: CLIENTS,
    risk: "None",
    exposure: "Low",
    value: "Normal",
    joined: true,
    tags: &[],
};

/// The devices of a tenant with this source of chance.
pub(super) fn devices(rng: &mut impl Rng, now: DateTime<Utc>) -> Vec<Device> {
    let mut devices: Vec<Device> =
        TEMPLATES.iter().map(|template| draw(template, hex(rng, 20), rng, now)).collect();
    if let Some(first) = devices.first_mut() {
        FIRST.clone_into(&mut first.id);
    }
    devices
}

/// A device of which somebody says as much as matters to him.
pub(super) fn told_device(seed: &DeviceSeed, rng: &mut impl Rng, now: DateTime<Utc>) -> Device {
    // Drawn either way, so that an id that is told changes nothing else.
    let drawn = hex(rng, 20);
    let template = Template { online: seed.online, ..PLAIN };
    let device = draw(&template, seed.id.clone().unwrap_or(drawn), rng, now);
    let last_seen = seed.last_seen.map_or(device.last_seen, |age| now - age.0);
    Device {
        name: seed.name.clone(),
        health: seed.health.map(|health| health.0),
        system: seed.os.map_or(device.system, |platform| platform.0),
        first_seen: device.first_seen.min(last_seen),
        last_seen,
        address: seed.ip.map_or(device.address, |ip| ip.to_string()),
        external_address: seed.external_ip.map_or(device.external_address, |ip| ip.to_string()),
        group: seed.group.clone().map_or(device.group, |name| (TOLD_GROUP, name)),
        risk: seed.risk.map_or(device.risk, |risk| risk.0),
        exposure: seed.exposure.map_or(device.exposure, |exposure| exposure.0),
        value: seed.value.map_or(device.value, |value| value.0),
        tags: seed.tags.clone(),
        ..device
    }
}

/// The id of every group that a scenario names.
const TOLD_GROUP: u32 = 200;

fn draw(template: &Template, id: String, rng: &mut impl Rng, now: DateTime<Utc>) -> Device {
    let first_seen = now - TimeDelta::minutes(rng.random_range(90..=400) * 24 * 60 + 55);
    let silent = if template.online {
        TimeDelta::minutes(rng.random_range(1..=240))
    } else {
        // More than a week, so that nobody would expect it to be Active.
        TimeDelta::hours(rng.random_range(8 * 24..=20 * 24))
    };
    let entra_id = uuid::Builder::from_random_bytes(rng.random()).into_uuid();
    Device {
        id,
        name: template.name.to_owned(),
        online: template.online,
        health: None,
        onboarded: true,
        first_seen,
        last_seen: now - silent,
        system: template.system,
        address: format!(
            "10.{}.{}.{}",
            rng.random_range(0..=31),
            rng.random::<u8>(),
            rng.random_range(2..=254)
        ),
        // A range reserved for documentation.
        external_address: format!("203.0.113.{}", rng.random_range(1..=254)),
        hardware_address: hex(rng, 6).to_uppercase(),
        group: (template.group.0, template.group.1.to_owned()),
        risk: template.risk,
        exposure: template.exposure,
        value: template.value,
        entra_id: template.joined.then_some(entra_id),
        tags: template.tags.iter().map(|tag| (*tag).to_owned()).collect(),
    }
}

fn hex(rng: &mut impl Rng, bytes: usize) -> String {
    (0..bytes).fold(String::new(), |mut text, _| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{:02x}", rng.random::<u8>());
        text
    })
}
