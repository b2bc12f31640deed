//! What stands beside a file: how far it came, and what it is. Pure.

use serde_json::{Value, json};

/// How far a download has come, as it is written beside its part.
///
/// The digest is what makes it safe to go on: what a crash or a person made of the part shows in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// How many bytes of the part this is about.
    pub(super) bytes: u64,
    /// Their SHA-256, in hexadecimal digits.
    pub(super) sha256: String,
    /// The storage's tag of the file.
    pub(super) tag: Option<String>,
    /// How long the file will be.
    pub(super) total: Option<u64>,
}

impl Record {
    pub(super) fn to_text(&self) -> String {
        json!({ "bytes": self.bytes, "sha256": self.sha256, "tag": self.tag, "total": self.total })
            .to_string()
    }

    /// None for anything that [`Record::to_text`] did not write: then the download begins anew.
    pub(super) fn read(text: &str) -> Option<Record> {
        let value: Value = serde_json::from_str(text).ok()?;
        let known = |name: &str| value.get(name).filter(|value| !value.is_null());
        Some(Record {
            bytes: value.get("bytes")?.as_u64()?,
            sha256: value.get("sha256")?.as_str()?.to_owned(),
            tag: known("tag").map(|tag| tag.as_str().map(str::to_owned)).unwrap_or_default(),
            total: known("total").map(Value::as_u64).unwrap_or_default(),
        })
    }
}

/// A digest as `sha256sum` writes it, and checks it with `-c`.
pub(super) fn sum(sha256: &str, name: &str) -> String {
    format!("{sha256}  {name}\n")
}

/// The digest in what [`sum`] wrote.
pub(super) fn summed(text: &str) -> Option<&str> {
    text.split_once("  ").map(|(digest, _)| digest)
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_nothing_else_is() {
        for (tag, total) in [(None, None), (Some("\"0x8D\"".to_owned()), Some(u64::MAX))] {
            let record = Record { bytes: 7, sha256: "ab".into(), tag, total };
            assert_eq!(Record::read(&record.to_text()), Some(record));
        }
        for odd in [
            "",
            "{",
            "7",
            "{}",
            r#"{"bytes":-1,"sha256":"ab"}"#,
            r#"{"bytes":1}"#,
            r#"{"bytes":1,"sha256":7}"#,
        ] {
            assert_eq!(Record::read(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_digest_is_written_for_sha256sum() {
        assert_eq!(hex(&[0, 0xab]), "00ab");
        assert_eq!(sum("00ab", "a.zip"), "00ab  a.zip\n");
        assert_eq!(summed("00ab  a.zip\n"), Some("00ab"));
        assert_eq!(summed(""), None);
    }
}
