//! The rows of a collection.

use serde_json::Value;

use super::Malformed;

/// Reads each row of `{"value": [...]}`.
pub(crate) fn rows<T>(
    mut answer: Value,
    read: impl Fn(Value) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    match answer.get_mut("value").map(Value::take) {
        Some(Value::Array(rows)) => rows.into_iter().map(read).collect(),
        _ => Err(Malformed { expected: "a collection with a list of values" }),
    }
}
