//! YAML, as far as files here use it: mappings with text keys, lists, scalars; everything with its place.
//!
//! Read with the YAML 1.2 core schema (`yes` and `on` are text). Anchors, aliases, tags, merge keys, directives and
//! second documents are refused: none of them is needed, and each makes a file mean something else than it seems.
//! Playbooks and the daemon's configuration are read by the same rules.
//!
//! This is the only module that knows the parser's crate. It uses the event stream and not serde, because serde stops
//! at the first problem, and loses places and duplicate keys on the way.

mod fault;
mod fields;
mod mask;
mod place;
mod reader;
mod scalar;
mod slip;

pub(crate) use fault::too_large;
pub(crate) use fields::meant_boolean;
pub use fields::{Field, Fields};
pub use mask::masked;
pub use place::Places;
pub(crate) use reader::read_on;
pub(crate) use slip::as_value;

use crate::Diagnostic;
use serde_json::Value;
use std::ops::Range;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the file.
    pub bytes: usize,
    /// Most mappings and lists inside each other.
    pub depth: usize,
    /// Most keys and values.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 1 << 20, depth: 32, nodes: 20_000 }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Bytes of the file, without what follows the value.
    pub span: Range<usize>,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above the range of `i64`.
    UInt(u64),
    /// Another finite number.
    Float(f64),
    /// Text.
    Str(Text),
    /// A list.
    Seq(Vec<Spanned<Node>>),
    /// A mapping, in the order of the file; no key twice.
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

/// A text, and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text itself, without quotes and escapes.
    pub value: String,
    /// How it stands in the file.
    pub form: Form,
}

/// How a text stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is, or as a block (`|`, `>`): only line breaks and indentation differ.
    Bare,
    /// In `'`.
    Single,
    /// In `"`.
    Double,
}

impl Node {
    /// What it is, for messages: `a list`.
    pub fn describe(&self) -> &'static str {
        match self {
            Node::Null => "nothing",
            Node::Bool(_) => "a boolean",
            Node::Int(_) | Node::UInt(_) | Node::Float(_) => "a number",
            Node::Str(_) => "text",
            Node::Seq(_) => "a list",
            Node::Map(_) => "a mapping",
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::from(*value),
            Node::Int(value) => Value::from(*value),
            Node::UInt(value) => Value::from(*value),
            Node::Float(value) => Value::from(*value),
            Node::Str(text) => Value::from(text.value.as_str()),
            Node::Seq(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Node::Map(entries) => {
                entries.iter().map(|(key, value)| (key.value.clone(), value.value.to_json())).collect()
            }
        }
    }
}

impl Spanned<Node> {
    /// Where to point for the whole of it: a block mapping's first key, else the value itself.
    pub fn head(&self) -> Range<usize> {
        match &self.value {
            Node::Map(entries) => match entries.first() {
                Some((key, _)) if key.span.start == self.span.start => key.span.clone(),
                _ => self.span.clone(),
            },
            _ => self.span.clone(),
        }
    }
}

/// Reads a file. Everything wrong with its YAML comes back at once.
pub fn read(source: &str, limits: &Limits) -> Result<Spanned<Node>, Vec<Diagnostic>> {
    match read_on(source, limits) {
        (Some(root), found) if found.is_empty() => Ok(root),
        (_, found) => Err(found.into_vec()),
    }
}
