//! How an event's JSON lies in the column `payload`: without its kind and step, as text or packed.
//!
//! The columns `kind` and `step` say these, so the payload does not say them again, and whoever reads it puts them back. Rows
//! of schemas before 6 have them in the payload too: they are known by its beginning, and are read as they are. An event has
//! no other key `kind` of its own.
//!
//! Packed is a BLOB: one byte that says how, then the rest. `1` is zlib (RFC 1950), whose checksum also finds a bit that has
//! turned over. Text stays text where it is short, and in the kinds that the views of the schema look into, because
//! SQLite's JSON functions read text alone.

use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use riposte_engine::EventBody;
use riposte_model::StepPath;
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

/// How the text of a row begins that says its kind itself.
const SAYS_ITS_KIND: &str = "{\"kind\":";

/// How it goes on if it is about a step.
const SAYS_ITS_STEP: &str = ",\"step\":";

/// What the columns say, as serde begins the text of an event with it.
fn beginning(kind: &str, step: Option<&str>) -> String {
    match step {
        Some(step) => [SAYS_ITS_KIND, &quoted(kind), SAYS_ITS_STEP, &quoted(step)].concat(),
        None => [SAYS_ITS_KIND, &quoted(kind)].concat(),
    }
}

/// The text of an event without what its columns say. A text that begins otherwise stays whole, and is read all the same.
pub(crate) fn bare(mut text: String, kind: &str, step: Option<&str>) -> String {
    let Some(rest) = behind(&text, kind, step) else { return text };
    let said = text.len() - rest.len();
    let end = match rest.bytes().next() {
        Some(b',') => said + 1,
        Some(b'}') => said,
        _ => return text,
    };
    text.replace_range(..end, "{");
    text
}

/// What stands behind [`beginning`] in a text that begins with it.
fn behind<'t>(text: &'t str, kind: &str, step: Option<&str>) -> Option<&'t str> {
    let rest = behind_quoted(text.strip_prefix(SAYS_ITS_KIND)?, kind)?;
    match step {
        Some(step) => behind_quoted(rest.strip_prefix(SAYS_ITS_STEP)?, step),
        None => Some(rest),
    }
}

/// The same for one word. Nearly all stand there as they are; one with something escaped is written to be compared.
fn behind_quoted<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let as_it_is = || text.strip_prefix('"')?.strip_prefix(word)?.strip_prefix('"');
    as_it_is().or_else(|| text.strip_prefix(&quoted(word)))
}

fn quoted(text: &str) -> String {
    // Writing a text to memory does not fail.
    serde_json::to_string(text).unwrap_or_default()
}

/// The event that a row's columns and its text tell together.
pub(crate) fn event(mut text: String, kind: &str, step: Option<&str>) -> Result<EventBody, String> {
    if text.starts_with(SAYS_ITS_KIND) {
        return serde_json::from_str(&text)
            .map_err(|error| format!("its payload is none of an event: {error}"));
    }
    if text.starts_with('{') {
        let comma = if text == "{}" { "" } else { "," };
        text.replace_range(..1, &(beginning(kind, step) + comma));
    }
    let says = || format!("its `kind` says {kind} and its `step` {}", shown(step));
    let body: EventBody = serde_json::from_str(&text)
        .map_err(|error| format!("{}, and with them its payload is none of an event: {error}", says()))?;
    // What is there too much is ignored in an event, so that a step where there can be none would not be missed.
    if body.step().map(StepPath::as_str) != step {
        return Err(format!("{}, and no event of that kind is about a step", says()));
    }
    Ok(body)
}

/// A step for people.
pub(crate) fn shown(step: Option<&str>) -> String {
    step.map_or_else(|| "no step".to_owned(), |step| format!("step `{step}`"))
}

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
    use proptest::prelude::*;
    use riposte_simulation::contract::every_kind;
    use serde_json::Value;

    proptest! {
        #[test]
        fn what_was_taken_away_is_put_back_and_what_was_left_is_read_as_it_is(step in any::<String>(), text in any::<String>()) {
            let run = "run_00000000000000000000000000000001".parse().unwrap();
            for body in every_kind(run, &StepPath::root(&step), &text) {
                let (kind, step) = (body.kind(), body.step().map(StepPath::as_str));
                let whole = serde_json::to_string(&body).unwrap();
                let bare = bare(whole.clone(), kind, step);
                let value: Value = serde_json::from_str(&bare).unwrap();
                prop_assert!(value.get("kind").is_none(), "{}", bare);
                prop_assert!(step.is_none() || value.get("step").is_none(), "{}", bare);
                prop_assert_eq!(&event(bare, kind, step).unwrap(), &body);
                prop_assert_eq!(&event(whole, kind, step).unwrap(), &body);
            }
        }
    }

    #[test]
    fn what_begins_otherwise_stays_whole() {
        let text = r#"{"kind":"step_skipped","step":"a"}"#;
        assert_eq!(bare(text.to_owned(), "step_skipped", Some("a")), "{}");
        for (kind, step) in [("step_skipped", Some("b")), ("step_skippe", None), ("timer_fired", Some("a"))] {
            assert_eq!(bare(text.to_owned(), kind, step), text);
        }
    }

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
