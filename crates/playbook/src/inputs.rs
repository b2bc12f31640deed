//! What a run needs to start.

use riposte_model::{ObjectSchema, Schema, Type, Violation};
use serde_json::{Map, Value};

/// The playbook's declared inputs.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    schema: ObjectSchema,
}

impl Inputs {
    /// From the declarations, which must be closed.
    pub fn new(schema: ObjectSchema) -> Self {
        Inputs { schema }
    }

    /// The declarations: name, schema, default.
    pub fn declarations(&self) -> &ObjectSchema {
        &self.schema
    }

    /// The inputs as one closed object schema.
    pub fn schema(&self) -> Schema {
        Schema { kind: Type::Object(self.schema.clone()), nullable: false, description: None }
    }

    /// Fills in defaults and checks the whole: the inputs of a run, in the order of declaration, or everything wrong.
    pub fn accept(&self, mut given: Map<String, Value>) -> Result<Map<String, Value>, Vec<Violation>> {
        let mut accepted = Map::new();
        for (name, property) in &self.schema.properties {
            if let Some(value) = given.shift_remove(name).or_else(|| property.default.clone()) {
                accepted.insert(name.clone(), value);
            }
        }
        accepted.extend(given);
        // By the schema itself: in a copy of it, every pattern would begin anew to learn what it has seen.
        let violations = self.schema.violations(&accepted);
        if violations.is_empty() { Ok(accepted) } else { Err(violations) }
    }

    /// Reads a value written on a command line: text stays text where text is wanted, everything else is JSON.
    pub fn read_text(&self, name: &str, text: &str) -> Value {
        let wants_text = self
            .schema
            .properties
            .get(name)
            .is_none_or(|property| matches!(property.schema.kind, Type::String { .. }));
        if wants_text {
            return Value::String(text.to_owned());
        }
        serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_model::Property;
    use serde_json::json;

    fn inputs() -> Inputs {
        let severity = Property {
            schema: Schema::choice(["Low", "High"]),
            required: true,
            default: Some(json!("High")),
        };
        let schema = Schema::object()
            .required("device_id", Schema::string())
            .with_property("severity", severity)
            .optional("count", Schema::integer());
        Inputs::new(schema.as_object().unwrap().clone())
    }

    fn given(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn defaults_are_filled_in() {
        let accepted = inputs().accept(given(&json!({ "device_id": "1" }))).unwrap();
        assert_eq!(Value::Object(accepted), json!({ "device_id": "1", "severity": "High" }));
    }

    #[test]
    fn everything_wrong_is_told() {
        let wrong = inputs().accept(given(&json!({ "severity": "Hihg", "devic_id": "1" }))).unwrap_err();
        let lines: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "lacks `device_id`",
                "`severity` is \"Hihg\", not one of `Low`, `High`",
                "`devic_id` is not known here"
            ]
        );
    }

    #[test]
    fn text_is_read_by_the_wanted_type() {
        assert_eq!(inputs().read_text("device_id", "12"), json!("12"));
        assert_eq!(inputs().read_text("count", "12"), json!(12));
        assert_eq!(inputs().read_text("count", "twelve"), json!("twelve"));
    }
}
