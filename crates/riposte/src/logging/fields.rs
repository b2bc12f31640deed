//! Fields of events and spans, each once and of bounded length.

use serde_json::Value;
use std::error::Error;
use std::fmt::{Debug, Write as _};
use tracing::field::{Field, Visit};

/// Most bytes of one value. What is longer has been cut by its author already, or is no news.
const MAX_VALUE: usize = 4096;

/// What the text of an event is called.
const MESSAGE: &str = "message";

/// For a trace alone: how a span is called and what kind it is.
const FOR_TRACES: &str = "otel.";

/// Names and values, in the order in which they came.
#[derive(Default)]
pub(super) struct Fields {
    list: Vec<(&'static str, Value)>,
}

impl Fields {
    /// All but the message.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.list.iter().map(|(name, value)| (*name, value))
    }

    /// Takes those of a span. What is said further inside holds.
    pub(super) fn extend(&mut self, others: &Fields) {
        others.list.iter().for_each(|(name, value)| self.put(name, value.clone()));
    }

    pub(super) fn take_message(&mut self) -> String {
        let at = self.list.iter().position(|(name, _)| *name == MESSAGE);
        match at.map(|at| self.list.remove(at).1) {
            Some(Value::String(message)) => message,
            _ => String::new(),
        }
    }

    fn put(&mut self, name: &'static str, value: Value) {
        if name.starts_with(FOR_TRACES) {
            return;
        }
        match self.list.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.list.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), cut(value.to_owned()).into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }

    /// An error tells its causes too.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            // Writing to a text does not fail.
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        self.put(field.name(), cut(text).into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field.name(), cut(format!("{value:?}")).into());
    }
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_VALUE {
        let end = (0..=MAX_VALUE).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}
