//! Values during an evaluation: mostly views into borrowed JSON, never a copy of it.

use std::net::IpAddr;
use std::ops::Deref;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::eval::blob::Blob;
use crate::eval::net::Cidr;
use crate::function::Sorts;
use crate::ir::Literal;
use crate::text::listed;

/// A value. A copy costs nothing that grows with its size.
#[derive(Clone, Debug)]
pub(crate) enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Text<'a>),
    Bytes(Blob<'a>),
    List(List<'a>),
    Map(Map<'a>),
    Timestamp(DateTime<Utc>),
    /// Nanoseconds: CEL's durations are limited to what fits.
    Duration(i64),
    Ip(IpAddr),
    Cidr(Cidr),
    /// A type, by its name.
    Type(&'static str),
    Optional(Option<Rc<Val<'a>>>),
}

/// Text, borrowed or made.
#[derive(Clone, Debug)]
pub(crate) enum Text<'a> {
    Borrowed(&'a str),
    Made(Rc<str>),
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text<'_> {}

impl std::hash::Hash for Text<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Made(text) => text,
        }
    }
}

/// A list, borrowed or made.
#[derive(Clone, Debug)]
pub(crate) enum List<'a> {
    /// The items, and the array that holds them.
    Json(&'a [Value], &'a Value),
    Made(Rc<Vec<Val<'a>>>),
}

impl<'a> List<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            List::Json(items, _) => items.len(),
            List::Made(items) => items.len(),
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<Val<'a>> {
        match self {
            List::Json(items, _) => items.get(index).map(Val::from_json),
            List::Made(items) => items.get(index).cloned(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Val<'a>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

/// A map in the order in which it was written, borrowed or made.
#[derive(Clone, Debug)]
pub(crate) enum Map<'a> {
    /// The entries, and the object that holds them.
    Json(&'a serde_json::Map<String, Value>, &'a Value),
    /// From a literal, so never large.
    Made(Rc<Vec<(Val<'a>, Val<'a>)>>),
}

impl<'a> Map<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Map::Json(entries, _) => entries.len(),
            Map::Made(entries) => entries.len(),
        }
    }

    /// The value of a text key.
    pub(crate) fn get(&self, name: &str) -> Option<Val<'a>> {
        match self {
            Map::Json(entries, _) => entries.get(name).map(Val::from_json),
            Map::Made(entries) => {
                let found = entries.iter().find(|(key, _)| matches!(key, Val::String(key) if **key == *name));
                found.map(|(_, value)| value.clone())
            }
        }
    }

    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = (Val<'a>, Val<'a>)> + '_> {
        match self {
            Map::Json(entries, _) => Box::new(
                entries.iter().map(|(key, value)| (Val::String(Text::Borrowed(key)), Val::from_json(value))),
            ),
            Map::Made(entries) => Box::new(entries.iter().cloned()),
        }
    }

    pub(crate) fn keys(&self) -> Vec<Val<'a>> {
        match self {
            Map::Json(entries, _) => entries.keys().map(|key| Val::String(Text::Borrowed(key))).collect(),
            Map::Made(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
        }
    }

    /// The keys as a message lists them.
    pub(crate) fn listed(&self) -> String {
        match self {
            Map::Json(entries, _) => listed(entries.keys().map(String::as_str)),
            Map::Made(entries) => {
                let names = entries.iter().filter_map(|(key, _)| match key {
                    Val::String(text) => Some(&**text),
                    _ => None,
                });
                listed(names.collect::<Vec<_>>())
            }
        }
    }
}

impl<'a> Val<'a> {
    pub(crate) fn from_json(value: &'a Value) -> Self {
        match value {
            Value::Null => Val::Null,
            Value::Bool(value) => Val::Bool(*value),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Val::Int(value),
                // Too large for `int`: kept exact rather than rounded. Comparisons mix the two freely.
                (None, Some(value)) => Val::Uint(value),
                (None, None) => Val::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Val::String(Text::Borrowed(text)),
            Value::Array(items) => Val::List(List::Json(items, value)),
            Value::Object(entries) => Val::Map(Map::Json(entries, value)),
        }
    }

    pub(crate) fn from_literal(literal: &'a Literal) -> Self {
        match literal {
            Literal::Null => Val::Null,
            Literal::Bool(value) => Val::Bool(*value),
            Literal::Int(value) => Val::Int(*value),
            Literal::Uint(value) => Val::Uint(*value),
            Literal::Double(value) => Val::Double(*value),
            Literal::String(text) => Val::String(Text::Borrowed(text)),
            Literal::Bytes(bytes) => Val::Bytes(Blob::Borrowed(bytes)),
            Literal::Type(name) => Val::Type(name),
        }
    }

    pub(crate) fn text(text: impl Into<Rc<str>>) -> Self {
        Val::String(Text::Made(text.into()))
    }

    pub(crate) fn list(items: Vec<Val<'a>>) -> Self {
        Val::List(List::Made(Rc::new(items)))
    }

    pub(crate) fn some(value: Val<'a>) -> Self {
        Val::Optional(Some(Rc::new(value)))
    }

    /// The JSON it is a view of, if it is an array or an object from outside.
    pub(crate) fn as_json(&self) -> Option<&'a Value> {
        match self {
            Val::List(List::Json(_, whole)) | Val::Map(Map::Json(_, whole)) => Some(whole),
            _ => None,
        }
    }

    pub(crate) fn sort(&self) -> Sorts {
        match self {
            Val::Null => Sorts::NULL,
            Val::Bool(_) => Sorts::BOOL,
            Val::Int(_) => Sorts::INT,
            Val::Uint(_) => Sorts::UINT,
            Val::Double(_) => Sorts::DOUBLE,
            Val::String(_) => Sorts::STRING,
            Val::List(_) => Sorts::LIST,
            Val::Map(_) => Sorts::MAP,
            Val::Timestamp(_) => Sorts::TIMESTAMP,
            Val::Duration(_) => Sorts::DURATION,
            Val::Optional(_) => Sorts::OPTIONAL,
            Val::Bytes(_) => Sorts::BYTES,
            Val::Type(_) => Sorts::TYPE,
            Val::Ip(_) => Sorts::IP,
            Val::Cidr(_) => Sorts::CIDR,
        }
    }

    /// The name of its type, as CEL calls it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Val::Null => "null_type",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Uint(_) => "uint",
            Val::Double(_) => "double",
            Val::String(_) => "string",
            Val::Bytes(_) => "bytes",
            Val::List(_) => "list",
            Val::Map(_) => "map",
            Val::Timestamp(_) => "google.protobuf.Timestamp",
            Val::Duration(_) => "google.protobuf.Duration",
            Val::Optional(_) => "optional_type",
            Val::Ip(_) => "net.IP",
            Val::Cidr(_) => "net.CIDR",
            Val::Type(_) => "type",
        }
    }

    /// What it is, for people: `a string`.
    pub(crate) fn describe(&self) -> String {
        self.sort().describe()
    }
}
