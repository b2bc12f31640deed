//! Values of the file in which strings may hold `${{ }}`, with what is known of their types.

use super::Checker;
use super::expression::{At, describe};
use crate::yaml::{Field, Node, Spanned};
use crate::{Code, Computed, Diagnostic};
use riposte_expr::Template;
use riposte_model::{Schema, Type};
use serde_json::Value;

/// A value as the checker sees it: alike in shape to its node, down to where everything is literal.
#[derive(Debug)]
pub(super) enum Typed {
    Literal(Value),
    /// Computed, and of this type as far as that is known.
    Template(Template, Schema),
    List(Vec<Typed>),
    Map(Vec<(String, Typed)>),
    /// Could not be read, and somebody was told.
    Wrong,
}

impl Typed {
    pub(super) fn into_computed(self) -> Computed {
        match self {
            Typed::Literal(value) => Computed::Literal(value),
            Typed::Template(template, _) => Computed::Template(template),
            Typed::List(items) => Computed::List(items.into_iter().map(Typed::into_computed).collect()),
            Typed::Map(entries) => {
                Computed::Map(entries.into_iter().map(|(key, value)| (key, value.into_computed())).collect())
            }
            // The playbook is refused; nobody will compute it.
            Typed::Wrong => Computed::Literal(Value::Null),
        }
    }

    /// What is known of the value.
    pub(super) fn schema(&self) -> Schema {
        match self {
            Typed::Literal(value) => schema_of(value),
            Typed::Template(_, schema) => schema.clone(),
            Typed::List(_) => Schema::array(Schema::any()),
            Typed::Map(entries) => object_of(entries),
            Typed::Wrong => Schema::any(),
        }
    }
}

/// What is known of named values, as one object.
pub(super) fn object_of(values: &[(String, Typed)]) -> Schema {
    values.iter().fold(Schema::object(), |object, (name, value)| object.required(name, value.schema()))
}

fn schema_of(value: &Value) -> Schema {
    match value {
        Value::Null => Schema::null(),
        Value::Bool(_) => Schema::boolean(),
        Value::Number(number) if number.is_f64() => Schema::number(),
        Value::Number(_) => Schema::integer(),
        Value::String(_) => Schema::string(),
        Value::Array(_) => Schema::array(Schema::any()),
        Value::Object(map) => {
            map.iter().fold(Schema::object(), |object, (key, value)| object.required(key, schema_of(value)))
        }
    }
}

/// `{ credential: NAME }`, as secrets are written.
fn is_secret(entries: &[(Spanned<String>, Spanned<Node>)]) -> bool {
    matches!(entries, [(key, Spanned { value: Node::Str(_), .. })] if key.value == "credential")
}

impl Checker<'_> {
    /// A value, with the expressions in it checked.
    pub(super) fn value(&mut self, node: &Spanned<Node>, at: At<'_>) -> Typed {
        match &node.value {
            Node::Str(text) => match self.template(node, text, at) {
                None => Typed::Wrong,
                Some((template, schema)) => match template.as_literal() {
                    Some(literal) => Typed::Literal(Value::from(literal)),
                    None => Typed::Template(template, schema),
                },
            },
            Node::Seq(items) => {
                let items: Vec<Typed> = items.iter().map(|item| self.value(item, at)).collect();
                if items.iter().all(|item| matches!(item, Typed::Literal(_))) {
                    return Typed::Literal(items.into_iter().filter_map(Typed::into_literal).collect());
                }
                Typed::List(items)
            }
            Node::Map(entries) if is_secret(entries) => {
                self.found.push(
                    Diagnostic::error(
                        Code::Secret,
                        "a secret cannot stand here",
                        node.head(),
                        "would be recorded and shown",
                    )
                    .with_help("only what proves a sender or signs us in takes a secret: a trigger's `auth`, and connections"),
                );
                Typed::Wrong
            }
            Node::Map(entries) => {
                let entries: Vec<(String, Typed)> =
                    entries.iter().map(|(key, value)| (key.value.clone(), self.value(value, at))).collect();
                if entries.iter().all(|(_, value)| matches!(value, Typed::Literal(_))) {
                    let literal = |(key, value): (String, Typed)| Some((key, value.into_literal()?));
                    return Typed::Literal(Value::Object(entries.into_iter().filter_map(literal).collect()));
                }
                Typed::Map(entries)
            }
            Node::Null | Node::Bool(_) | Node::Int(_) | Node::UInt(_) | Node::Float(_) => {
                Typed::Literal(node.value.to_json())
            }
        }
    }

    /// A mapping of names that the author chooses to values. `what` is "an output".
    pub(super) fn named_values(&mut self, what: &str, field: Field<'_>, at: At<'_>) -> Vec<(String, Typed)> {
        let mut values = Vec::new();
        for (name, node) in field.mapping(&mut self.found).unwrap_or_default() {
            if self.found.is_full() {
                break;
            }
            self.identifier(&format!("{what}'s name"), name);
            values.push((name.value.clone(), self.value(node, at)));
        }
        values
    }

    /// A text for people.
    pub(super) fn message(&mut self, field: Field<'_>, at: At<'_>) -> Option<Computed> {
        field.text(&mut self.found)?;
        let value = self.value(field.value, at);
        let schema = value.schema();
        if matches!(schema.kind, Type::Array { .. } | Type::Object(_) | Type::Null) {
            self.found.push(
                Diagnostic::error(
                    Code::ExpressionType,
                    format!("`{}` must give text, not {}", field.key.value, describe(&schema)),
                    field.value.span.clone(),
                    format!("this gives {}", describe(&schema)),
                )
                .with_help("write text, take one property, or join a list with `.join(\", \")`"),
            );
        }
        Some(value.into_computed())
    }
}

impl Typed {
    fn into_literal(self) -> Option<Value> {
        match self {
            Typed::Literal(value) => Some(value),
            Typed::Template(..) | Typed::List(_) | Typed::Map(_) | Typed::Wrong => None,
        }
    }
}
