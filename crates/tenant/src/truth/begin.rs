//! Beginning with what a configuration says: the demo tenant's things, or those of a scenario.

use chrono::{DateTime, Utc};

use super::{Entities, Truth};
use crate::config::Config;

/// A list of a scenario whose entries can be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Devices,
    Alerts,
    Files,
}

/// An entry that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) list: List,
    pub(crate) index: usize,
    pub(crate) why: String,
}

/// Everything that is true when a tenant starts. Alerts, files and users of the demo tenant hang on its devices: where a
/// scenario has devices of its own, they are not there either.
pub(crate) fn begin(config: &Config, now: DateTime<Utc>) -> (Truth, Entities, Vec<Refused>) {
    let contents = &config.contents;
    let mut refused = Vec::new();
    let mut refuse = |list, index, why| refused.push(Refused { list, index, why });
    let mut truth = Truth::new(config.seed, config.pace.clone(), now);
    let mut entities = match &contents.devices {
        None => Entities::new(truth.devices(), now),
        Some(_) => Entities::bare(now),
    };
    if let Some(users) = &contents.users {
        entities.set_users(users);
    }
    if let Some(devices) = &contents.devices {
        truth.clear_devices();
        for (index, seed) in devices.iter().enumerate() {
            match truth.add_device(seed, now) {
                Ok(device) => entities.log_on(device, &seed.users, now),
                Err(why) => refuse(List::Devices, index, why.to_string()),
            }
        }
    }
    if let Some(library) = &contents.library {
        truth.set_library(library, now);
    }
    if let Some(files) = &contents.files {
        entities.clear_files();
        for (index, seed) in files.iter().enumerate() {
            if let Err(why) = entities.add_file(seed, &truth, now) {
                refuse(List::Files, index, why);
            }
        }
    }
    if let Some(alerts) = &contents.alerts {
        entities.clear_alerts();
        for (index, seed) in alerts.iter().enumerate() {
            if let Err(why) = entities.add_alert(seed, &truth, now) {
                refuse(List::Alerts, index, why);
            }
        }
    }
    if let Some(indicators) = &contents.indicators {
        entities.set_indicators(indicators, &config.application, now);
    }
    (truth, entities, refused)
}

/// What to say of a device that is named and not there.
pub(crate) fn no_device(key: &str) -> String {
    format!("no device has the id or the name `{}`", crate::text::clean(&crate::text::cut(key, MAX_QUOTED)))
}

/// How much of a key an error repeats.
const MAX_QUOTED: usize = 64;
