//! Files that were seen.

use chrono::{DateTime, Utc};

/// One file and the devices it was seen on.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) sha1: String,
    pub(crate) sha256: String,
    pub(crate) md5: String,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) prevalence: u64,
    pub(crate) first_observed: DateTime<Utc>,
    pub(crate) last_observed: DateTime<Utc>,
    /// Publisher, product and issuer of a signed file.
    pub(crate) signed: Option<(String, String, String)>,
    pub(crate) verdict: (&'static str, Option<String>),
    /// Ids of devices.
    pub(crate) devices: Vec<String>,
}

impl File {
    pub(super) fn has(&self, hash: &str) -> bool {
        [&self.sha1, &self.sha256, &self.md5].iter().any(|own| own.eq_ignore_ascii_case(hash))
    }
}
