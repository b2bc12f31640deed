//! The library of files for live response.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::Truth;
use crate::scenario::LibrarySeed;

/// One file of the library. Its content is no part of the simulation.
#[derive(Debug, Clone)]
pub(crate) struct LibraryFile {
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) description: Option<String>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) created_by: String,
    /// What its parameters are, if it takes any.
    pub(crate) parameters: Option<String>,
}

/// The files with which a tenant begins: those of the documented listing, and the script of the documented session.
pub(super) fn files(now: DateTime<Utc>) -> Vec<LibraryFile> {
    let plain = LibraryFile {
        name: String::new(),
        sha256: String::new(),
        description: None,
        created: now - TimeDelta::days(90),
        created_by: "admin".into(),
        parameters: None,
    };
    vec![
        LibraryFile {
            name: "script1.ps1".into(),
            sha256: "6e212a0db618507c44e4ec8ee7499dfef7e5767e5f8d31144df3b96fd1145caf".into(),
            parameters: Some("test".into()),
            ..plain.clone()
        },
        LibraryFile {
            name: "script.sh".into(),
            sha256: "d0f3e3b0641dbf88ee39c822516e81a909d1d06d22341dd9b1f12aa5e5c027a2".into(),
            created_by: "username".into(),
            ..plain.clone()
        },
        LibraryFile {
            name: "memdump.exe".into(),
            sha256: "fa70b87730290c0d30fe255d1dfb65de82f96286ebfeeb1d88ed3cc831329825".into(),
            description: Some("Process memory dump".into()),
            ..plain.clone()
        },
        LibraryFile {
            name: "minidump.ps1".into(),
            sha256: "3b6fb6ba4b0a8b1d3a8bb5c3a0b6bd3c1f0d3c1e8f0c5f5a4a7d5c1b2e3f4a59".into(),
            description: Some("Dumps a process into a file".into()),
            parameters: Some("name of a process".into()),
            ..plain
        },
    ]
}

fn told_file(seed: &LibrarySeed, now: DateTime<Utc>) -> LibraryFile {
    LibraryFile {
        name: seed.name.clone(),
        sha256: seed.sha256.clone().unwrap_or_else(|| sha256_of(&seed.name)),
        description: seed.description.clone(),
        created: now - TimeDelta::days(90),
        created_by: "admin".into(),
        parameters: seed.parameters.clone(),
    }
}

/// A hash that belongs to a name, for a file without content.
pub(super) fn sha256_of(name: &str) -> String {
    Sha256::digest(name).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

impl Truth {
    /// The files of the library.
    pub(crate) fn library(&self) -> &[LibraryFile] {
        &self.library
    }

    /// Holds these files and no others.
    pub(super) fn set_library(&mut self, seeds: &[LibrarySeed], now: DateTime<Utc>) {
        self.library = seeds.iter().map(|seed| told_file(seed, now)).collect();
    }

    /// Takes a file out of the library. Tells whether it was there.
    pub(crate) fn remove_library_file(&mut self, name: &str) -> bool {
        let before = self.library.len();
        self.library.retain(|file| file.name != name);
        self.library.len() < before
    }
}
