//! Whether a value fits a schema: literal parts fully, computed parts by what is known of their types.

use super::Checker;
use super::computed::Typed;
use super::expression::describe;
use crate::diagnostic::{list, quote};
use crate::yaml::{Node, Spanned, meant_boolean};
use crate::{Code, Diagnostic, suggest};
use riposte_model::{Schema, Type, Violation};
use std::ops::Range;

impl Checker<'_> {
    /// Reports everything in which a value does not fit. `route` leads to it, for the message.
    pub(super) fn fit(
        &mut self,
        code: Code,
        schema: &Schema,
        node: &Spanned<Node>,
        value: &Typed,
        route: &[String],
    ) {
        if self.found.is_full() {
            return;
        }
        match value {
            Typed::Wrong => {}
            Typed::Literal(literal) => {
                for violation in schema.violations(literal) {
                    self.found.push(misfit(code, node, route, violation));
                }
            }
            Typed::Template(_, known) => {
                if !may_fit(known, schema) {
                    let (wanted, given) = match (schema.choices(), known.choices()) {
                        (Some(wanted), Some(given)) => (
                            format!("one of {}", list(wanted.iter().map(String::as_str))),
                            format!("one of {}", list(given.iter().map(String::as_str))),
                        ),
                        _ => (describe(schema), describe(known)),
                    };
                    self.found.push(Diagnostic::error(
                        code,
                        format!("{} must be {wanted}, not {given}", place(route)),
                        node.span.clone(),
                        format!("this gives {given}"),
                    ));
                }
            }
            Typed::List(items) => match (&schema.kind, &node.value) {
                (Type::Array { items: schema, min_items, max_items }, Node::Seq(nodes)) => {
                    let length = items.len() as u64;
                    let bound = match (min_items, max_items) {
                        (Some(least), _) if length < *least => Some(format!("fewer than {least}")),
                        (_, Some(most)) if length > *most => Some(format!("more than {most}")),
                        _ => None,
                    };
                    if let Some(bound) = bound {
                        let message = format!("has {length} items, {bound}");
                        let violation = Violation::new(Vec::new(), message);
                        self.found.push(misfit(code, node, route, violation));
                    }
                    for (index, (node, item)) in nodes.iter().zip(items).enumerate() {
                        self.fit(code, schema, node, item, &longer(route, index.to_string()));
                    }
                }
                (Type::Any, _) => {}
                _ => self.wrong_shape(code, schema, node, route, "array"),
            },
            Typed::Map(entries) => match (&schema.kind, &node.value) {
                (Type::Object(object), Node::Map(nodes)) => {
                    for (name, property) in &object.properties {
                        if property.required
                            && property.default.is_none()
                            && !entries.iter().any(|(key, _)| key == name)
                        {
                            let violation = Violation::new(Vec::new(), format!("lacks `{name}`"));
                            self.found.push(misfit(code, node, route, violation));
                        }
                    }
                    for ((key, node_of_value), (name, value)) in nodes.iter().zip(entries) {
                        match object.properties.get(name) {
                            Some(property) => {
                                let route = longer(route, name.clone());
                                self.fit(code, &property.schema, node_of_value, value, &route);
                            }
                            None if object.open => {}
                            None => {
                                let route_here = vec![key.value.clone()];
                                let violation = Violation {
                                    valid: object.properties.keys().cloned().collect(),
                                    ..Violation::new(route_here, "is not known here")
                                };
                                self.found.push(misfit(code, node, route, violation));
                            }
                        }
                    }
                }
                (Type::Any, _) => {}
                _ => self.wrong_shape(code, schema, node, route, "object"),
            },
        }
    }

    fn wrong_shape(&mut self, code: Code, schema: &Schema, node: &Spanned<Node>, route: &[String], is: &str) {
        let message = format!("must be {}, not {is}", describe(schema));
        self.found.push(misfit(code, node, route, Violation::new(Vec::new(), message)));
    }
}

/// One violation, at its place in the file.
pub(super) fn misfit(code: Code, node: &Spanned<Node>, route: &[String], violation: Violation) -> Diagnostic {
    let (span, scalar) = locate(node, &violation);
    let whole = Violation { route: [route, &violation.route].concat(), ..violation };
    let wrong = scalar.or(whole.route.last().cloned()).unwrap_or_default();
    let help = match whole.valid.is_empty() {
        false => suggest(&wrong, whole.valid.iter().map(String::as_str), "valid names"),
        // Numbers and booleans where text is wanted are mostly text that YAML read otherwise.
        true if whole.message.starts_with("must be a boolean, not ") => meant_boolean(&wrong),
        true => (whole.message.starts_with("must be a string, not ")
            && ["integer", "number", "boolean"].iter().any(|word| whole.message.ends_with(word)))
        .then(|| "put it in quotes if it is meant as text".to_owned()),
    };
    Diagnostic::error(code, whole.to_string(), span, "does not fit").with_help_if(help)
}

/// The place of a violation, and the text there if there is one.
fn locate(node: &Spanned<Node>, violation: &Violation) -> (Range<usize>, Option<String>) {
    let mut here = node;
    let mut key = None;
    for part in &violation.route {
        let next = match &here.value {
            Node::Map(entries) => {
                entries.iter().find(|(key, _)| key.value == *part).map(|(k, value)| (Some(k), value))
            }
            Node::Seq(items) => {
                part.parse::<usize>().ok().and_then(|at| items.get(at)).map(|item| (None, item))
            }
            _ => None,
        };
        let Some((next_key, next)) = next else { break };
        (key, here) = (next_key, next);
    }
    match (&here.value, key) {
        // An unknown name is wrong itself, not its value.
        (_, Some(key)) if violation.message == "is not known here" => (key.span.clone(), None),
        (Node::Str(text), _) => (here.span.clone(), Some(text.value.clone())),
        (Node::Null, Some(key)) if here.span.is_empty() => (key.span.clone(), None),
        _ => (here.head(), None),
    }
}

/// Whether a value of a known type can fit. What is not known can.
fn may_fit(known: &Schema, wanted: &Schema) -> bool {
    match (&known.kind, &wanted.kind) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Null, _) => wanted.nullable || matches!(wanted.kind, Type::Null),
        (Type::Integer { .. } | Type::Number { .. }, Type::Integer { .. } | Type::Number { .. }) => true,
        (Type::String { choices, .. }, Type::String { choices: wanted, .. }) => {
            choices.is_empty() || wanted.is_empty() || choices.iter().any(|choice| wanted.contains(choice))
        }
        (Type::Array { items, .. }, Type::Array { items: wanted, .. }) => may_fit(items, wanted),
        (known, wanted) => std::mem::discriminant(known) == std::mem::discriminant(wanted),
    }
}

fn longer(route: &[String], part: String) -> Vec<String> {
    let mut route = route.to_vec();
    route.push(part);
    route
}

fn place(route: &[String]) -> String {
    quote(&Violation::new(route.to_vec(), "").place())
}
