//! Accounts and where they logged on.

use chrono::{DateTime, Utc};

/// One account of the domain.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) sid: String,
    pub(crate) admin: bool,
}

/// That an account logged on to a device.
#[derive(Debug, Clone)]
pub(crate) struct Logon {
    pub(crate) user: String,
    /// Id of the device.
    pub(crate) device: String,
    pub(crate) kinds: &'static str,
    pub(crate) first: DateTime<Utc>,
    pub(crate) last: DateTime<Utc>,
}

impl User {
    /// `domain\name`, the id that answers show.
    pub(crate) fn id(&self) -> String {
        format!("{}\\{}", self.domain, self.name)
    }

    /// Paths want the account name alone; the id with its domain is taken too.
    pub(super) fn answers_to(&self, key: &str) -> bool {
        self.name.eq_ignore_ascii_case(key) || self.id().eq_ignore_ascii_case(key)
    }
}
