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
    /// What its sensor reports, where somebody says so; it follows from the connection otherwise.
    pub(crate) health: Option<&'static str>,
    /// Whether its sensor reports. Ends with an offboarding, and nothing here begins it again.
    pub(crate) onboarded: bool,
    pub(crate) first_seen: DateTime<Utc>,
    pub(crate) last_seen: DateTime<Utc>,
    pub(crate) system: System,
    pub(crate) address: String,
    pub(crate) external_address: String,
    pub(crate) hardware_address: String,
    pub(crate) group: (u32, String),
    pub(crate) risk: &'static str,
    pub(crate) exposure: &'static str,
    pub(crate) value: &'static str,
    pub(crate) entra_id: Option<Uuid>,
    pub(crate) tags: Vec<String>,
}

/// The operating system of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct System {
    pub(crate) platform: &'static str,
    pub(crate) version: &'static str,
    pub(crate) build: Option<u32>,
}

impl System {
    pub(crate) const WINDOWS_10: Self = Self::new("Windows10", "22H2", Some(19_045));
    pub(crate) const WINDOWS_11: Self = Self::new("Windows11", "23H2", Some(22_631));
    pub(crate) const WINDOWS_SERVER: Self = Self::new("WindowsServer2022", "21H2", Some(20_348));
    // Devices without a build number and with a dotted version have been seen on real tenants.
    pub(crate) const LINUX: Self = Self::new("RedHatEnterpriseLinux", "9.5", None);

    /// Those that a scenario can name.
    pub(crate) const KNOWN: [Self; 12] = [
        Self::WINDOWS_10,
        Self::WINDOWS_11,
        Self::new("WindowsServer2016", "1607", Some(14_393)),
        Self::new("WindowsServer2019", "1809", Some(17_763)),
        Self::WINDOWS_SERVER,
        Self::new("WindowsServer2025", "24H2", Some(26_100)),
        Self::LINUX,
        Self::new("Ubuntu", "24.4", None),
        Self::new("Debian", "12.5", None),
        Self::new("macOS", "15.1", None),
        Self::new("iOS", "18.1", None),
        Self::new("Android", "15.0", None),
    ];

    const fn new(platform: &'static str, version: &'static str, build: Option<u32>) -> Self {
        Self { platform, version, build }
    }

    pub(crate) fn is_windows(self) -> bool {
        self.platform.starts_with("Windows")
    }
}

impl Device {
    /// What its sensor reports.
    pub(crate) fn health(&self) -> &'static str {
        self.health.unwrap_or(if self.is_reachable() { "Active" } else { "Inactive" })
    }

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

/// Why a device was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeviceRefused {
    #[error("a device id has 1 to {MAX_ID} letters, digits, dots, dashes or underscores")]
    Id,
    #[error("a device name has 1 to {MAX_NAME} characters")]
    Name,
    #[error("there is a device with this id already")]
    Duplicate,
    #[error("the tenant holds {0} devices, which is its limit")]
    Full(usize),
}

/// Whether a device may be called so.
pub(super) fn check(id: Option<&str>, name: &str) -> Result<(), DeviceRefused> {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if id.is_some_and(|id| id.is_empty() || id.len() > MAX_ID || !id.chars().all(fit)) {
        return Err(DeviceRefused::Id);
    }
    // A name may hold anything else: what a client does with a hostile one is worth testing.
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(DeviceRefused::Name);
    }
    Ok(())
}
