//! Names, properties and items against the schemas in scope.

use riposte_model::{Schema, Type};

use crate::check::Checker;
use crate::check::ty::Ty;
use crate::function::Sorts;
use crate::ir::Span;
use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};
use crate::text::{listed, shown};

impl Checker<'_> {
    pub(super) fn root(&mut self, name: &str, span: &Span) -> Ty {
        if let Some(schema) = self.scope.get(name) {
            return Ty::Json(schema.clone());
        }
        let names: Vec<&str> = self.scope.names().collect();
        let message = format!("no value is called `{}`", shown(name));
        self.complain(unknown(name, &names, span, message, "not in scope here", "in scope"))
    }

    /// The type of `operand.name`. What is selected from an optional is optional.
    pub(super) fn select(&mut self, operand: &Ty, name: &str, span: &Span) -> Ty {
        let schema = match operand {
            Ty::Json(schema) => schema,
            Ty::Optional(inner) => {
                return match self.select(inner, name, span) {
                    found @ Ty::Optional(_) => found,
                    found => Ty::optional(found),
                };
            }
            Ty::Uint
            | Ty::Double
            | Ty::Timestamp
            | Ty::Duration
            | Ty::Bytes
            | Ty::Type
            | Ty::Ip
            | Ty::Cidr => {
                return self.no_properties(operand, name, span);
            }
        };
        match &schema.kind {
            Type::Any => Ty::any(),
            Type::Object(object) => match object.properties.get(name) {
                Some(property) => Ty::Json(property.schema.clone()),
                None if object.open => Ty::any(),
                None => {
                    let names: Vec<&str> = object.properties.keys().map(String::as_str).collect();
                    let message = format!("there is no `{}` here", shown(name));
                    self.complain(unknown(name, &names, span, message, "no such property", "there is"))
                }
            },
            Type::Array { .. } => {
                let message = format!("a list has no `{}`", shown(name));
                let problem = Problem::new(ProblemKind::Type, span.clone(), message, "selected from a list");
                self.complain(problem.with_help("take one item with `[0]`, or all with `.map(x, x.name)`"))
            }
            Type::Null | Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {
                self.no_properties(operand, name, span)
            }
        }
    }

    fn no_properties(&mut self, operand: &Ty, name: &str, span: &Span) -> Ty {
        let what = operand.describe();
        self.complain_type(span, format!("{what} has no `{}`", shown(name)), format!("selected from {what}"))
    }

    /// The type of `operand[index]`, whose index is no literal name.
    pub(super) fn index(&mut self, operand: &Ty, index: &Ty, operand_span: &Span, index_span: &Span) -> Ty {
        let schema = match operand {
            Ty::Json(schema) => schema,
            Ty::Optional(inner) => {
                return match self.index(inner, index, operand_span, index_span) {
                    found @ Ty::Optional(_) => found,
                    found => Ty::optional(found),
                };
            }
            Ty::Uint
            | Ty::Double
            | Ty::Timestamp
            | Ty::Duration
            | Ty::Bytes
            | Ty::Type
            | Ty::Ip
            | Ty::Cidr => {
                return self.no_items(operand, operand_span);
            }
        };
        match &schema.kind {
            Type::Any => Ty::any(),
            Type::Array { items, .. } => {
                if !index.sorts().meets(Sorts::NUMBER) {
                    let what = index.describe();
                    let message = format!("a list is indexed by an int, not by {what}");
                    return self.complain_type(index_span, message, format!("this is {what}"));
                }
                Ty::Json((**items).clone())
            }
            Type::Object(_) => {
                if !index.sorts().meets(Sorts::STRING) {
                    let what = index.describe();
                    let message = format!("an object is indexed by a string, not by {what}");
                    return self.complain_type(index_span, message, format!("this is {what}"));
                }
                Ty::any()
            }
            Type::Null | Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {
                self.no_items(operand, operand_span)
            }
        }
    }

    fn no_items(&mut self, operand: &Ty, span: &Span) -> Ty {
        let what = operand.describe();
        self.complain_type(span, format!("{what} has no items"), format!("this is {what}"))
    }

    /// Complains about a literal that is none of a value's choices.
    pub(super) fn expect_choice(&mut self, schema: &Schema, literal: &str, span: &Span) {
        let Some(choices) = schema.choices() else { return };
        if choices.iter().any(|choice| choice == literal) {
            return;
        }
        let names: Vec<&str> = choices.iter().map(String::as_str).collect();
        let message = format!("`{}` is none of the values that this can have", shown(literal));
        let mut problem = unknown(literal, &names, span, message, "never equal", "the values are");
        problem.kind = ProblemKind::Choice;
        self.problems.push(problem);
    }
}

fn unknown(name: &str, names: &[&str], span: &Span, message: String, label: &str, list: &str) -> Problem {
    let problem = Problem::new(ProblemKind::UnknownName, span.clone(), message, label);
    let all = listed(names.iter().copied());
    match nearest(name, names.iter().copied()) {
        Some(near) => problem.with_help(format!("did you mean `{}`? {list}: {all}", shown(near))),
        None if names.is_empty() => problem,
        None => problem.with_help(format!("{list}: {all}")),
    }
}
