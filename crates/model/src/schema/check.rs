//! Does a value fit a schema, and if not, where and why.

use super::{Format, ObjectSchema, Schema, Type};
use crate::{article, type_name};
use serde_json::Value;

/// One way in which a value does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Property names and item numbers from the value's root to the place.
    pub route: Vec<String>,
    /// What is wrong there: one lowercase line, never the value of a long text.
    pub message: String,
    /// The nearest right names, for unknown properties and wrong choices; empty otherwise.
    pub valid: Vec<String>,
    /// The message for those who must not be told the value, if `message` quotes it.
    pub discreet: Option<String>,
}

impl Violation {
    /// One that quotes no value.
    pub fn new(route: Vec<String>, message: impl Into<String>) -> Self {
        Violation { route, message: message.into(), valid: Vec::new(), discreet: None }
    }

    /// The same without the value: where, what was expected, and of what kind or length the value is.
    pub fn without_value(&self) -> String {
        self.told(self.discreet.as_deref().unwrap_or(&self.message))
    }

    fn told(&self, message: &str) -> String {
        let place = self.place();
        if place.is_empty() { message.to_owned() } else { format!("`{place}` {message}") }
    }

    /// The route as people write it: `devices[3].name`; empty for the root.
    pub fn place(&self) -> String {
        let mut text = String::new();
        for part in &self.route {
            if part.bytes().all(|b| b.is_ascii_digit()) {
                text.push_str(&format!("[{part}]"));
            } else {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(part);
            }
        }
        text
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.told(&self.message))
    }
}

/// Longest text quoted in a message.
const QUOTE_LIMIT: usize = 60;

impl Schema {
    /// Everything in which the value does not fit, in document order; empty: it fits.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        let mut found = Vec::new();
        self.visit(value, &mut Vec::new(), &mut found);
        found
    }

    fn visit(&self, value: &Value, route: &mut Vec<String>, found: &mut Vec<Violation>) {
        match (&self.kind, value) {
            (Type::Any, _) | (Type::Null, Value::Null) | (Type::Boolean, Value::Bool(_)) => {}
            (_, Value::Null) if self.nullable => {}
            (Type::Integer { minimum, maximum }, Value::Number(number)) => match whole(number) {
                None => found.push(number_is(route, number, "not a whole number")),
                Some(whole) => {
                    if let Some(minimum) = minimum.filter(|minimum| whole < i128::from(*minimum)) {
                        found.push(number_is(route, whole, &format!("below the minimum of {minimum}")));
                    }
                    if let Some(maximum) = maximum.filter(|maximum| whole > i128::from(*maximum)) {
                        found.push(number_is(route, whole, &format!("above the maximum of {maximum}")));
                    }
                }
            },
            (Type::Number { minimum, maximum }, Value::Number(number)) => {
                let float = number.as_f64().unwrap_or(f64::NAN);
                if let Some(minimum) = minimum.filter(|minimum| float < *minimum) {
                    found.push(number_is(route, number, &format!("below the minimum of {minimum}")));
                }
                if let Some(maximum) = maximum.filter(|maximum| float > *maximum) {
                    found.push(number_is(route, number, &format!("above the maximum of {maximum}")));
                }
            }
            (Type::String { choices, pattern, min_length, max_length, format }, Value::String(text)) => {
                if !choices.is_empty() && !choices.contains(text) {
                    let list = choices.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ");
                    let violation = text_is(route, text, &format!("not one of {list}"));
                    found.push(Violation { valid: choices.clone(), ..violation });
                }
                if let Some(pattern) = pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
                    found.push(text_is(route, text, &format!("which does not match `{}`", pattern.as_str())));
                }
                let length = text.chars().count() as u64;
                if let Some(least) = min_length.filter(|least| length < *least) {
                    found.push(Violation::new(
                        route.clone(),
                        format!("has {length} characters, fewer than {least}"),
                    ));
                }
                if let Some(most) = max_length.filter(|most| length > *most) {
                    found.push(Violation::new(
                        route.clone(),
                        format!("has {length} characters, more than {most}"),
                    ));
                }
                if let Some(format) = format.filter(|format| !format.admits(text)) {
                    found.push(text_is(route, text, &format!("not a valid {}", format.as_str())));
                }
            }
            (Type::Array { items, min_items, max_items }, Value::Array(list)) => {
                let length = list.len() as u64;
                if let Some(least) = min_items.filter(|least| length < *least) {
                    found.push(Violation::new(
                        route.clone(),
                        format!("has {length} items, fewer than {least}"),
                    ));
                }
                if let Some(most) = max_items.filter(|most| length > *most) {
                    found
                        .push(Violation::new(route.clone(), format!("has {length} items, more than {most}")));
                }
                for (index, item) in list.iter().enumerate() {
                    route.push(index.to_string());
                    items.visit(item, route, found);
                    route.pop();
                }
            }
            (Type::Object(object), Value::Object(map)) => object.visit(map, route, found),
            (_, value) => {
                let wanted = self.type_name();
                found.push(Violation::new(
                    route.clone(),
                    format!("must be {} {wanted}, not {}", article(wanted), type_name(value)),
                ));
            }
        }
    }
}

