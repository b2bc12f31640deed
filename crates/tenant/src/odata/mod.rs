//! `$filter` and `$orderby`: the part of OData V4 that Defender's collections take.
//!
//! Text enters through `Filter::parse` and `OrderBy::parse`, which know which fields there are; rows are then asked one
//! by one. Names and keywords are taken in any case, as clients write them; texts in quotes are not touched. There is no
//! I/O and no JSON here. Not supported: `all`, an `any` inside of another, arithmetic and functions beyond the three on
//! text.

mod evaluate;
mod lexer;
mod order;
mod parser;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

pub(crate) use order::OrderBy;
pub(crate) use parser::Filter;

/// Longest filter, in bytes.
pub(crate) const MAX_LENGTH: usize = 4_096;
/// Deepest nesting of parentheses and `not`.
pub(crate) const MAX_DEPTH: usize = 32;
/// Most values in one `in` list.
pub(crate) const MAX_LIST: usize = 100;

/// Why a filter or an order cannot be used, for the message of an ODataError.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at position {at})")]
pub(crate) struct BadFilter {
    pub(crate) message: String,
    /// Byte offset in the decoded text.
    pub(crate) at: usize,
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldType {
    Text,
    /// A guid, which clients also write in quotes.
    Guid,
    Time,
    /// A field that one page calls text and another a number.
    NumberOrText,
    Bool,
    /// A list of texts: only `any` looks into it.
    Texts,
}

/// A field that may be filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: FieldType,
}

/// A value, as written in a filter or held by a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Guid(uuid::Uuid),
    Time(DateTime<Utc>),
    Texts(Vec<String>),
}

/// Something with fields.
pub(crate) trait Row {
    /// The value of a field of this row's collection; `Null` if it has none.
    fn value(&self, field: &str) -> Value;
}
