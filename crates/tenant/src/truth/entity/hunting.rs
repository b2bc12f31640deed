//! Answers to advanced hunting queries.
//!
//! This tenant does not understand the query language. It knows the answers that somebody told it, each for one exact text,
//! and finds no rows for any other.

use std::collections::HashMap;

use serde_json::{Value, json};

/// Answers that a tenant can hold.
pub(crate) const MAX_ANSWERS: usize = 1_000;

/// The query of the documented example, which every tenant can answer.
const EXAMPLE: &str = "DeviceProcessEvents |where InitiatingProcessFileName =~ 'powershell.exe' |where ProcessCommandLine contains 'appdata'|project Timestamp, FileName, InitiatingProcessFileName, DeviceId|limit 2";

/// There are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tenant holds {MAX_ANSWERS} answers to queries, which is its limit")]
pub(crate) struct HuntingFull;

/// The answers, by the text of the query without blanks around it.
#[derive(Debug, Clone)]
pub(crate) struct Hunting(HashMap<String, (Value, Value)>);

impl Default for Hunting {
    fn default() -> Self {
        let column = |name: &str, kind: &str| json!({ "Name": name, "Type": kind });
        let schema = json!([
            column("Timestamp", "DateTime"),
            column("FileName", "String"),
            column("InitiatingProcessFileName", "String"),
            column("DeviceId", "String"),
        ]);
        let row = |at: &str| {
            json!({
                "Timestamp": at,
                "FileName": "csc.exe",
                "InitiatingProcessFileName": "powershell.exe",
                "DeviceId": "1e5bc9d7e413ddd7902c2932e418702b84d0cc07",
            })
        };
        let results = json!([row("2020-02-05T01:10:26.2648757Z"), row("2020-02-05T01:10:26.5614772Z")]);
        Self(HashMap::from([(EXAMPLE.to_owned(), (schema, results))]))
    }
}

impl Hunting {
    /// Remembers an answer, instead of an earlier one to the same text.
    pub(crate) fn teach(&mut self, query: &str, schema: Value, results: Value) -> Result<(), HuntingFull> {
        if self.0.len() >= MAX_ANSWERS && !self.0.contains_key(query.trim()) {
            return Err(HuntingFull);
        }
        self.0.insert(query.trim().to_owned(), (schema, results));
        Ok(())
    }

    /// Columns and rows.
    pub(crate) fn answer(&self, query: &str) -> (Value, Value) {
        self.0.get(query.trim()).cloned().unwrap_or_else(|| (json!([]), json!([])))
    }
}
