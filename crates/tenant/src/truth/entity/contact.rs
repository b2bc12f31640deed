//! What devices talked to.

use chrono::{DateTime, Utc};

/// That a device talked to a host at an address.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    /// Host name, in lower case.
    pub(crate) domain: &'static str,
    pub(crate) address: &'static str,
    /// Id of the device.
    pub(crate) device: String,
    pub(crate) first: DateTime<Utc>,
    pub(crate) last: DateTime<Utc>,
}
