//! `$orderby`: by which fields rows are sorted.

use std::cmp::Ordering;

use super::evaluate::order;
use super::{BadFilter, Field, FieldType, Row, Value};

/// The fields to sort by, the most important first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OrderBy(Vec<(Field, Direction)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

impl OrderBy {
    /// Reads `field`, `field asc` or `field desc`, with commas between. `text` is already percent-decoded.
    pub(crate) fn parse(text: &str, fields: &'static [Field]) -> Result<Self, BadFilter> {
        let mut keys: Vec<(Field, Direction)> = Vec::new();
        let mut at = 0;
        for part in text.split(',') {
            let key = key(part, fields).map_err(|message| BadFilter { message, at })?;
            // Each field once: this also bounds the list.
            if keys.iter().any(|(field, _)| *field == key.0) {
                return Err(BadFilter { message: format!("the property `{}` comes twice", key.0.name), at });
            }
            keys.push(key);
            at += part.len() + 1;
        }
        Ok(Self(keys))
    }

    /// Sorts; rows that are equal stay in their order.
    pub(crate) fn sort<T: Row>(&self, rows: Vec<T>) -> Vec<T> {
        let values = |row: &T| self.0.iter().map(|(field, _)| row.value(field.name)).collect();
        let mut rows: Vec<(Vec<Value>, T)> = rows.into_iter().map(|row| (values(&row), row)).collect();
        rows.sort_by(|(left, _), (right, _)| self.compare(left, right));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn compare(&self, left: &[Value], right: &[Value]) -> Ordering {
        let orders = self.0.iter().zip(left.iter().zip(right)).map(|((_, direction), (left, right))| {
            let order = nulls_first(left, right);
            match direction {
                Direction::Ascending => order,
                Direction::Descending => order.reverse(),
            }
        });
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

fn key(text: &str, fields: &'static [Field]) -> Result<(Field, Direction), String> {
    let mut words = text.split_whitespace();
    let name = words.next().ok_or("a property is expected")?;
    let field = fields
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case(name) && field.kind != FieldType::Texts)
        .ok_or_else(|| format!("the property `{name}` does not exist here or cannot be sorted by"))?;
    let direction = match words.next() {
        None => Direction::Ascending,
        Some(word) if word.eq_ignore_ascii_case("asc") => Direction::Ascending,
        Some(word) if word.eq_ignore_ascii_case("desc") => Direction::Descending,
        Some(_) => return Err("asc or desc is expected".into()),
    };
    match words.next() {
        None => Ok((*field, direction)),
        Some(_) => Err("`,` is expected".into()),
    }
}

/// The values of one field are of one type or null, and OData sorts null before anything else.
fn nulls_first(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (left, right) => order(left, right).unwrap_or(Ordering::Equal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        Field { name: "group", kind: FieldType::NumberOrText },
        Field { name: "name", kind: FieldType::Text },
        Field { name: "tags", kind: FieldType::Texts },
    ];

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Sample(u8, Option<&'static str>);

    impl Row for Sample {
        fn value(&self, field: &str) -> Value {
            match field {
                "group" => Value::Number(self.0.into()),
                _ => self.1.map_or(Value::Null, |name| Value::Text(name.into())),
            }
        }
    }

    const A: Sample = Sample(1, Some("a"));
    const B: Sample = Sample(1, Some("b"));
    const C: Sample = Sample(10, Some("c"));
    const NAMELESS: Sample = Sample(2, None);

    #[test]
    fn rows_are_sorted_by_field_after_field() {
        for (text, expected) in [
            ("group", [B, A, NAMELESS, C]),
            ("GROUP Desc", [C, NAMELESS, B, A]),
            ("group desc , name asc", [C, NAMELESS, A, B]),
            ("name", [NAMELESS, A, B, C]),
            ("name desc", [C, B, A, NAMELESS]),
        ] {
            let order = OrderBy::parse(text, FIELDS).unwrap();
            assert_eq!(order.sort(vec![B, C, A, NAMELESS]), expected, "{text}");
        }
    }

    #[test]
    fn wrong_orders_say_what_is_wrong() {
        for (text, part) in [
            ("", "a property is expected (at position 0)"),
            ("group,", "a property is expected (at position 6)"),
            ("other", "`other` does not exist"),
            ("tags", "cannot be sorted by"),
            ("group up", "asc or desc"),
            ("group asc name", "`,` is expected"),
            ("group,Group desc", "comes twice"),
        ] {
            let error = OrderBy::parse(text, FIELDS).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
