//! The library of files for live response.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::Truth;
use crate::scenario::LibrarySeed;

/// Files that the library can hold.
const MAX_FILES: usize = 1_000;

/// One file of the library. Of its content only the digest is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LibraryFile {
    pub(crate) name: String,
    /// In hexadecimal digits.
    pub(crate) sha256: String,
    pub(crate) description: Option<String>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
    pub(crate) created_by: String,
    pub(crate) has_parameters: bool,
    /// What its parameters are.
    pub(crate) parameters: Option<String>,
}

/// Why a file was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UploadRefused {
    #[error("the library has a file of this name")]
    Exists,
    #[error("the simulated library holds {MAX_FILES} files, which is its limit")]
    Full,
}

/// The files with which a tenant begins: those of the documented listing, and the script of the documented session.
pub(super) fn files(now: DateTime<Utc>) -> Vec<LibraryFile> {
    let created = now - TimeDelta::days(90);
    let file = |name: &str, sha256: &str, by: &str, description: Option<&str>, parameters: Option<&str>| {
        LibraryFile {
            name: name.into(),
            sha256: sha256.into(),
            description: description.map(str::to_owned),
            created,
            updated: created,
            created_by: by.into(),
            has_parameters: parameters.is_some(),
            parameters: parameters.map(str::to_owned),
        }
    };
    vec![
        file(
            "script1.ps1",
            "6e212a0db618507c44e4ec8ee7499dfef7e5767e5f8d31144df3b96fd1145caf",
            "admin",
            None,
            Some("test"),
        ),
        file(
            "script.sh",
            "d0f3e3b0641dbf88ee39c822516e81a909d1d06d22341dd9b1f12aa5e5c027a2",
            "username",
            None,
            None,
        ),
        file(
            "memdump.exe",
            "fa70b87730290c0d30fe255d1dfb65de82f96286ebfeeb1d88ed3cc831329825",
            "admin",
            Some("Process memory dump"),
            None,
        ),
        file(
            "minidump.ps1",
            "3b6fb6ba4b0a8b1d3a8bb5c3a0b6bd3c1f0d3c1e8f0c5f5a4a7d5c1b2e3f4a59",
            "admin",
            Some("Dumps a process into a file"),
            Some("name of a process"),
        ),
    ]
}

fn told_file(seed: &LibrarySeed, now: DateTime<Utc>) -> LibraryFile {
    LibraryFile {
        name: seed.name.clone(),
        sha256: seed.sha256.clone().unwrap_or_else(|| sha256_of(&seed.name)),
        description: seed.description.clone(),
        created: now - TimeDelta::days(90),
        updated: now - TimeDelta::days(90),
        created_by: "admin".into(),
        has_parameters: seed.parameters.is_some(),
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

    /// Takes a file into the library. One of this name is replaced, if `replace`; it stays as old as it was.
    pub(crate) fn upload(&mut self, file: LibraryFile, replace: bool) -> Result<&LibraryFile, UploadRefused> {
        let index = match self.library.iter().position(|known| known.name == file.name) {
            Some(_) if !replace => return Err(UploadRefused::Exists),
            Some(index) => {
                let created = self.library[index].created;
                self.library[index] = LibraryFile { created, ..file };
                index
            }
            None if self.library.len() >= MAX_FILES => return Err(UploadRefused::Full),
            None => {
                self.library.push(file);
                self.library.len() - 1
            }
        };
        Ok(&self.library[index])
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
