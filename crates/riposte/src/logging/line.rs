//! One line of the log, as text and as JSON.

use super::fields::Fields;
use crate::render::clean;
use riposte_model::Timestamp;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use tracing::Level;

/// Room for most lines, in bytes.
const USUAL: usize = 192;

/// An event with all that is known of it.
pub(super) struct Line<'l> {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) target: &'l str,
    pub(super) message: String,
    pub(super) fields: &'l Fields,
}

impl Line<'_> {
    /// For people: `2026-07-01T10:00:00.000Z  INFO riposte: run started run_id=run_… playbook=contain`.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(USUAL);
        // Writing to a text does not fail.
        let _ = write!(text, "{} {:>5} {}: ", self.at, self.level.as_str(), self.target);
        self.say(&mut text);
        text
    }

    /// The message and the fields.
    pub(super) fn sentence(&self) -> String {
        let mut text = String::with_capacity(USUAL);
        self.say(&mut text);
        text
    }

    fn say(&self, text: &mut String) {
        text.push_str(&clean(&self.message));
        for (name, value) in self.fields.iter() {
            text.push(' ');
            text.push_str(name);
            text.push('=');
            text.push_str(&word(value));
        }
    }

    /// For programs: an object. The fields stand beside the rest, which holds where both have a name.
    pub(super) fn json(&self) -> String {
        let mut object = Map::new();
        object.insert("timestamp".to_owned(), self.at.to_string().into());
        object.insert("level".to_owned(), self.level.as_str().into());
        object.insert("target".to_owned(), self.target.into());
        object.insert("message".to_owned(), self.message.as_str().into());
        for (name, value) in self.fields.iter() {
            object.entry(name).or_insert_with(|| value.clone());
        }
        Value::Object(object).to_string()
    }
}

/// A value as one word: in quotes if it would not be one otherwise.
fn word(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let text = clean(text);
    let plain = |letter: char| !letter.is_whitespace() && !matches!(letter, '"' | '=');
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("\"{}\"", text.replace('"', "\\\""))
    }
}
