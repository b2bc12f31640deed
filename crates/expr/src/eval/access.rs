//! Reading properties, keys and items. What is not there is an error that says what was.

use crate::bindings::Bindings;
use crate::eval::compare::lookup;
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::{Map, Text, Val};
use crate::nearest::nearest;
use crate::text::{listed, shown};
use indexmap::IndexMap;
use serde_json::Value;
use std::rc::Rc;

/// The value of a root name. One of several layers is put together from views of them.
pub(super) fn root<'a>(name: &str, bindings: &Bindings<'a>) -> Result<Val<'a>, Fault> {
    let layers: Vec<&'a Value> = bindings.layers(name).collect();
    match layers.as_slice() {
        [] => Err(missing_root(name, bindings)),
        [one] => Ok(Val::from_json(one)),
        several => {
            let mut entries: IndexMap<&'a str, &'a Value> = IndexMap::new();
            for layer in several {
                entries.extend(
                    layer.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value)),
                );
            }
            let view = |(key, value)| (Val::String(Text::Borrowed(key)), Val::from_json(value));
            Ok(Val::Map(Map::Made(Rc::new(entries.into_iter().map(view).collect()))))
        }
    }
}

fn missing_root(name: &str, bindings: &Bindings<'_>) -> Fault {
    let names = listed(bindings.names());
    let there = if names.is_empty() { "nothing is".to_owned() } else { format!("there: {names}") };
    Fault::missing(format!("`{}` has no value; {there}", shown(name)))
}

/// Most keys that are compared with the one that was meant. Each costs a step: the fault may arise in a loop.
const MOST_COMPARED: usize = 32;

fn missing_key(name: &str, map: &Map<'_>, fuel: &Fuel) -> Fault {
    let names = map.listed();
    let there = if names.is_empty() { "the object is empty".to_owned() } else { format!("there: {names}") };
    let fault = Fault::missing(format!("there is no `{}`; {there}", shown(name)));
    let compared: Vec<Val<'_>> = map.iter().map(|(key, _)| key).take(MOST_COMPARED).collect();
    if let Err(spent) = fuel.spend(compared.len()) {
        return spent;
    }
    let texts = compared.iter().filter_map(|key| match key {
        Val::String(text) => Some(&**text),
        _ => None,
    });
    match nearest(name, texts) {
        Some(near) => fault.with_help(format!("did you mean `{}`?", shown(near))),
        None => fault,
    }
}

/// `a.name`, or `a.?name`. A selection from an optional is optional too, as CEL says.
pub(super) fn select<'a>(
    operand: &Val<'a>,
    name: &str,
    optional: bool,
    fuel: &Fuel,
) -> Result<Val<'a>, Fault> {
    match operand {
        Val::Optional(None) => Ok(Val::Optional(None)),
        Val::Optional(Some(inner)) => match select(inner, name, true, fuel)? {
            found @ Val::Optional(_) => Ok(found),
            other => Ok(Val::some(other)),
        },
        Val::Map(map) => match map.get(name) {
            Some(value) if optional => Ok(Val::some(value)),
            Some(value) => Ok(value),
            None if optional => Ok(Val::Optional(None)),
            None => Err(missing_key(name, map, fuel)),
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
                missing_key(&key.unwrap_or_default(), map, fuel)
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
