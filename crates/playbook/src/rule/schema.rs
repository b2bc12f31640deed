//! Schemas that the author writes: a subset of JSON Schema 2020-12.

use super::Checker;
use super::fit::misfit;
use crate::diagnostic::quote;
use crate::load::Found;
use crate::yaml::{Field, Fields, Node, Spanned};
use crate::{Code, Diagnostic, suggest};
use indexmap::IndexMap;
use riposte_model::{Format, ObjectSchema, Pattern, Property, Schema, Type};
use serde_json::Value;

/// Most patterns in one playbook: compiling one costs time and memory.
const MAX_PATTERNS: usize = 64;

/// The types, and the keywords that only make sense with them.
const TYPES: [(&str, &[&str]); 7] = [
    ("string", &["enum", "pattern", "minLength", "maxLength", "format"]),
    ("integer", &["minimum", "maximum"]),
    ("number", &["minimum", "maximum"]),
    ("boolean", &[]),
    ("array", &["items", "minItems", "maxItems"]),
    ("object", &["properties", "required", "additionalProperties"]),
    ("null", &[]),
];

/// What other languages call the types.
const OTHER_NAMES: [(&str, &[&str]); 6] = [
    ("string", &["text", "str"]),
    ("integer", &["int", "long"]),
    ("number", &["float", "double", "decimal"]),
    ("boolean", &["bool", "flag"]),
    ("array", &["list", "sequence", "tuple"]),
    ("object", &["dict", "map", "mapping", "hash"]),
];

/// What a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declares {
    /// An input of the playbook.
    Input,
    /// A part of one.
    Part,
}

/// The type that a word means, in whatever language.
fn meant_type(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let known = TYPES.iter().map(|(name, _)| *name).find(|name| *name == word);
    known.or_else(|| {
        OTHER_NAMES.iter().find(|(_, others)| others.contains(&word.as_str())).map(|(name, _)| *name)
    })
}

