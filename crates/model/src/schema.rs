//! The subset of JSON Schema 2020-12 in which inputs, action arguments and outputs are described.
//!
//! The same value serves the checker (which names exist), the engine (does this value fit) and the editor
//! ([`Schema::to_json`]). Objects that we define are closed; what a provider defines is open, and what it adds is kept.

mod check;
mod json;

pub use check::Violation;

use indexmap::IndexMap;
use serde_json::Value;

/// What a value must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The type and its constraints.
    pub kind: Type,
    /// Whether `null` fits as well.
    pub nullable: bool,
    /// One line for people.
    pub description: Option<String>,
}

/// A type with its constraints.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Anything: nothing is known.
    Any,
    /// `null` and nothing else.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer {
        /// Smallest that fits.
        minimum: Option<i64>,
        /// Largest that fits.
        maximum: Option<i64>,
    },
    /// Any finite number.
    Number {
        /// Smallest that fits.
        minimum: Option<f64>,
        /// Largest that fits.
        maximum: Option<f64>,
    },
    /// Text.
    String {
        /// The only values that fit; empty: no such rule.
        choices: Vec<String>,
        /// A regular expression that must match somewhere in it.
        pattern: Option<Pattern>,
        /// Fewest Unicode characters.
        min_length: Option<u64>,
        /// Most Unicode characters.
        max_length: Option<u64>,
        /// What the text denotes.
        format: Option<Format>,
    },
    /// A list.
    Array {
        /// What each item must be.
        items: Box<Schema>,
        /// Fewest items.
        min_items: Option<u64>,
        /// Most items.
        max_items: Option<u64>,
    },
    /// Names and values.
    Object(ObjectSchema),
}

/// An object's properties.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectSchema {
    /// Known properties, in the order of documentation.
    pub properties: IndexMap<String, Property>,
    /// Whether other properties may be there too (`additionalProperties`).
    pub open: bool,
}

/// One property of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// What its value must be.
    pub schema: Schema,
    /// Whether it must be there.
    pub required: bool,
    /// The value it takes when it is not there.
    pub default: Option<Value>,
}

/// What a string denotes (`format`). Unlike in JSON Schema's default vocabulary, it is always checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 3339, section 5.6.
    DateTime,
    /// RFC 9562.
    Uuid,
    /// RFC 2673, section 3.2.
    Ipv4,
    /// RFC 4291, section 2.2.
    Ipv6,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 4] = [Format::DateTime, Format::Uuid, Format::Ipv4, Format::Ipv6];

    /// JSON Schema's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::DateTime => "date-time",
            Format::Uuid => "uuid",
            Format::Ipv4 => "ipv4",
            Format::Ipv6 => "ipv6",
        }
    }
}

/// A compiled regular expression (linear time, the `regex` crate's syntax, not anchored).
#[derive(Clone, Debug)]
pub struct Pattern(regex::Regex);

/// Most bytes a compiled pattern may take.
const PATTERN_SIZE_LIMIT: usize = 1 << 20;

