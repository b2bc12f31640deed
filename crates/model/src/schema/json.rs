//! A schema in the words of JSON Schema 2020-12, for editors and documentation.

use super::{Schema, Type};
use serde_json::{Map, Value, json};

impl Schema {
    /// The schema as a JSON Schema document fragment.
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(key.to_owned(), value);
            }
        };
        put("description", self.description.as_ref().map(|text| json!(text)));
        if !matches!(self.kind, Type::Any) {
            let name = self.type_name();
            put("type", Some(if self.nullable { json!([name, "null"]) } else { json!(name) }));
        }
        match &self.kind {
            Type::Any | Type::Null | Type::Boolean => {}
            Type::Integer { minimum, maximum } => {
                put("minimum", minimum.map(|n| json!(n)));
                put("maximum", maximum.map(|n| json!(n)));
            }
            Type::Number { minimum, maximum } => {
                put("minimum", minimum.map(|n| json!(n)));
                put("maximum", maximum.map(|n| json!(n)));
            }
            Type::String { choices, pattern, min_length, max_length, format } => {
                put("enum", self.enumeration(choices));
                put("pattern", pattern.as_ref().map(|p| json!(p.as_str())));
                put("minLength", min_length.map(|n| json!(n)));
                put("maxLength", max_length.map(|n| json!(n)));
                put("format", format.map(|f| json!(f.as_str())));
            }
            Type::Array { items, min_items, max_items } => {
                put("items", Some(items.to_json()));
                put("minItems", min_items.map(|n| json!(n)));
                put("maxItems", max_items.map(|n| json!(n)));
            }
            Type::Object(object) => {
                let properties: Map<String, Value> = object
                    .properties
                    .iter()
                    .map(|(name, property)| {
                        let mut schema = property.schema.to_json();
                        if let (Some(default), Some(map)) = (&property.default, schema.as_object_mut()) {
                            map.insert("default".to_owned(), default.clone());
                        }
                        (name.clone(), schema)
                    })
                    .collect();
                let required: Vec<&String> = object
                    .properties
                    .iter()
                    .filter(|(_, property)| property.required && property.default.is_none())
                    .map(|(name, _)| name)
                    .collect();
                put("properties", Some(Value::Object(properties)));
                put("required", (!required.is_empty()).then(|| json!(required)));
                put("additionalProperties", (!object.open).then(|| json!(false)));
            }
        }
        Value::Object(map)
    }

    /// `enum` also has to list `null`, or it would exclude it.
    fn enumeration(&self, choices: &[String]) -> Option<Value> {
        let mut list: Vec<Value> = choices.iter().map(|choice| json!(choice)).collect();
        if list.is_empty() {
            return None;
        }
        if self.nullable {
            list.push(Value::Null);
        }
        Some(Value::Array(list))
    }
}
