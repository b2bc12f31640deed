//! Reading properties, keys and items. What is not there is an error that says what was.

use crate::bindings::Bindings;
use crate::eval::compare::lookup;
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::{Map, Val};
use crate::text::{listed, shown};

/// What is said of a root name without a value.
pub(super) fn missing_root(name: &str, bindings: &Bindings<'_>) -> Fault {
    let names = listed(bindings.names());
    let there = if names.is_empty() { "nothing is".to_owned() } else { format!("there: {names}") };
    Fault::missing(format!("`{}` has no value; {there}", shown(name)))
}

fn missing_key(name: &str, map: &Map<'_>) -> Fault {
    let names = map.listed();
    let there = if names.is_empty() { "the object is empty".to_owned() } else { format!("there: {names}") };
    Fault::missing(format!("there is no `{}`; {there}", shown(name)))
}

/// `a.name`, or `a.?name`. A selection from an optional is optional too, as CEL says.
pub(super) fn select<'a>(operand: &Val<'a>, name: &str, optional: bool) -> Result<Val<'a>, Fault> {
    match operand {
        Val::Optional(None) => Ok(Val::Optional(None)),
        Val::Optional(Some(inner)) => match select(inner, name, true)? {
            found @ Val::Optional(_) => Ok(found),
            other => Ok(Val::some(other)),
        },
        Val::Map(map) => match map.get(name) {
            Some(value) if optional => Ok(Val::some(value)),
            Some(value) => Ok(value),
            None if optional => Ok(Val::Optional(None)),
            None => Err(missing_key(name, map)),
        },
        other => Err(no_properties(name, other)),
    }
}

fn no_properties(name: &str, value: &Val<'_>) -> Fault {
    Fault::wrong_type(format!("{} has no `{}`", value.describe(), shown(name)))
}

/// `has(a.name)`.
pub(super) fn has(operand: &Val<'_>, name: &str) -> Result<bool, Fault> {
    match operand {
        Val::Optional(None) => Ok(false),
        Val::Optional(Some(inner)) => has(inner, name),
        Val::Map(map) => Ok(map.get(name).is_some()),
        other => Err(no_properties(name, other)),
    }
}

/// `a[index]`, or `a[?index]`.
pub(super) fn index<'a>(
    operand: &Val<'a>,
    index_value: &Val<'a>,
    optional: bool,
    fuel: &Fuel,
) -> Result<Val<'a>, Fault> {
    let (found, missing): (Option<Val<'a>>, Box<dyn Fn() -> Fault + '_>) = match operand {
        Val::Optional(None) => return Ok(Val::Optional(None)),
        Val::Optional(Some(inner)) => return index(inner, index_value, true, fuel),
        Val::List(list) => {
            let position = position(index_value)?;
            let found = position.and_then(|position| list.get(position));
            let length = list.len();
            let missing = move || {
                let shown = crate::eval::convert::to_text(index_value).map(|text| text.to_string());
                let shown = shown.unwrap_or_default();
                Fault::missing(format!("there is no item {shown}; the list has {length}"))
            };
            (found, Box::new(missing))
        }
        Val::Map(map) => {
            if !matches!(
                index_value,
                Val::String(_) | Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::Bool(_)
            ) {
                return Err(Fault::wrong_type(format!("{} cannot be a key", index_value.describe())));
            }
            let found = lookup(map, index_value, fuel)?;
            let missing = move || {
                let key = crate::eval::convert::to_text(index_value).map(|text| text.to_string());
                missing_key(&key.unwrap_or_default(), map)
            };
            (found, Box::new(missing))
        }
        other => return Err(Fault::wrong_type(format!("{} has no items", other.describe()))),
    };
    match found {
        Some(value) if optional => Ok(Val::some(value)),
        Some(value) => Ok(value),
        None if optional => Ok(Val::Optional(None)),
        None => Err(missing()),
    }
}

/// The position that a number denotes; `None` if no list is that long.
fn position(value: &Val<'_>) -> Result<Option<usize>, Fault> {
    match value {
        Val::Int(position) => Ok(usize::try_from(*position).ok()),
        Val::Uint(position) => Ok(usize::try_from(*position).ok()),
        // A whole number all the same, as CEL compares numbers.
        Val::Double(position) if position.fract() == 0.0 => {
            Ok((0.0..1e15).contains(position).then_some(*position as usize))
        }
        other => Err(Fault::wrong_type(format!("a list is indexed by an int, not by {}", other.describe()))),
    }
}
