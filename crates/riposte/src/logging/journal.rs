//! Systemd's journal, by its own protocol (<https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>): a datagram an entry.
//!
//! Fields are bounded, so that an entry always fits into one datagram.

use super::fields::Fields;
use super::line::Line;
use serde_json::Value;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use tracing::Level;

/// Where the journal listens.
const SOCKET: &str = "/run/systemd/journal/socket";

/// Under which name its entries are found, `journalctl -t riposte`.
const IDENTIFIER: &str = "riposte";

/// Longest name of a field that the journal takes.
const MAX_NAME: usize = 64;

/// A way to the journal.
pub(super) struct Journal {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Journal {
    /// The journal of this machine.
    pub(super) fn open() -> io::Result<Journal> {
        Journal::at(Path::new(SOCKET))
    }

    pub(super) fn at(path: &Path) -> io::Result<Journal> {
        let socket = UnixDatagram::unbound()?;
        // An empty entry is thrown away there; whether anybody listens shows here.
        socket.send_to(&[], path)?;
        // A journal that is slow must not make runs wait.
        socket.set_nonblocking(true)?;
        Ok(Journal { socket, path: path.to_owned() })
    }

    pub(super) fn send(&self, line: &Line<'_>) -> io::Result<()> {
        self.socket.send_to(&entry(line), &self.path).map(|_| ())
    }
}

/// An entry. Its message is for people, who see nothing else unless they ask; each field has a place of its own as well.
fn entry(line: &Line<'_>) -> Vec<u8> {
    let mut entry = Vec::with_capacity(512);
    put(&mut entry, "MESSAGE", &line.sentence());
    put(&mut entry, "PRIORITY", priority(line.level));
    put(&mut entry, "SYSLOG_IDENTIFIER", IDENTIFIER);
    put(&mut entry, "TARGET", line.target);
    put_all(&mut entry, line.fields);
    entry
}

fn put_all(entry: &mut Vec<u8>, fields: &Fields) {
    for (field, value) in fields.iter() {
        let Some(name) = name(field) else { continue };
        match value {
            Value::String(text) => put(entry, &name, text),
            other => put(entry, &name, &other.to_string()),
        }
    }
}

/// A field with its length in front, so that it may hold anything.
fn put(entry: &mut Vec<u8>, name: &str, value: &str) {
    entry.extend_from_slice(name.as_bytes());
    entry.push(b'\n');
    entry.extend_from_slice(&u64::try_from(value.len()).unwrap_or(0).to_le_bytes());
    entry.extend_from_slice(value.as_bytes());
    entry.push(b'\n');
}

/// `run_id` as the journal has it, `RUN_ID`. Those that it uses itself are not ours to write.
fn name(field: &str) -> Option<String> {
    let name: String = field
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .take(MAX_NAME)
        .collect();
    let taken = ["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "TARGET"].contains(&name.as_str());
    (name.starts_with(|letter: char| letter.is_ascii_uppercase()) && !taken).then_some(name)
}

/// As syslog(3) numbers them.
fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "3",
        Level::WARN => "4",
        Level::INFO => "6",
        Level::DEBUG | Level::TRACE => "7",
    }
}

/// Whether stderr leads to the journal: systemd says in `$JOURNAL_STREAM` which file that would be (systemd.exec(5)). A process
/// that was started by such a service has the variable too, and a stderr of its own.
#[expect(clippy::disallowed_methods, reason = "this is how systemd configures the log")]
pub(super) fn has_stderr() -> bool {
    let stream = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    std::fs::metadata("/proc/self/fd/2").is_ok_and(|file| is_stream(&stream, file.dev(), file.ino()))
}

/// Whether `DEVICE:INODE` names this file.
fn is_stream(stream: &str, device: u64, inode: u64) -> bool {
    let number = |text: &str| text.parse::<u64>().ok();
    stream.split_once(':').is_some_and(|(of_device, of_inode)| {
        number(of_device) == Some(device) && number(of_inode) == Some(inode)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_this_very_file() {
        assert!(is_stream("8:1234", 8, 1234));
        for other in ["8:1235", "9:1234", "", "8", "8:", ":1234", "8:1234:1", "0x8:1234"] {
            assert!(!is_stream(other, 8, 1234), "{other}");
        }
    }

    #[test]
    fn names_are_the_journals() {
        assert_eq!(name("run_id").as_deref(), Some("RUN_ID"));
        assert_eq!(name("http.response.status_code").as_deref(), Some("HTTP_RESPONSE_STATUS_CODE"));
        assert_eq!((name("message"), name("priority"), name("_PID"), name("1st")), (None, None, None, None));
    }
}
