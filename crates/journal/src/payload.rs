//! How an event's JSON lies in the column `payload`: as text, or packed.
//!
//! Packed is a BLOB: one byte that says how, then the rest. `1` is zlib (RFC 1950), whose checksum also finds a bit that has
//! turned over. Text stays text where it is short, and in the kinds that the views of the schema look into, because
//! SQLite's JSON functions read text alone.

use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use std::io::Read;

/// Text up to this many bytes is not packed.
const SHORT: usize = 4096;

/// Text over this many bytes is not packed, so that nothing packed is ever longer.
const LONG: usize = 1 << 28;

/// How it is packed.
const ZLIB: u8 = 1;

/// Kinds of events that the views `run_overview` and `provider_actions` look into. A view that looks into another kind has
/// to be told here, and sees text only from then on.
const LOOKED_INTO: [&str; 4] = ["call_intended", "call_accepted", "reconciled", "run_finished"];

/// The BLOB for an event, unless it stays text.
pub(crate) fn pack(kind: &str, text: &str) -> Option<Vec<u8>> {
    if !(SHORT + 1..=LONG).contains(&text.len()) || LOOKED_INTO.contains(&kind) {
        return None;
    }
    let mut packed = vec![ZLIB];
    // Fast, because the one task that writes does it. Reading from memory does not fail.
    ZlibEncoder::new(text.as_bytes(), Compression::fast()).read_to_end(&mut packed).ok()?;
    (packed.len() < text.len()).then_some(packed)
}

/// The text again.
pub(crate) fn unpack(bytes: &[u8]) -> Result<String, String> {
    match bytes.split_first() {
        Some((&ZLIB, packed)) => {
            let mut text = String::new();
            ZlibDecoder::new(packed)
                .take(LONG as u64)
                .read_to_string(&mut text)
                .map_err(|error| format!("its payload does not unpack: {error}"))?;
            Ok(text)
        }
        Some((other, _)) => Err(format!("its payload is packed in a way that is not known ({other})")),
        None => Err("its payload is empty".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_the_same_again_and_smaller() {
        let text = "{\"value\":[1,2,3]}".repeat(1000);
        let packed = pack("call_succeeded", &text).unwrap();
        assert!(packed.len() < text.len() / 10, "{}", packed.len());
        assert_eq!(unpack(&packed).unwrap(), text);
    }

    #[test]
    fn what_is_short_or_looked_into_by_a_view_or_gets_no_smaller_stays_text() {
        let long = "x".repeat(SHORT + 1);
        assert!(pack("call_succeeded", &long).is_some());
        assert!(pack("call_succeeded", &long[1..]).is_none());
        assert!(pack("call_intended", &long).is_none());
    }

    #[test]
    fn a_bit_that_has_turned_over_is_found() {
        let text: String = (0..2000).map(|number| format!("{number},")).collect();
        let packed = pack("step_succeeded", &text).unwrap();
        for at in [0, 1, packed.len() / 2, packed.len() - 1] {
            let mut wrong = packed.clone();
            wrong[at] ^= 4;
            assert!(unpack(&wrong).is_err(), "byte {at}");
        }
        assert!(unpack(&packed[..packed.len() - 1]).is_err());
        assert!(unpack(&[]).is_err());
    }
}
