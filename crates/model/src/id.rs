//! Identities that riposte gives.

use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

/// One run of one playbook. Text form: `run_` and 32 lower-case hexadecimal digits of a UUIDv7 (RFC 9562),
/// so that ids sort by the time at which runs started.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct RunId(Uuid);

const PREFIX: &str = "run_";

impl RunId {
    /// Wraps a UUID; whoever owns clock and randomness makes it.
    pub fn from_uuid(uuid: Uuid) -> Self {
        RunId(uuid)
    }

    /// Its text, in one piece: it is written with each event and each line of the log.
    fn text(self) -> [u8; PREFIX.len() + 32] {
        let mut text = [0; PREFIX.len() + 32];
        let (prefix, hex) = text.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX.as_bytes());
        self.0.simple().encode_lower(hex);
        text
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl std::fmt::Debug for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

/// The text is not the id of a run.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no run id: expected `run_` and 32 hexadecimal digits")]
pub struct InvalidRunId(pub String);

impl std::str::FromStr for RunId {
    type Err = InvalidRunId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix(PREFIX)
            .filter(|hex| hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
            .and_then(|hex| Uuid::try_parse(hex).ok())
            .map(RunId)
            .ok_or_else(|| InvalidRunId(text.to_owned()))
    }
}

impl TryFrom<String> for RunId {
    type Error = InvalidRunId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = RunId::from_uuid(Uuid::from_u128(0x0199_2f00_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string(), "run_01992f00000070008000000000000001");
        assert_eq!(id.to_string().parse::<RunId>().unwrap(), id);
        assert_eq!(serde_json::to_value(id).unwrap(), id.to_string());
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "run_", "01992f00000070008000000000000001", "run_01992F00000070008000000000000001"] {
            assert!(text.parse::<RunId>().is_err(), "{text}");
        }
    }
}
