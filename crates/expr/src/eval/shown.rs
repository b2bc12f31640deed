//! Values for people: JSON of bounded length, written without walking more of the value than is shown.

use crate::eval::blob;
use crate::eval::convert::to_text;
use crate::eval::fuel::Fuel;
use crate::eval::value::{List, Map, Val};
use crate::explain::{MOST_SHOWN, Shown};

/// A value as JSON, cut.
pub(super) fn shown(value: &Val<'_>) -> Shown {
    let mut writer = Writer { text: String::new(), left: MOST_SHOWN };
    writer.value(value);
    Shown { text: writer.text, sort: value.describe() }
}

struct Writer {
    text: String,
    /// Characters that may still be written; brackets and ellipses come on top.
    left: usize,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.left = self.left.saturating_sub(text.chars().count());
        self.text.push_str(text);
    }

    fn value(&mut self, value: &Val<'_>) {
        match value {
            Val::Null => self.push("null"),
            Val::Bool(true) => self.push("true"),
            Val::Bool(false) => self.push("false"),
            Val::String(text) => self.quoted(text),
            Val::List(list) => self.list(list),
            Val::Map(map) => self.map(map),
            Val::Optional(None) => self.push("optional.none()"),
            Val::Optional(Some(inner)) => {
                self.push("optional.of(");
                self.value(inner);
                self.push(")");
            }
            Val::Bytes(bytes) => self.bytes(bytes),
            Val::Type(name) => self.push(name),
            Val::Timestamp(_) | Val::Duration(_) | Val::Ip(_) | Val::Cidr(_) => {
                self.quoted(&to_text(value).map(|text| text.to_string()).unwrap_or_default());
            }
            Val::Int(_) | Val::Uint(_) | Val::Double(_) => {
                self.push(&to_text(value).map(|text| text.to_string()).unwrap_or_default());
            }
        }
    }

    /// As JSON writes text; what is cut ends with an ellipsis inside the quotes.
    fn quoted(&mut self, text: &str) {
        let end = text.char_indices().nth(self.left).map_or(text.len(), |(end, _)| end);
        let kept = text.get(..end).unwrap_or_default();
        self.left -= self.left.min(kept.chars().count() + 2);
        let cut = if end < text.len() { "…" } else { "" };
        self.text.push_str(&serde_json::Value::from(format!("{kept}{cut}")).to_string());
    }

    /// The base64 text that they become in JSON.
    fn bytes(&mut self, bytes: &[u8]) {
        let kept = bytes.get(..bytes.len().min(self.left)).unwrap_or_default();
        let text = blob::encode(kept, &Fuel::new(u64::MAX)).unwrap_or_default();
        let cut = if kept.len() < bytes.len() { "…" } else { "" };
        self.quoted(&format!("{text}{cut}"));
    }

    fn list(&mut self, list: &List<'_>) {
        self.text.push('[');
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.push(",");
            }
            if self.left == 0 {
                self.more(list.len() - index);
                break;
            }
            self.value(&item);
        }
        self.text.push(']');
    }

    fn map(&mut self, map: &Map<'_>) {
        self.text.push('{');
        for (index, (key, value)) in map.iter().enumerate() {
            if index > 0 {
                self.push(",");
            }
            if self.left == 0 {
                self.more(map.len() - index);
                break;
            }
            self.quoted(&to_text(&key).map(|text| text.to_string()).unwrap_or_default());
            self.push(":");
            self.value(&value);
        }
        self.text.push('}');
    }

    fn more(&mut self, count: usize) {
        self.text.push_str(&format!("… {count} more"));
    }
}