impl Pattern {
    /// Compiles it; the error is the `regex` crate's message in one line.
    pub fn parse(source: &str) -> Result<Self, String> {
        regex::RegexBuilder::new(source)
            .size_limit(PATTERN_SIZE_LIMIT)
            .build()
            .map(Pattern)
            .map_err(|error| last_line(&error.to_string()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it matches somewhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// `regex` draws its syntax errors over several lines; the last one says what is wrong.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or(message).trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

impl Schema {
    fn of(kind: Type) -> Self {
        Schema { kind, nullable: false, description: None }
    }

    /// Anything.
    pub fn any() -> Self {
        Schema::of(Type::Any)
    }

    /// `null`.
    pub fn null() -> Self {
        Schema::of(Type::Null)
    }

    /// A boolean.
    pub fn boolean() -> Self {
        Schema::of(Type::Boolean)
    }

    /// Any whole number.
    pub fn integer() -> Self {
        Schema::of(Type::Integer { minimum: None, maximum: None })
    }

    /// Any number.
    pub fn number() -> Self {
        Schema::of(Type::Number { minimum: None, maximum: None })
    }

    /// Any text.
    pub fn string() -> Self {
        Schema::of(Type::String {
            choices: Vec::new(),
            pattern: None,
            min_length: None,
            max_length: None,
            format: None,
        })
    }

    /// One of these texts.
    pub fn choice<const N: usize>(choices: [&str; N]) -> Self {
        Schema::of(Type::String {
            choices: choices.map(str::to_owned).into(),
            pattern: None,
            min_length: None,
            max_length: None,
            format: None,
        })
    }

    /// Text that denotes something.
    pub fn formatted(format: Format) -> Self {
        Schema::of(Type::String {
            choices: Vec::new(),
            pattern: None,
            min_length: None,
            max_length: None,
            format: Some(format),
        })
    }

    /// Text that matches a pattern.
    pub fn matching(pattern: Pattern) -> Self {
        Schema::of(Type::String {
            choices: Vec::new(),
            pattern: Some(pattern),
            min_length: None,
            max_length: None,
            format: None,
        })
    }

    /// A list of these.
    pub fn array(items: Schema) -> Self {
        Schema::of(Type::Array { items: Box::new(items), min_items: None, max_items: None })
    }

    /// An object with no properties yet, closed: what we define.
    pub fn object() -> Self {
        Schema::of(Type::Object(ObjectSchema::default()))
    }

    /// An object with no properties yet, open: what others define.
    pub fn open_object() -> Self {
        Schema::of(Type::Object(ObjectSchema { properties: IndexMap::new(), open: true }))
    }

    /// Adds a property that must be there. On anything but an object it changes nothing.
    #[must_use]
    pub fn required(self, name: &str, schema: Schema) -> Self {
        self.with_property(name, Property { schema, required: true, default: None })
    }

    /// Adds a property that may be there. On anything but an object it changes nothing.
    #[must_use]
    pub fn optional(self, name: &str, schema: Schema) -> Self {
        self.with_property(name, Property { schema, required: false, default: None })
    }

    /// Adds a property. On anything but an object it changes nothing.
    #[must_use]
    pub fn with_property(mut self, name: &str, property: Property) -> Self {
        if let Type::Object(object) = &mut self.kind {
            object.properties.insert(name.to_owned(), property);
        }
        self
    }

    /// Lets `null` fit as well.
    #[must_use]
    pub fn or_null(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Sets the line for people.
    #[must_use]
    pub fn described(mut self, description: &str) -> Self {
        self.description = Some(description.to_owned());
        self
    }

    /// Puts the defaults of properties that are not there, if it is an object.
    pub fn fill_in_defaults(&self, map: &mut serde_json::Map<String, Value>) {
        for (name, property) in self.as_object().into_iter().flat_map(|object| &object.properties) {
            if let (Some(default), false) = (&property.default, map.contains_key(name)) {
                map.insert(name.clone(), default.clone());
            }
        }
    }

    /// The object's properties, if it is one.
    pub fn as_object(&self) -> Option<&ObjectSchema> {
        match &self.kind {
            Type::Object(object) => Some(object),
            Type::Any
            | Type::Null
            | Type::Boolean
            | Type::Integer { .. }
            | Type::Number { .. }
            | Type::String { .. }
            | Type::Array { .. } => None,
        }
    }

    /// The only texts that fit, if it is a choice.
    pub fn choices(&self) -> Option<&[String]> {
        match &self.kind {
            Type::String { choices, .. } if !choices.is_empty() => Some(choices),
            _ => None,
        }
    }

    /// JSON Schema's word for the type.
    pub fn type_name(&self) -> &'static str {
        match &self.kind {
            Type::Any => "any",
            Type::Null => "null",
            Type::Boolean => "boolean",
            Type::Integer { .. } => "integer",
            Type::Number { .. } => "number",
            Type::String { .. } => "string",
            Type::Array { .. } => "array",
            Type::Object(_) => "object",
        }
    }
}
