//! Equality and order.

use std::cmp::Ordering;

use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::{List, Map, Val};

/// `==`: values of different types are different, but numbers are compared as numbers.
pub(crate) fn equal(left: &Val<'_>, right: &Val<'_>, fuel: &Fuel) -> Result<bool, Fault> {
    fuel.spend(1)?;
    Ok(match (left, right) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(left), Val::Bool(right)) => left == right,
        (Val::String(left), Val::String(right)) => {
            if left.len() == right.len() {
                fuel.spend_bytes(left.len())?;
            }
            **left == **right
        }
        (Val::Bytes(left), Val::Bytes(right)) => {
            if left.len() == right.len() {
                fuel.spend_bytes(left.len())?;
            }
            **left == **right
        }
        (Val::Type(left), Val::Type(right)) => left == right,
        (Val::Ip(left), Val::Ip(right)) => left == right,
        (Val::Cidr(left), Val::Cidr(right)) => left == right,
        (Val::Timestamp(left), Val::Timestamp(right)) => left == right,
        (Val::Duration(left), Val::Duration(right)) => left == right,
        (Val::Optional(left), Val::Optional(right)) => match (left, right) {
            (Some(left), Some(right)) => equal(left, right, fuel)?,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        },
        (Val::List(left), Val::List(right)) => equal_lists(left, right, fuel)?,
        (Val::Map(left), Val::Map(right)) => equal_maps(left, right, fuel)?,
        (left, right) => numbers(left, right) == Some(Some(Ordering::Equal)),
    })
}

fn equal_lists(left: &List<'_>, right: &List<'_>, fuel: &Fuel) -> Result<bool, Fault> {
    if left.len() != right.len() {
        return Ok(false);
    }
    for (left, right) in left.iter().zip(right.iter()) {
        if !equal(&left, &right, fuel)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal_maps(left: &Map<'_>, right: &Map<'_>, fuel: &Fuel) -> Result<bool, Fault> {
    if left.len() != right.len() {
        return Ok(false);
    }
    for (key, left) in left.iter() {
        let Some(right) = lookup(right, &key, fuel)? else { return Ok(false) };
        if !equal(&left, &right, fuel)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The value of a key, which may be a number that is equal to the key without being of its type.
pub(crate) fn lookup<'a>(map: &Map<'a>, key: &Val<'_>, fuel: &Fuel) -> Result<Option<Val<'a>>, Fault> {
    match (map, key) {
        (Map::Json(..), Val::String(name)) => Ok(map.get(name)),
        (Map::Json(..), _) => Ok(None),
        (Map::Made(entries), _) => {
            for (candidate, value) in entries.iter() {
                if equal(candidate, key, fuel)? {
                    return Ok(Some(value.clone()));
                }
            }
            Ok(None)
        }
    }
}

/// `<` and its like; `None` inside is a comparison with NaN, which is never true.
pub(crate) fn order(left: &Val<'_>, right: &Val<'_>, fuel: &Fuel) -> Result<Option<Ordering>, Fault> {
    Ok(match (left, right) {
        (Val::Bool(left), Val::Bool(right)) => Some(left.cmp(right)),
        (Val::String(left), Val::String(right)) => {
            fuel.spend_bytes(left.len().min(right.len()))?;
            Some((**left).cmp(&**right))
        }
        (Val::Bytes(left), Val::Bytes(right)) => {
            fuel.spend_bytes(left.len().min(right.len()))?;
            Some((**left).cmp(&**right))
        }
        (Val::Timestamp(left), Val::Timestamp(right)) => Some(left.cmp(right)),
        (Val::Duration(left), Val::Duration(right)) => Some(left.cmp(right)),
        (left, right) => match numbers(left, right) {
            Some(ordering) => ordering,
            None => {
                let message = format!("{} and {} have no order", left.describe(), right.describe());
                return Err(Fault::wrong_type(message));
            }
        },
    })
}

/// How two numbers compare, exactly; `None` if one is none.
fn numbers(left: &Val<'_>, right: &Val<'_>) -> Option<Option<Ordering>> {
    Some(match (left, right) {
        (Val::Double(left), Val::Double(right)) => left.partial_cmp(right),
        (Val::Double(left), right) => whole_to_double(whole(right)?, *left).map(Ordering::reverse),
        (left, Val::Double(right)) => whole_to_double(whole(left)?, *right),
        (left, right) => Some(whole(left)?.cmp(&whole(right)?)),
    })
}

fn whole(value: &Val<'_>) -> Option<i128> {
    match value {
        Val::Int(value) => Some(i128::from(*value)),
        Val::Uint(value) => Some(i128::from(*value)),
        _ => None,
    }
}

/// Compares without rounding the whole number, as a cast to a double would.
fn whole_to_double(whole: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    // A cast saturates, and every `whole` is far inside of i128: doubles beyond it compare right.
    let truncated = double.trunc() as i128;
    Some(whole.cmp(&truncated).then_with(|| 0.0.partial_cmp(&double.fract()).unwrap_or(Ordering::Equal)))
}