impl ObjectSchema {
    /// Everything in which an object does not fit, in document order; empty: it fits.
    pub fn violations(&self, map: &serde_json::Map<String, Value>) -> Vec<Violation> {
        let mut found = Vec::new();
        self.visit(map, &mut Vec::new(), &mut found);
        found
    }

    fn visit(
        &self,
        map: &serde_json::Map<String, Value>,
        route: &mut Vec<String>,
        found: &mut Vec<Violation>,
    ) {
        for (name, property) in &self.properties {
            if property.required && property.default.is_none() && !map.contains_key(name) {
                found.push(Violation::new(route.clone(), format!("lacks `{name}`")));
            }
        }
        for (name, value) in map {
            route.push(name.clone());
            match self.properties.get(name) {
                Some(property) => property.schema.visit(value, route, found),
                None if self.open => {}
                None => found.push(Violation {
                    valid: self.properties.keys().cloned().collect(),
                    ..Violation::new(route.clone(), "is not known here")
                }),
            }
            route.pop();
        }
    }
}

impl Format {
    fn admits(self, text: &str) -> bool {
        match self {
            Format::DateTime => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            Format::Uuid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
            Format::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
            Format::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
        }
    }
}

/// JSON Schema counts 3.0 as an integer.
fn whole(number: &serde_json::Number) -> Option<i128> {
    if let Some(integer) = number.as_i64() {
        return Some(i128::from(integer));
    }
    if let Some(integer) = number.as_u64() {
        return Some(i128::from(integer));
    }
    #[expect(clippy::cast_possible_truncation, reason = "guarded: whole and far inside the range of i128")]
    number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e18).map(|float| float as i128)
}

/// That a number is not as it has to be.
fn number_is(route: &[String], number: impl std::fmt::Display, why: &str) -> Violation {
    Violation {
        discreet: Some(format!("is a number, {why}")),
        ..Violation::new(route.to_vec(), format!("is {number}, {why}"))
    }
}

/// That a text is not as it has to be.
fn text_is(route: &[String], text: &str, why: &str) -> Violation {
    let length = text.chars().count();
    let characters = if length == 1 { "character" } else { "characters" };
    Violation {
        discreet: Some(format!("is a text of {length} {characters}, {why}")),
        ..Violation::new(route.to_vec(), format!("is {}, {why}", quote(text)))
    }
}

/// A text in a message: escaped, because it may come from outside, and short.
fn quote(text: &str) -> String {
    let short: String = text.chars().take(QUOTE_LIMIT).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{dots}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pattern;
    use serde_json::json;

    fn messages(schema: &Schema, value: &Value) -> Vec<String> {
        schema.violations(value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_violation_is_named_with_its_place() {
        let schema = Schema::object()
            .required("machine_id", Schema::matching(Pattern::parse("^[0-9a-f]{40}$").unwrap()))
            .required("comment", Schema::string())
            .optional("isolation_type", Schema::choice(["Full", "Selective"]))
            .optional("tags", Schema::array(Schema::string()));
        let value = json!({ "machine_id": "x", "isolation_type": "Ful", "tags": ["a", 1], "coment": "" });
        assert_eq!(
            messages(&schema, &value),
            [
                "lacks `comment`",
                "`machine_id` is \"x\", which does not match `^[0-9a-f]{40}$`",
                "`isolation_type` is \"Ful\", not one of `Full`, `Selective`",
                "`tags[1]` must be a string, not integer",
                "`coment` is not known here",
            ]
        );
    }

    #[test]
    fn the_value_can_be_left_out() {
        let schema = Schema::object()
            .required("id", Schema::matching(Pattern::parse("^[0-9a-f]{4}$").unwrap()))
            .required("level", Schema::choice(["Low", "High"]))
            .required("count", Schema::integer());
        let value = json!({ "id": "hunter2", "level": "\u{e9}", "count": 4711.5 });
        let told: Vec<String> = schema.violations(&value).iter().map(Violation::without_value).collect();
        assert_eq!(
            told,
            [
                "`id` is a text of 7 characters, which does not match `^[0-9a-f]{4}$`",
                "`level` is a text of 1 character, not one of `Low`, `High`",
                "`count` is a number, not a whole number",
            ]
        );
    }

    #[test]
    fn null_fits_only_where_it_is_allowed() {
        assert!(Schema::string().or_null().violations(&Value::Null).is_empty());
        assert_eq!(messages(&Schema::string(), &Value::Null), ["must be a string, not null"]);
    }

    #[test]
    fn whole_numbers_may_be_written_as_floats() {
        assert!(Schema::integer().violations(&json!(3.0)).is_empty());
        assert_eq!(messages(&Schema::integer(), &json!(3.5)), ["is 3.5, not a whole number"]);
    }

    #[test]
    fn open_objects_keep_what_others_add() {
        let schema = Schema::open_object().required("id", Schema::string());
        assert!(schema.violations(&json!({ "id": "1", "new": true })).is_empty());
    }

    #[test]
    fn quoted_text_cannot_reach_a_terminal_raw() {
        let found = messages(&Schema::choice(["a"]), &json!("\u{1b}[2J"));
        assert_eq!(found, ["is \"\\u{1b}[2J\", not one of `a`"]);
    }
}
