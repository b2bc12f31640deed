//! Asking a row whether it passes.

use std::cmp::Ordering;

use uuid::Uuid;

use super::parser::{Expression, Operand, Operator, TextFunction};
use super::{Filter, Row, Value};

impl Filter {
    /// Whether the row passes.
    pub(crate) fn matches(&self, row: &impl Row) -> bool {
        test(&self.0, row, &Value::Null)
    }
}

/// `element` is what the variable stands for inside of an `any`, and null outside, where nothing can name it.
fn test(expression: &Expression, row: &impl Row, element: &Value) -> bool {
    match expression {
        Expression::Or(left, right) => test(left, row, element) || test(right, row, element),
        Expression::And(left, right) => test(left, row, element) && test(right, row, element),
        Expression::Not(inner) => !test(inner, row, element),
        Expression::Compare { left, operator, right } => {
            compare(&value(left, row, element), *operator, &value(right, row, element))
        }
        Expression::In { operand, list } => {
            let value = value(operand, row, element);
            list.iter().any(|item| order(&value, item) == Some(Ordering::Equal))
        }
        Expression::Text { function, text, part } => {
            match (value(text, row, element), value(part, row, element)) {
                (Value::Text(text), Value::Text(part)) => match function {
                    TextFunction::StartsWith => text.starts_with(&part),
                    TextFunction::EndsWith => text.ends_with(&part),
                    TextFunction::Contains => text.contains(&part),
                },
                _ => false,
            }
        }
        Expression::Any { field, body } => match row.value(field.name) {
            Value::Texts(texts) => texts.into_iter().any(|text| test(body, row, &Value::Text(text))),
            _ => false,
        },
    }
}

fn value(operand: &Operand, row: &impl Row, element: &Value) -> Value {
    match operand {
        Operand::Field(field) => row.value(field.name),
        Operand::Element => element.clone(),
        Operand::Literal(value) => value.clone(),
    }
}

fn compare(left: &Value, operator: Operator, right: &Value) -> bool {
    let order = order(left, right);
    match operator {
        Operator::Eq => order == Some(Ordering::Equal),
        Operator::Ne => order != Some(Ordering::Equal),
        Operator::Gt => order == Some(Ordering::Greater),
        Operator::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::Lt => order == Some(Ordering::Less),
        Operator::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    }
}

/// How two values stand to each other; `None` where they do not, as with null and anything else.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Guid(right)) => Some(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Text(right)) => Some(left.cmp(&Uuid::parse_str(right).ok()?)),
        (Value::Text(left), Value::Guid(right)) => Some(Uuid::parse_str(left).ok()?.cmp(right)),
        (Value::Number(left), Value::Text(right)) => left.partial_cmp(&right.parse().ok()?),
        (Value::Text(left), Value::Number(right)) => left.parse::<f64>().ok()?.partial_cmp(right),
        _ => None,
    }
}