impl Checker<'_> {
    /// A schema and the default beside it.
    pub(super) fn property(
        &mut self,
        node: &Spanned<Node>,
        declares: Declares,
    ) -> Option<(Schema, Option<Value>)> {
        if let Node::Str(text) = &node.value {
            let name = meant_type(&text.value).unwrap_or("string");
            let problem = node.mismatch("a schema", "a mapping");
            self.found.push(match problem.code {
                Code::WrongType => {
                    Diagnostic { help: vec![format!("write `{{ type: {name} }}`")], ..problem }
                }
                _ => problem,
            });
            return None;
        }
        let mut fields = Fields::of("a schema", node, &mut self.found)?.unknown_as(Code::SchemaKeyword);
        let (name, nullable) = match fields.take("type") {
            Some(field) => self.type_name(field)?,
            None => (implied_type(&fields, &mut self.found)?, false),
        };
        self.misplaced_keywords(&fields, name);
        self.required_flag(&mut fields, declares);
        let kind = self.kind(&mut fields, name, nullable);
        let description = fields.take("description").and_then(|field| field.text(&mut self.found));
        let default = fields.take("default");
        for keyword in TYPES.iter().flat_map(|(_, keywords)| *keywords) {
            // Known, and told about above if it does not belong here.
            fields.take(keyword);
        }
        fields.finish(&mut self.found);
        let schema =
            Schema { kind: kind?, nullable, description: description.map(|text| text.value.clone()) };
        let default = default.map(|field| self.default(&schema, field));
        Some((schema, default))
    }

    /// `required: true`, as other languages have it: here what has no default is required.
    fn required_flag(&mut self, fields: &mut Fields<'_>, declares: Declares) {
        let Some(field) = fields.take("required") else { return };
        let Node::Bool(required) = field.value.value else { return };
        let help = match (declares, required) {
            (Declares::Input, true) => "inputs without a `default` are required: drop `required`",
            (Declares::Input, false) => "give the input a `default`: without one it is required",
            (Declares::Part, _) => {
                "list the names of what must be there beside `properties`, like `required: [name]`"
            }
        };
        self.found.push(
            Diagnostic::error(
                Code::Schema,
                format!("`required` is no `{required}` here"),
                field.key.span.clone(),
                "not said this way",
            )
            .with_help(help),
        );
    }

    fn default(&mut self, schema: &Schema, field: Field<'_>) -> Value {
        let value = field.value.value.to_json();
        let route = ["default".to_owned()];
        for violation in schema.violations(&value) {
            self.found.push(misfit(Code::Default, field.value, &route, violation));
        }
        value
    }

    /// `type`, and whether `null` fits too.
    fn type_name(&mut self, field: Field<'_>) -> Option<(&'static str, bool)> {
        let words: Vec<&Spanned<Node>> = match &field.value.value {
            Node::Seq(items) => items.iter().collect(),
            _ => vec![field.value],
        };
        let mut names = Vec::new();
        for word in words {
            names.push(self.type_word(Field { key: field.key, value: word })?);
        }
        match names[..] {
            [name] => Some((name, false)),
            [name, "null"] | ["null", name] if name != "null" => Some((name, true)),
            _ => {
                self.found.push(
                    Diagnostic::error(
                        Code::Schema,
                        "a value has one type here",
                        field.value.span.clone(),
                        "not one type",
                    )
                    .with_help(
                        "write `type: string`, or `type: [string, \"null\"]` for one that may be null",
                    ),
                );
                None
            }
        }
    }

    fn type_word(&mut self, field: Field<'_>) -> Option<&'static str> {
        if field.value.value == Node::Null && !field.value.span.is_empty() {
            // `[string, null]` says what it means.
            return Some("null");
        }
        if let Node::Str(text) = &field.value.value
            && let Some(name) = meant_type(&text.value).filter(|name| *name != text.value)
        {
            self.found.push(
                Diagnostic::error(
                    Code::UnknownWord,
                    format!("`type` cannot be {}", quote(&text.value)),
                    field.value.span.clone(),
                    "unknown word",
                )
                .with_help(format!("write `{name}`")),
            );
            return None;
        }
        let words = TYPES.map(|(name, _)| (name, name));
        field.word(&words, &mut self.found)
    }

    fn misplaced_keywords(&mut self, fields: &Fields<'_>, name: &str) {
        let fitting =
            TYPES.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, keywords)| *keywords);
        for key in fields.keys() {
            let keyword = key.value.as_str();
            if keyword == "required" && fields.is_boolean(keyword) {
                continue;
            }
            let known = TYPES.iter().any(|(_, keywords)| keywords.contains(&keyword));
            if known && !fitting.contains(&keyword) {
                self.found.push(Diagnostic::error(
                    Code::Schema,
                    format!("`{keyword}` says nothing about the type `{name}`"),
                    key.span.clone(),
                    "does not belong here",
                ));
            }
        }
    }

    fn kind(&mut self, fields: &mut Fields<'_>, name: &str, nullable: bool) -> Option<Type> {
        Some(match name {
            "string" => self.string(fields, nullable)?,
            "integer" => {
                let (minimum, maximum) = (fields.take("minimum"), fields.take("maximum"));
                let bound = |field: Field<'_>, found: &mut Found| field.integer(i64::MIN..=i64::MAX, found);
                let (least, most) = self.bounds(minimum, maximum, bound);
                Type::Integer { minimum: least, maximum: most }
            }
            "number" => {
                let (minimum, maximum) = (fields.take("minimum"), fields.take("maximum"));
                let (least, most) = self.bounds(minimum, maximum, |field, found| field.number(found));
                Type::Number { minimum: least, maximum: most }
            }
            "boolean" => Type::Boolean,
            "null" => Type::Null,
            "array" => {
                let items = fields.take("items").map(|field| self.property(field.value, Declares::Part));
                let (least, most) = self.sizes(fields, "minItems", "maxItems");
                let items = items.unwrap_or(Some((Schema::any(), None)))?.0;
                Type::Array { items: Box::new(items), min_items: least, max_items: most }
            }
            "object" => Type::Object(self.object(fields)),
            _ => Type::Any,
        })
    }

    fn string(&mut self, fields: &mut Fields<'_>, nullable: bool) -> Option<Type> {
        let choices = fields.take("enum").map(|field| self.choices(field, nullable));
        let pattern = fields.take("pattern").map(|field| self.pattern(field));
        let format = fields.take("format").map(|field| {
            let words = Format::ALL.map(|format| (format.as_str(), format));
            field.word(&words, &mut self.found)
        });
        let (min_length, max_length) = self.sizes(fields, "minLength", "maxLength");
        Some(Type::String {
            choices: choices.unwrap_or_default(),
            pattern: pattern.map_or(Some(None), |pattern| pattern.map(Some))?,
            min_length,
            max_length,
            format: format.map_or(Some(None), |format| format.map(Some))?,
        })
    }

    fn choices(&mut self, field: Field<'_>, nullable: bool) -> Vec<String> {
        let mut choices: Vec<String> = Vec::new();
        for item in field.filled_list(&mut self.found).unwrap_or_default() {
            match &item.value {
                Node::Str(text) if choices.len() < 1000 && choices.contains(&text.value) => {
                    self.found.push(
                        Diagnostic::error(
                            Code::Schema,
                            format!("{} stands in `enum` twice", quote(&text.value)),
                            item.span.clone(),
                            "again",
                        )
                        .with_help("keep one of them"),
                    );
                }
                Node::Str(text) => choices.push(text.value.clone()),
                Node::Null if nullable => {}
                _ => self.found.push(item.mismatch("a choice of `enum`", "text")),
            }
        }
        choices
    }

    fn pattern(&mut self, field: Field<'_>) -> Option<Pattern> {
        let text = field.text(&mut self.found)?;
        self.patterns += 1;
        let span = field.value.span.clone();
        let problem = if self.patterns > MAX_PATTERNS {
            let message = format!("a playbook has at most {MAX_PATTERNS} patterns");
            Diagnostic::error(Code::Regex, message, span, "one too many")
                .with_help("test some of them in an `if` instead, like `inputs.x.matches(\"^a+$\")`")
        } else {
            match Pattern::parse(&text.value) {
                Ok(pattern) => return Some(pattern),
                Err(reason) => {
                    Diagnostic::error(Code::Regex, "`pattern` is no regular expression", span, reason)
                }
            }
        };
        self.found.push(problem);
        None
    }

    /// Two sizes, at least zero, the first not above the second.
    fn sizes(
        &mut self,
        fields: &mut Fields<'_>,
        least: &'static str,
        most: &'static str,
    ) -> (Option<u64>, Option<u64>) {
        let (least, most) = (fields.take(least), fields.take(most));
        let size = |field: Field<'_>, found: &mut Found| {
            field.integer(0..=i64::MAX, found).and_then(|size| u64::try_from(size).ok())
        };
        self.bounds(least, most, size)
    }

    fn bounds<T: PartialOrd>(
        &mut self,
        least: Option<Field<'_>>,
        most: Option<Field<'_>>,
        read: impl Fn(Field<'_>, &mut Found) -> Option<T>,
    ) -> (Option<T>, Option<T>) {
        let lower = least.and_then(|field| read(field, &mut self.found));
        let upper = most.and_then(|field| read(field, &mut self.found));
        if let (Some(least), Some(most), Some(lower), Some(upper)) = (least, most, &lower, &upper)
            && lower > upper
        {
            self.found.push(
                Diagnostic::error(
                    Code::Schema,
                    format!("`{}` is above `{}`", least.key.value, most.key.value),
                    least.value.span.clone(),
                    "nothing fits",
                )
                .with_secondary(most.value.span.clone(), "above this")
                .with_help(format!("write a smaller `{}` or a larger `{}`", least.key.value, most.key.value)),
            );
        }
        (lower, upper)
    }

    fn object(&mut self, fields: &mut Fields<'_>) -> ObjectSchema {
        let mut properties = IndexMap::new();
        for (name, node) in
            fields.take("properties").and_then(|field| field.mapping(&mut self.found)).unwrap_or_default()
        {
            if self.found.is_full() {
                break;
            }
            let (schema, default) = self.property(node, Declares::Part).unwrap_or((Schema::any(), None));
            properties.insert(name.value.clone(), Property { schema, required: false, default });
        }
        // One that is `true` was told about above.
        let required = fields.take("required").filter(|field| !matches!(field.value.value, Node::Bool(_)));
        for name in required.and_then(|field| field.list(&mut self.found)).unwrap_or_default() {
            let Node::Str(text) = &name.value else {
                self.found.push(name.mismatch("a name of `required`", "text"));
                continue;
            };
            match properties.get_mut(&text.value) {
                Some(property) => property.required = true,
                None if self.found.is_full() => break,
                None => self.found.push(
                    Diagnostic::error(
                        Code::Schema,
                        format!("`required` names {}, which is no property", quote(&text.value)),
                        name.span.clone(),
                        "not among `properties`",
                    )
                    .with_help(
                        suggest(&text.value, properties.keys().map(String::as_str), "properties")
                            .unwrap_or_else(|| "declare it under `properties`".to_owned()),
                    ),
                ),
            }
        }
        let open = fields.take("additionalProperties").and_then(|field| field.boolean(&mut self.found));
        // As in JSON Schema: what is not forbidden may be there.
        ObjectSchema { properties, open: open.unwrap_or(true) }
    }
}

/// The type of a schema that names none: a list of texts says enough, other keywords want to be told.
fn implied_type(fields: &Fields<'_>, found: &mut Found) -> Option<&'static str> {
    if fields.keys().any(|key| key.value == "enum") {
        return Some("string");
    }
    let typed =
        fields.keys().find(|key| TYPES.iter().any(|(_, keywords)| keywords.contains(&key.value.as_str())));
    let Some(key) = typed else { return Some("any") };
    let fitting = TYPES.iter().find(|(_, keywords)| keywords.contains(&key.value.as_str()));
    found.push(
        Diagnostic::error(
            Code::MissingKey,
            format!("`{}` needs a `type` beside it", key.value),
            key.span.clone(),
            "of which type?",
        )
        .with_help_if(fitting.map(|(name, _)| format!("write `type: {name}`"))),
    );
    None
}
