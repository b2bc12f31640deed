//! What the links lead to: made from the seed each time it is asked for, so that the same file has the same bytes and
//! nothing of it is kept.

use axum::body::Bytes;
use rand::rngs::ChaCha8Rng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::config::Config;
use crate::truth::{Action, ActionKind, SessionCommand};

/// Something to be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// An archive: what an action collected, or what a command of a session fetched.
    Archive {
        /// The machine action.
        action: Uuid,
        /// Place of the command in its session.
        command: Option<usize>,
    },
    /// What a script said.
    Transcript {
        /// Its name.
        script: String,
    },
}

/// A file as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Its media type.
    pub(super) kind: &'static str,
    /// All of it.
    pub(super) bytes: Bytes,
    /// What changes when it does, in its quotes.
    pub(super) tag: String,
}

impl Content {
    /// The package that a machine action collects.
    pub(crate) fn package(action: &Action) -> Option<Content> {
        let collects = action.kind == ActionKind::CollectInvestigationPackage;
        collects.then_some(Content::Archive { action: action.id, command: None })
    }

    /// What a command of a session brings. Putting a file brings nothing.
    pub(crate) fn brought(action: Uuid, index: usize, command: &SessionCommand) -> Option<Content> {
        match command {
            SessionCommand::PutFile { .. } => None,
            SessionCommand::RunScript { script_name, .. } => {
                Some(Content::Transcript { script: script_name.clone() })
            }
            SessionCommand::GetFile { .. } => Some(Content::Archive { action, command: Some(index) }),
        }
    }

    /// Its bytes.
    pub(crate) fn bytes(&self, config: &Config) -> Vec<u8> {
        match self {
            Content::Archive { .. } => archive(&noise(self.seed(config), config.download_size)),
            Content::Transcript { script } => json!({
                "script_name": script,
                "exit_code": 0,
                "script_output": "The simulated script has nothing to say.\n",
                "script_errors": "",
            })
            .to_string()
            .into_bytes(),
        }
    }

    pub(super) fn file(&self, config: &Config) -> File {
        let kind = match self {
            Content::Archive { .. } => "application/zip",
            Content::Transcript { .. } => "application/json; charset=utf-8",
        };
        let tag =
            self.seed(config)[..8].iter().fold("\"0x".to_owned(), |tag, byte| format!("{tag}{byte:02X}"));
        File { kind, bytes: self.bytes(config).into(), tag: tag + "\"" }
    }

    /// All that decides its bytes.
    fn seed(&self, config: &Config) -> [u8; 32] {
        let what = format!("{} {} {self:?}", config.seed, config.download_size);
        Sha256::digest(what.as_bytes()).into()
    }
}

fn noise(seed: [u8; 32], size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    ChaCha8Rng::from_seed(seed).fill_bytes(&mut bytes);
    bytes
}

/// The name of the one file in an archive.
const NAME: &[u8] = b"simulated.bin";

/// An archive with one file in it, not compressed. Source: "APPNOTE.TXT - .ZIP File Format Specification", 4.3.
fn archive(file: &[u8]) -> Vec<u8> {
    let size = u32::try_from(file.len()).unwrap_or(u32::MAX).to_le_bytes();
    let name = u16::try_from(NAME.len()).unwrap_or(u16::MAX).to_le_bytes();
    // Version 1.0, no flags, stored, and 1980-01-01, the first day that the format knows.
    let common =
        [&[10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0], &crc32(file).to_le_bytes()[..], &size, &size, &name, &[0; 2]]
            .concat();
    let local = [b"PK\x03\x04", &common[..], NAME].concat();
    let entry = [b"PK\x01\x02\x0a\0", &common[..], &[0; 14], NAME].concat();
    let start = u32::try_from(local.len() + file.len()).unwrap_or(u32::MAX).to_le_bytes();
    let length = u32::try_from(entry.len()).unwrap_or(u32::MAX).to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &length[..], &start, &[0; 2]].concat();
    [&local[..], file, &entry, &end].concat()
}

/// CRC-32 as archives use it (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut row = at as u32;
            let mut bit = 0;
            while bit < 8 {
                row = if row & 1 == 1 { row >> 1 ^ 0xedb8_8320 } else { row >> 1 };
                bit += 1;
            }
            table[at] = row;
            at += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| crc >> 8 ^ TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn an_archive_says_where_its_parts_are() {
        let archive = archive(b"data");
        let local = 30 + NAME.len();
        assert_eq!(archive[local..local + 4], *b"data");
        let end = &archive[archive.len() - 22..];
        assert!(end.starts_with(b"PK\x05\x06"));
        let number = |at: usize| u32::from_le_bytes(end[at..at + 4].try_into().unwrap()) as usize;
        let (length, start) = (number(12), number(16));
        assert_eq!(start, local + 4);
        assert_eq!(start + length + 22, archive.len());
        assert!(archive[start..].starts_with(b"PK\x01\x02"));
        assert_eq!(archive[start + 46..start + length], *NAME);
    }

    #[test]
    fn the_same_file_has_the_same_bytes_and_another_has_not() {
        let file = |seed, size, command| {
            let config = Config { seed, download_size: size, ..Config::default() };
            Content::Archive { action: Uuid::nil(), command }.file(&config)
        };
        let one = file(1, 100, None);
        assert_eq!(one, file(1, 100, None));
        for other in [file(2, 100, None), file(1, 99, None), file(1, 100, Some(0))] {
            assert!(one.bytes != other.bytes && one.tag != other.tag);
        }
    }
}
