//! One device of the tenant.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Longest id that a device may have.
const MAX_ID: usize = 64;
/// Longest name that a device may have.
const MAX_NAME: usize = 256;

/// One device. What was done to it is no field: that follows from its actions.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) online: bool,
    /// Whether its sensor reports. Ends with an offboarding, and nothing here begins it again.
    pub(crate) onboarded: bool,
    pub(crate) first_seen: DateTime<Utc>,
    pub(crate) last_seen: DateTime<Utc>,
    pub(crate) system: System,
    pub(crate) address: String,
    pub(crate) external_address: String,
    pub(crate) hardware_address: String,
    pub(crate) group: (u32, &'static str),
    pub(crate) risk: &'static str,
    pub(crate) exposure: &'static str,
    pub(crate) value: &'static str,
    pub(crate) entra_id: Option<Uuid>,
    pub(crate) tags: Vec<String>,
}

/// The operating system of a device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct System {
    pub(crate) platform: &'static str,
    pub(crate) version: &'static str,
    pub(crate) build: Option<u32>,
}

impl System {
    pub(crate) fn is_windows(self) -> bool {
        self.platform.starts_with("Windows")
    }
}

impl Device {
    /// Whether what is asked of it can begin.
    pub(crate) fn is_reachable(&self) -> bool {
        self.online && self.onboarded
    }

    /// Whether somebody who says `key` may mean this device: by its computer name or its Entra id.
    pub(super) fn answers_to(&self, key: &str) -> bool {
        self.name.eq_ignore_ascii_case(key)
            || self.entra_id.is_some_and(|id| Uuid::parse_str(key).is_ok_and(|other| other == id))
    }
}

/// A device that somebody wants to add.
#[derive(Debug, Clone)]
pub(crate) struct NewDevice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) online: bool,
}

/// Why a device was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeviceRefused {
    #[error("a device id has 1 to {MAX_ID} letters, digits, dots, dashes or underscores")]
    Id,
    #[error("a device name has 1 to {MAX_NAME} characters")]
    Name,
    #[error("there is a device with this id")]
    Duplicate,
    #[error("the tenant holds {0} devices, which is its limit")]
    Full(usize),
}

impl NewDevice {
    pub(super) fn check(&self) -> Result<(), DeviceRefused> {
        let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if self.id.is_empty() || self.id.len() > MAX_ID || !self.id.chars().all(fit) {
            return Err(DeviceRefused::Id);
        }
        // A name may hold anything else: what a client does with a hostile one is worth testing.
        if self.name.is_empty() || self.name.chars().count() > MAX_NAME {
            return Err(DeviceRefused::Name);
        }
        Ok(())
    }
}
