//! JSON from outside, within bounds.

use serde_json::Value;

/// Deepest nesting of JSON that is taken in or recorded. An event puts a few levels around a value, and what reads it
/// back (`serde_json`, whose limit of 128 is never lifted) has to take the whole.
pub const MAX_DEPTH: usize = 64;

/// Why a text did not become a value.
#[derive(Debug, thiserror::Error)]
pub enum BoundedJsonError {
    /// More bytes than the reader allows.
    #[error("{size} bytes is over the limit of {limit} bytes")]
    TooLarge {
        /// Bytes given.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not JSON.
    #[error("not valid JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// Reads one JSON document of at most `limit` bytes, nested at most [`MAX_DEPTH`] deep.
pub fn parse_bounded(bytes: &[u8], limit: usize) -> Result<Value, BoundedJsonError> {
    if bytes.len() > limit {
        return Err(BoundedJsonError::TooLarge { size: bytes.len(), limit });
    }
    let value = serde_json::from_slice(bytes)?;
    if is_deeper_than(&value, MAX_DEPTH) { Err(BoundedJsonError::TooDeep) } else { Ok(value) }
}

/// Whether lists and objects stand inside each other more than `levels` deep.
pub fn is_deeper_than(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| is_deeper_than(item, levels - 1)),
        Value::Object(map) => levels == 0 || map.values().any(|item| is_deeper_than(item, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// How many bytes a value takes when written, counted without writing it anywhere.
fn encoded_size(value: &Value) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, value).map_or(usize::MAX, |()| counter.0)
}

/// What a JSON value is, in the words of JSON Schema, with whole numbers told apart.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The indefinite article of a type's name.
pub fn article(type_name: &str) -> &'static str {
    if type_name.starts_with(['a', 'i', 'o']) { "an" } else { "a" }
}

/// How many bytes a value takes when written, if they are more than `limit`.
pub fn size_over(value: &Value, limit: usize) -> Option<usize> {
    // Nearly always a glance is enough, which costs a tenth of counting.
    if at_most(value) <= limit {
        return None;
    }
    Some(encoded_size(value)).filter(|size| *size > limit)
}

/// No value takes more bytes than this when written: a byte of a text never more than six (`\u001f`).
fn at_most(value: &Value) -> usize {
    let text = |text: &str| 2 + 6 * text.len();
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 32,
        Value::String(string) => text(string),
        Value::Array(items) => 2 + items.iter().map(|item| 1 + at_most(item)).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(key, item)| 2 + text(key) + at_most(item)).sum::<usize>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse_bounded(nested(MAX_DEPTH).as_bytes(), 1000).is_ok());
        let error = parse_bounded(nested(MAX_DEPTH + 1).as_bytes(), 1000).unwrap_err();
        assert_eq!(error.to_string(), "nested more than 64 deep");
        assert!(parse_bounded(nested(400).as_bytes(), 1000).is_err());
    }

    #[test]
    fn size_is_bounded() {
        let error = parse_bounded(b"[1, 2]", 5).unwrap_err();
        assert_eq!(error.to_string(), "6 bytes is over the limit of 5 bytes");
    }

    #[test]
    fn the_size_is_that_of_the_written_text() {
        let value = serde_json::json!({ "a": [1, "é"] });
        assert_eq!(encoded_size(&value), value.to_string().len());
    }

    proptest::proptest! {
        #[test]
        fn what_is_over_a_limit_is_found_by_a_glance_or_by_counting(
            texts in proptest::collection::vec("\\PC*|[\\x00-\\x1f\"]*", 0..6), number: f64, whole: i64, limit in 0_usize..400,
        ) {
            let value = serde_json::json!({ "\u{1}": texts, "number": [number, whole, -whole.saturating_abs(), null, true, false] });
            let size = value.to_string().len();
            proptest::prop_assert!(at_most(&value) >= size);
            proptest::prop_assert_eq!(size_over(&value, limit), Some(size).filter(|size| *size > limit));
        }
    }
}
