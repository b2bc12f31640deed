//! Operators with two strict operands, and negation.

use std::cmp::Ordering;

use crate::eval::blob;
use crate::eval::compare::{equal, lookup, order};
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::time;
use crate::eval::value::{List, Val};
use crate::ir::Operator;

/// The result of `left operator right`.
pub(crate) fn binary<'a>(
    operator: Operator,
    left: &Val<'a>,
    right: &Val<'a>,
    fuel: &Fuel,
) -> Result<Val<'a>, Fault> {
    let ordered = |accepts: fn(Ordering) -> bool| {
        order(left, right, fuel).map(|ordering| Val::Bool(ordering.is_some_and(accepts)))
    };
    match operator {
        Operator::Equal => equal(left, right, fuel).map(Val::Bool),
        Operator::NotEqual => equal(left, right, fuel).map(|equal| Val::Bool(!equal)),
        Operator::Less => ordered(Ordering::is_lt),
        Operator::LessOrEqual => ordered(Ordering::is_le),
        Operator::Greater => ordered(Ordering::is_gt),
        Operator::GreaterOrEqual => ordered(Ordering::is_ge),
        Operator::In => within(left, right, fuel).map(Val::Bool),
        Operator::Add => add(left, right, fuel),
        Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
            arithmetic(operator, left, right)
        }
    }
}

/// `-x`.
pub(crate) fn negate<'a>(value: &Val<'a>) -> Result<Val<'a>, Fault> {
    match value {
        Val::Int(value) => value.checked_neg().map(Val::Int).ok_or_else(overflow),
        Val::Double(value) => Ok(Val::Double(-value)),
        other => Err(Fault::wrong_type(format!("`-` needs an int or a double, not {}", other.describe()))),
    }
}

fn within(item: &Val<'_>, whole: &Val<'_>, fuel: &Fuel) -> Result<bool, Fault> {
    match whole {
        Val::List(List::Json(items, _)) => {
            for candidate in *items {
                if equal(item, &Val::from_json(candidate), fuel)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Val::List(List::Made(items)) => {
            for candidate in items.iter() {
                if equal(item, candidate, fuel)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Val::Map(map) => Ok(lookup(map, item, fuel)?.is_some()),
        other => Err(Fault::wrong_type(format!("`in` needs a list or a map, not {}", other.describe()))),
    }
}

fn add<'a>(left: &Val<'a>, right: &Val<'a>, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    match (left, right) {
        (Val::String(left), Val::String(right)) => {
            fuel.spend_bytes(left.len() + right.len())?;
            let mut text = String::with_capacity(left.len() + right.len());
            text.push_str(left);
            text.push_str(right);
            Ok(Val::text(text))
        }
        (Val::Bytes(left), Val::Bytes(right)) => blob::concat(left, right, fuel),
        (Val::List(left), Val::List(right)) => {
            fuel.spend(left.len() + right.len())?;
            Ok(Val::list(left.iter().chain(right.iter()).collect()))
        }
        (Val::Timestamp(instant), Val::Duration(span)) | (Val::Duration(span), Val::Timestamp(instant)) => {
            time::shift(*instant, *span).map(Val::Timestamp)
        }
        (Val::Duration(left), Val::Duration(right)) => {
            left.checked_add(*right).map(Val::Duration).ok_or_else(time::duration_range)
        }
        _ => arithmetic(Operator::Add, left, right),
    }
}

fn arithmetic<'a>(operator: Operator, left: &Val<'a>, right: &Val<'a>) -> Result<Val<'a>, Fault> {
    match (left, right) {
        (Val::Int(left), Val::Int(right)) => {
            let result = match operator {
                Operator::Add => left.checked_add(*right),
                Operator::Subtract => left.checked_sub(*right),
                Operator::Multiply => left.checked_mul(*right),
                Operator::Divide | Operator::Remainder if *right == 0 => return Err(by_zero(operator)),
                Operator::Divide => left.checked_div(*right),
                Operator::Remainder => left.checked_rem(*right),
                _ => return Err(mismatch(operator, &Val::Int(*left), &Val::Int(*right))),
            };
            result.map(Val::Int).ok_or_else(overflow)
        }
        (Val::Uint(left), Val::Uint(right)) => {
            let result = match operator {
                Operator::Add => left.checked_add(*right),
                Operator::Subtract => left.checked_sub(*right),
                Operator::Multiply => left.checked_mul(*right),
                Operator::Divide | Operator::Remainder if *right == 0 => return Err(by_zero(operator)),
                Operator::Divide => left.checked_div(*right),
                Operator::Remainder => left.checked_rem(*right),
                _ => return Err(mismatch(operator, &Val::Uint(*left), &Val::Uint(*right))),
            };
            result.map(Val::Uint).ok_or_else(overflow)
        }
        (Val::Double(left), Val::Double(right)) => match operator {
            Operator::Add => Ok(Val::Double(left + right)),
            Operator::Subtract => Ok(Val::Double(left - right)),
            Operator::Multiply => Ok(Val::Double(left * right)),
            Operator::Divide => Ok(Val::Double(left / right)),
            _ => Err(mismatch(operator, &Val::Double(*left), &Val::Double(*right))),
        },
        (Val::Timestamp(left), Val::Timestamp(right)) if operator == Operator::Subtract => {
            time::between(*left, *right).map(Val::Duration)
        }
        (Val::Timestamp(left), Val::Duration(right)) if operator == Operator::Subtract => {
            let back = right.checked_neg().ok_or_else(time::duration_range)?;
            time::shift(*left, back).map(Val::Timestamp)
        }
        (Val::Duration(left), Val::Duration(right)) if operator == Operator::Subtract => {
            left.checked_sub(*right).map(Val::Duration).ok_or_else(time::duration_range)
        }
        _ => Err(mismatch(operator, left, right)),
    }
}

fn mismatch(operator: Operator, left: &Val<'_>, right: &Val<'_>) -> Fault {
    let sign = operator.sign();
    let fault =
        Fault::wrong_type(format!("`{sign}` does not take {} and {}", left.describe(), right.describe()));
    match (left, right) {
        (Val::String(_), _) | (_, Val::String(_)) if operator == Operator::Add => {
            fault.with_help("write `string(...)` around what is not text")
        }
        (Val::Int(_) | Val::Uint(_), Val::Double(_)) | (Val::Double(_), Val::Int(_) | Val::Uint(_)) => {
            fault.with_help("write `double(...)` around the whole number")
        }
        _ => fault,
    }
}

fn overflow() -> Fault {
    Fault::evaluation("the number is out of range")
}

fn by_zero(operator: Operator) -> Fault {
    Fault::evaluation(if operator == Operator::Divide {
        "division by zero"
    } else {
        "remainder of a division by zero"
    })
}
