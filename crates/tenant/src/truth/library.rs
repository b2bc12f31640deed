//! The library of files for live response.

use chrono::{DateTime, TimeDelta, Utc};

use super::Truth;

/// One file of the library. Its content is no part of the simulation.
#[derive(Debug, Clone)]
pub(crate) struct LibraryFile {
    pub(crate) name: &'static str,
    pub(crate) sha256: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) created_by: &'static str,
    /// What its parameters are, if it takes any.
    pub(crate) parameters: Option<&'static str>,
}

/// The files with which a tenant begins: those of the documented listing, and the script of the documented session.
pub(super) fn files(now: DateTime<Utc>) -> Vec<LibraryFile> {
    let plain = LibraryFile {
        name: "",
        sha256: "",
        description: None,
        created: now - TimeDelta::days(90),
        created_by: "admin",
        parameters: None,
    };
    vec![
        LibraryFile {
            name: "script1.ps1",
            sha256: "6e212a0db618507c44e4ec8ee7499dfef7e5767e5f8d31144df3b96fd1145caf",
            parameters: Some("test"),
            ..plain.clone()
        },
        LibraryFile {
            name: "script.sh",
            sha256: "d0f3e3b0641dbf88ee39c822516e81a909d1d06d22341dd9b1f12aa5e5c027a2",
            created_by: "username",
            ..plain.clone()
        },
        LibraryFile {
            name: "memdump.exe",
            sha256: "fa70b87730290c0d30fe255d1dfb65de82f96286ebfeeb1d88ed3cc831329825",
            description: Some("Process memory dump"),
            ..plain.clone()
        },
        LibraryFile {
            name: "minidump.ps1",
            sha256: "3b6fb6ba4b0a8b1d3a8bb5c3a0b6bd3c1f0d3c1e8f0c5f5a4a7d5c1b2e3f4a59",
            description: Some("Dumps a process into a file"),
            parameters: Some("name of a process"),
            ..plain
        },
    ]
}

impl Truth {
    /// The files of the library.
    pub(crate) fn library(&self) -> &[LibraryFile] {
        &self.library
    }

    /// Takes a file out of the library. Tells whether it was there.
    pub(crate) fn remove_library_file(&mut self, name: &str) -> bool {
        let before = self.library.len();
        self.library.retain(|file| file.name != name);
        self.library.len() < before
    }
}
