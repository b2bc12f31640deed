//! JSON from outside, within bounds.

use serde_json::Value;

/// Deepest nesting of JSON that is read (the limit of `serde_json`, never lifted).
pub const MAX_DEPTH: usize = 128;

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
    /// Not JSON, or nested deeper than [`MAX_DEPTH`].
    #[error("not valid JSON: {0}")]
    Syntax(#[from] serde_json::Error),
}

/// Reads one JSON document of at most `limit` bytes, nested at most [`MAX_DEPTH`] deep.
pub fn parse_bounded(bytes: &[u8], limit: usize) -> Result<Value, BoundedJsonError> {
    if bytes.len() > limit {
        return Err(BoundedJsonError::TooLarge { size: bytes.len(), limit });
    }
    Ok(serde_json::from_slice(bytes)?)
}

/// How many bytes a value takes when written, counted without writing it anywhere.
pub fn encoded_size(value: &Value) -> usize {
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
