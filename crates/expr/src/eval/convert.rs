//! Conversions between types.

use crate::eval::blob::Blob;
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::{Text, Val};
use crate::eval::{net, time};
use crate::function::Function;
use crate::text::shown;

/// `int(x)`, `string(x)` and the like.
pub(crate) fn convert<'a>(function: Function, value: &Val<'a>, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    match value {
        Val::String(text) => fuel.spend_bytes(text.len())?,
        Val::Bytes(bytes) => fuel.spend_bytes(bytes.len())?,
        _ => {}
    }
    match function {
        Function::ToBool => to_bool(value),
        Function::ToInt => to_int(value),
        Function::ToUint => to_uint(value),
        Function::ToDouble => to_double(value),
        Function::ToString => to_text(value).map(Val::String),
        Function::ToBytes => to_bytes(value),
        Function::ToTimestamp => to_timestamp(value),
        Function::ToDuration => to_duration(value),
        _ => Err(refused("value", value)),
    }
}

fn refused(to: &str, value: &Val<'_>) -> Fault {
    Fault::wrong_type(format!("{} cannot become a {to}", value.describe()))
}

fn unreadable(to: &str, text: &str) -> Fault {
    Fault::evaluation(format!("`{}` cannot be read as a {to}", shown(text)))
}

fn out_of_range(to: &str) -> Fault {
    Fault::evaluation(format!("the number is outside the range of {to}"))
}

fn to_bool<'a>(value: &Val<'a>) -> Result<Val<'a>, Fault> {
    match value {
        Val::Bool(value) => Ok(Val::Bool(*value)),
        Val::String(text) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Val::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Val::Bool(false)),
            text => Err(unreadable("bool", text)),
        },
        other => Err(refused("bool", other)),
    }
}

fn to_int<'a>(value: &Val<'a>) -> Result<Val<'a>, Fault> {
    match value {
        Val::Int(value) => Ok(Val::Int(*value)),
        Val::Uint(value) => i64::try_from(*value).map(Val::Int).map_err(|_| out_of_range("int")),
        Val::Double(value) => {
            // 2^63 is a double, 2^63 - 1 is none: the open bounds are exact. NaN fits neither.
            const BOUND: f64 = 9_223_372_036_854_775_808.0;
            if *value > -BOUND && *value < BOUND {
                Ok(Val::Int(*value as i64))
            } else {
                Err(out_of_range("int"))
            }
        }
        Val::String(text) => text.parse().map(Val::Int).map_err(|_| unreadable("int", text)),
        Val::Timestamp(instant) => Ok(Val::Int(instant.timestamp())),
        other => Err(refused("int", other)),
    }
}

fn to_uint<'a>(value: &Val<'a>) -> Result<Val<'a>, Fault> {
    match value {
        Val::Uint(value) => Ok(Val::Uint(*value)),
        Val::Int(value) => u64::try_from(*value).map(Val::Uint).map_err(|_| out_of_range("uint")),
        Val::Double(value) => {
            const BOUND: f64 = 18_446_744_073_709_551_616.0;
            if *value >= 0.0 && *value < BOUND {
                Ok(Val::Uint(*value as u64))
            } else {
                Err(out_of_range("uint"))
            }
        }
        Val::String(text) => text.parse().map(Val::Uint).map_err(|_| unreadable("uint", text)),
        other => Err(refused("uint", other)),
    }
}

fn to_double<'a>(value: &Val<'a>) -> Result<Val<'a>, Fault> {
    match value {
        Val::Double(value) => Ok(Val::Double(*value)),
        Val::Int(value) => Ok(Val::Double(*value as f64)),
        Val::Uint(value) => Ok(Val::Double(*value as f64)),
        Val::String(text) => text.parse().map(Val::Double).map_err(|_| unreadable("double", text)),
        other => Err(refused("double", other)),
    }
}

/// A scalar as `string(x)` writes it.
pub(crate) fn to_text<'a>(value: &Val<'a>) -> Result<Text<'a>, Fault> {
    let text = match value {
        Val::String(text) => return Ok(text.clone()),
        Val::Bool(value) => value.to_string(),
        Val::Int(value) => value.to_string(),
        Val::Uint(value) => value.to_string(),
        Val::Double(value) => format_double(*value),
        Val::Timestamp(instant) => time::format_timestamp(*instant),
        Val::Duration(nanos) => time::format_duration(*nanos),
        Val::Ip(address) => return Ok(net::to_text(address)),
        Val::Cidr(network) => return Ok(net::to_text(network)),
        Val::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => return Err(Fault::evaluation("the bytes are not UTF-8")),
        },
        other => return Err(refused("string", other)),
    };
    Ok(Text::Made(text.into()))
}

fn to_bytes<'a>(value: &Val<'a>) -> Result<Val<'a>, Fault> {
    match value {
        Val::Bytes(bytes) => Ok(Val::Bytes(bytes.clone())),
        Val::String(Text::Borrowed(text)) => Ok(Val::Bytes(Blob::Borrowed(text.as_bytes()))),
        Val::String(Text::Made(text)) => Ok(Val::Bytes(Blob::Made(text.as_bytes().into()))),
        other => Err(refused("bytes", other)),
    }
}

fn to_timestamp<'a>(value: &Val<'a>) -> Result<Val<'a>, Fault> {
    match value {
        Val::Timestamp(instant) => Ok(Val::Timestamp(*instant)),
        Val::Int(seconds) => time::from_seconds(*seconds).map(Val::Timestamp),
        Val::String(text) => time::parse_timestamp(text).map(Val::Timestamp),
        other => Err(refused("timestamp", other)),
    }
}

fn to_duration<'a>(value: &Val<'a>) -> Result<Val<'a>, Fault> {
    match value {
        Val::Duration(nanos) => Ok(Val::Duration(*nanos)),
        Val::String(text) => time::parse_duration(text).map(Val::Duration),
        other => Err(refused("duration", other)),
    }
}

/// The shortest text that reads back as the same double, with an exponent from 1e21 on and below 1e-4.
fn format_double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = value.abs();
    if size == 0.0 || (1e-4..1e21).contains(&size) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}
