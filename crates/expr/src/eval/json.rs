//! Results as JSON.

use serde_json::{Number, Value};

use crate::eval::blob;
use crate::eval::convert::to_text;
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::time;
use crate::eval::value::{List, Map, Val};

/// The result of an evaluation. What is handed on as it came in is copied once and costs nothing: it is no larger than
/// the bindings.
pub(crate) fn result(value: &Val<'_>, fuel: &Fuel) -> Result<Value, Fault> {
    match value {
        Val::String(text) => Ok(Value::String((**text).to_owned())),
        Val::List(List::Json(_, whole)) | Val::Map(Map::Json(_, whole)) => Ok((*whole).clone()),
        other => inner(other, fuel),
    }
}

/// A part of a result. The same value can be a part many times, so here every copy is paid for.
fn inner(value: &Val<'_>, fuel: &Fuel) -> Result<Value, Fault> {
    fuel.spend(1)?;
    Ok(match value {
        Val::Null => Value::Null,
        Val::Bool(value) => Value::Bool(*value),
        Val::Int(value) => Value::from(*value),
        Val::Uint(value) => Value::from(*value),
        Val::Double(value) => Number::from_f64(*value)
            .map(Value::Number)
            .ok_or_else(|| Fault::evaluation("the result is not a finite number"))?,
        Val::String(text) => {
            fuel.spend_bytes(text.len())?;
            Value::String((**text).to_owned())
        }
        Val::List(List::Json(_, whole)) | Val::Map(Map::Json(_, whole)) => {
            pay(whole, fuel)?;
            (*whole).clone()
        }
        Val::List(List::Made(items)) => {
            Value::Array(items.iter().map(|item| inner(item, fuel)).collect::<Result<_, _>>()?)
        }
        Val::Map(Map::Made(entries)) => {
            let mut object = serde_json::Map::new();
            for (key, value) in entries.iter() {
                if object.insert(to_text(key)?.to_string(), inner(value, fuel)?).is_some() {
                    return Err(Fault::evaluation("two keys of the map are the same text"));
                }
            }
            Value::Object(object)
        }
        Val::Timestamp(instant) => Value::String(time::format_timestamp(*instant)),
        Val::Duration(nanos) => Value::String(time::format_duration(*nanos)),
        Val::Bytes(bytes) => Value::String(blob::encode(bytes, fuel)?),
        Val::Ip(_) | Val::Cidr(_) => Value::String(to_text(value)?.to_string()),
        Val::Type(_) => {
            return Err(Fault::wrong_type("the result is a type, which is no value by itself")
                .with_help("compare it, as in `type(x) == string`"));
        }
        Val::Optional(_) => {
            return Err(Fault::wrong_type("the result is an optional, which is no value by itself")
                .with_help("end with `.orValue(...)`"));
        }
    })
}

/// Pays for a copy of borrowed JSON: a unit for each value, and its text.
pub(crate) fn pay(value: &Value, fuel: &Fuel) -> Result<(), Fault> {
    fuel.spend(1)?;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::String(text) => fuel.spend_bytes(text.len()),
        Value::Array(items) => items.iter().try_for_each(|item| pay(item, fuel)),
        Value::Object(entries) => entries.iter().try_for_each(|(name, value)| {
            fuel.spend_bytes(name.len())?;
            pay(value, fuel)
        }),
    }
}
