//! Taking the known fields out of an object, one by one; what is left is kept.

use serde_json::{Map, Value};

use super::{Malformed, Timestamp};

/// The fields of one object that have not been read yet.
///
/// A field is read once, so that the rest is what we do not know. Texts may come as numbers and numbers as texts; null,
/// an empty text and a value of another type count as absent. A name may be written in another case, as the property tables
/// do it (`ID`, `State`); the exact one wins.
pub(crate) struct Fields<'v> {
    /// In the provider's order. An object has some twenty fields, so going through them takes less than hashing each name.
    unread: Vec<(&'v String, &'v Value)>,
}

impl<'v> Fields<'v> {
    pub(crate) fn of(object: &'v Value, expected: &'static str) -> Result<Fields<'v>, Malformed> {
        object.as_object().map(Fields::among).ok_or(Malformed { expected })
    }

    fn among(all: &'v Map<String, Value>) -> Fields<'v> {
        Fields { unread: all.iter().collect() }
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        text_of(self.take(name)?)
    }

    /// The first of several spellings that holds a text. All of them are taken.
    pub(crate) fn text_of_any(&mut self, names: &[&str]) -> Option<String> {
        let values: Vec<_> = names.iter().filter_map(|name| self.text(name)).collect();
        values.into_iter().next()
    }

    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        match self.take(name)? {
            Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    pub(crate) fn timestamp(&mut self, name: &str) -> Option<Timestamp> {
        self.text(name).map(Timestamp::from)
    }

    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(text_of).collect()
    }

    pub(crate) fn list(&mut self, name: &str) -> &'v [Value] {
        match self.take(name) {
            Some(Value::Array(items)) => items,
            _ => &[],
        }
    }

    pub(crate) fn object(&mut self, name: &str) -> Option<Fields<'v>> {
        self.take(name)?.as_object().map(Fields::among)
    }

    /// Whatever is there.
    pub(crate) fn value(&mut self, name: &str) -> Option<&'v Value> {
        self.take(name)
    }

    /// The fields nobody asked for, in the provider's order, without OData's annotations.
    pub(crate) fn rest(self) -> Map<String, Value> {
        let unknown = self.unread.into_iter().filter(|(name, _)| !name.starts_with("@odata."));
        unknown.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn take(&mut self, name: &str) -> Option<&'v Value> {
        let exact = self.unread.iter().position(|(known, _)| *known == name);
        let in_any_case = || self.unread.iter().position(|(known, _)| known.eq_ignore_ascii_case(name));
        let (_, value) = self.unread.remove(exact.or_else(in_any_case)?);
        (!value.is_null()).then_some(value)
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be whole and within the exact range of a double"
)]
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(object: &Value) -> Fields<'_> {
        Fields::of(object, "an object").expect("an object")
    }

    #[test]
    fn texts_and_numbers_come_in_each_others_clothes() {
        let object = json!({"a": 140, "b": true, "c": "", "d": null, "e": {}, "f": "x", "g": 1.5});
        let read: Vec<_> =
            ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| fields(&object).text(name)).into();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(read, [text("140"), text("true"), None, None, None, text("x"), text("1.5"), None]);

        let object =
            json!({"a": "-2147024891", "b": 5.0, "c": 5.5, "d": "five", "e": u64::MAX, "f": [1], "g": 1e300});
        let read: Vec<_> =
            ["a", "b", "c", "d", "e", "f", "g"].map(|name| fields(&object).integer(name)).into();
        assert_eq!(read, [Some(-2_147_024_891), Some(5), None, None, None, None, None]);

        let object = json!({"a": true, "b": "False", "c": 1, "d": null});
        let read: Vec<_> = ["a", "b", "c", "d"].map(|name| fields(&object).flag(name)).into();
        assert_eq!(read, [Some(true), Some(false), None, None]);
    }

    #[test]
    fn lists_keep_what_can_be_read() {
        let object = json!({"tags": ["a", 1, null, {}, ""], "none": null, "odd": "a"});
        assert_eq!(fields(&object).texts("tags"), ["a", "1"]);
        assert!(fields(&object).texts("none").is_empty());
        assert!(fields(&object).texts("odd").is_empty());
    }

    #[test]
    fn what_was_not_read_is_kept_in_order() {
        let object = json!({"@odata.context": "x", "z": 1, "id": "i", "b": null, "a": []});
        let mut fields = fields(&object);
        assert_eq!(fields.text("id").as_deref(), Some("i"));
        let rest = fields.rest();
        assert_eq!(rest.keys().collect::<Vec<_>>(), ["z", "b", "a"]);
    }

    #[test]
    fn the_first_spelling_wins_and_none_is_left() {
        let object = json!({"new": null, "old": "1", "older": "2"});
        let mut fields = fields(&object);
        assert_eq!(fields.text_of_any(&["new", "old", "older"]).as_deref(), Some("1"));
        assert!(fields.rest().is_empty());
    }

    #[test]
    fn a_name_is_found_in_another_case_and_the_exact_one_wins() {
        let object = json!({"ID": "a", "State": "Running", "state": "Queued"});
        let mut fields = fields(&object);
        assert_eq!(fields.text("id").as_deref(), Some("a"));
        assert_eq!(fields.text("state").as_deref(), Some("Queued"));
        assert_eq!(fields.rest().keys().collect::<Vec<_>>(), ["State"]);
    }

    #[test]
    fn only_an_object_has_fields() {
        for value in [json!(null), json!([]), json!("x"), json!(1)] {
            assert!(Fields::of(&value, "an object").is_err());
        }
    }
}
