//! Calls a function on values.

use crate::compile;
use crate::eval::convert::convert;
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::{List, Text, Val};
use crate::eval::{blob, format, lists, math, net, responder, strings, time};
use crate::function::{Function, Sorts};
use crate::problem::ProblemKind;

/// The operands of one call, read by position and type.
struct Operands<'v, 'a> {
    function: Function,
    values: &'v [Val<'a>],
}

impl<'v, 'a> Operands<'v, 'a> {
    fn get(&self, index: usize) -> Result<&'v Val<'a>, Fault> {
        // The number of operands was checked when the expression was compiled.
        self.values.get(index).ok_or_else(|| Fault::evaluation("an argument is missing"))
    }

    fn wrong(&self, index: usize, value: &Val<'_>) -> Fault {
        let signature = self.function.signature();
        let wanted = signature.operand(index).map(Sorts::describe).unwrap_or_default();
        Fault::wrong_type(format!("`{}` needs {wanted}, not {}", signature.name, value.describe()))
    }

    fn text(&self, index: usize) -> Result<&'v Text<'a>, Fault> {
        match self.get(index)? {
            Val::String(text) => Ok(text),
            other => Err(self.wrong(index, other)),
        }
    }

    fn list(&self, index: usize) -> Result<&'v List<'a>, Fault> {
        match self.get(index)? {
            Val::List(list) => Ok(list),
            other => Err(self.wrong(index, other)),
        }
    }

    fn optional_text(&self, index: usize) -> Result<Option<&'v Text<'a>>, Fault> {
        if index < self.values.len() { self.text(index).map(Some) } else { Ok(None) }
    }

    fn optional_int(&self, index: usize) -> Result<Option<i64>, Fault> {
        match self.values.get(index) {
            None => Ok(None),
            Some(Val::Int(value)) => Ok(Some(*value)),
            Some(other) => Err(self.wrong(index, other)),
        }
    }

    fn int(&self, index: usize) -> Result<i64, Fault> {
        match self.get(index)? {
            Val::Int(value) => Ok(*value),
            other => Err(self.wrong(index, other)),
        }
    }
}

/// The result of a function that evaluates all its operands.
pub(crate) fn call<'a>(function: Function, values: &[Val<'a>], fuel: &Fuel) -> Result<Val<'a>, Fault> {
    let operands = Operands { function, values };
    match function {
        Function::Size => size(&operands, fuel),
        Function::Contains
        | Function::StartsWith
        | Function::EndsWith
        | Function::Matches
        | Function::IndexOf
        | Function::LastIndexOf => search(function, &operands, fuel),
        Function::Reverse if matches!(operands.get(0)?, Val::List(_)) => {
            lists::reverse(operands.list(0)?, fuel)
        }
        Function::LowerAscii
        | Function::UpperAscii
        | Function::Trim
        | Function::Reverse
        | Function::Split
        | Function::Join
        | Function::Replace
        | Function::Substring
        | Function::CharAt
        | Function::Format
        | Function::Quote
        | Function::Base64Decode
        | Function::UrlEncode
        | Function::Sha256 => rewrite(function, &operands, fuel),
        Function::Slice
        | Function::Flatten
        | Function::Distinct
        | Function::Sort
        | Function::First
        | Function::Last
        | Function::Range => list(function, &operands, fuel),
        Function::Math(function) => math::call(function, values, fuel),
        Function::Net(function) => net::call(function, values),
        Function::Base64Encode => match operands.get(0)? {
            Val::Bytes(bytes) => blob::encode(bytes, fuel).map(Val::text),
            other => Err(operands.wrong(0, other)),
        },
        Function::TypeOf => Ok(Val::Type(operands.get(0)?.type_name())),
        Function::Dyn => operands.get(0).cloned(),
        Function::ToBool
        | Function::ToInt
        | Function::ToUint
        | Function::ToDouble
        | Function::ToString
        | Function::ToBytes
        | Function::ToTimestamp
        | Function::ToDuration => convert(function, operands.get(0)?, fuel),
        Function::Get(part) => {
            let zone = operands.optional_text(1)?;
            time::part(part, operands.get(0)?, zone.map(|zone| &**zone))
        }
        Function::OptionalOf => Ok(Val::some(operands.get(0)?.clone())),
        Function::OptionalOfNonZero => {
            let value = operands.get(0)?;
            Ok(if is_zero(value) { Val::Optional(None) } else { Val::some(value.clone()) })
        }
        Function::OptionalNone => Ok(Val::Optional(None)),
        Function::HasValue => match operands.get(0)? {
            Val::Optional(inner) => Ok(Val::Bool(inner.is_some())),
            other => Err(operands.wrong(0, other)),
        },
        Function::Value => match operands.get(0)? {
            Val::Optional(Some(inner)) => Ok((**inner).clone()),
            Val::Optional(None) => Err(Fault::missing("the optional has no value")),
            other => Err(operands.wrong(0, other)),
        },
        Function::IsPrivateIp => match operands.get(0)? {
            Val::Ip(address) => Ok(responder::is_private(*address)),
            _ => responder::is_private_ip(operands.text(0)?),
        },
        Function::Or | Function::OrValue | Function::JsonPath => {
            // The evaluator runs these itself: the first two leave an operand alone, the third has a compiled path.
            Err(Fault::evaluation("the function cannot be called like this"))
        }
    }
}

fn size<'a>(operands: &Operands<'_, 'a>, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    let size = match operands.get(0)? {
        Val::String(text) => {
            fuel.spend_bytes(text.len())?;
            text.chars().count()
        }
        Val::Bytes(bytes) => bytes.len(),
        Val::List(list) => list.len(),
        Val::Map(map) => map.len(),
        other => return Err(operands.wrong(0, other)),
    };
    i64::try_from(size).map(Val::Int).map_err(|_| Fault::evaluation("the size is out of range"))
}

fn search<'a>(function: Function, operands: &Operands<'_, 'a>, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    let text: &str = operands.text(0)?;
    let part: &str = operands.text(1)?;
    fuel.spend_bytes(text.len() + part.len())?;
    match function {
        Function::Contains => Ok(Val::Bool(text.contains(part))),
        Function::StartsWith => Ok(Val::Bool(text.starts_with(part))),
        Function::EndsWith => Ok(Val::Bool(text.ends_with(part))),
        Function::IndexOf => strings::index_of(text, part, operands.optional_int(2)?),
        Function::LastIndexOf => strings::last_index_of(text, part, operands.optional_int(2)?),
        _ => {
            // Compiling costs far more than matching, and the pattern may come in a loop.
            fuel.spend(5_000 + part.len() * 100)?;
            let pattern =
                compile::pattern(part).map_err(|message| Fault::new(ProblemKind::Regex, message))?;
            Ok(Val::Bool(pattern.is_match(text)))
        }
    }
}

fn rewrite<'a>(function: Function, operands: &Operands<'_, 'a>, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    if function == Function::Join {
        return match operands.get(0)? {
            Val::List(list) => {
                strings::join(list, operands.optional_text(1)?.map_or("", |text| &**text), fuel)
            }
            other => Err(operands.wrong(0, other)),
        };
    }
    let text = operands.text(0)?;
    fuel.spend_bytes(text.len())?;
    match function {
        Function::LowerAscii => Ok(Val::text(text.to_ascii_lowercase())),
        Function::UpperAscii => Ok(Val::text(text.to_ascii_uppercase())),
        Function::Trim => strings::trim(text, fuel),
        Function::Reverse => Ok(strings::reverse(text)),
        Function::Split => {
            strings::split(text, operands.text(1)?, operands.optional_int(2)?.unwrap_or(-1), fuel)
        }
        Function::Replace => {
            let limit = operands.optional_int(3)?.unwrap_or(-1);
            strings::replace(text, operands.text(1)?, operands.text(2)?, limit, fuel)
        }
        Function::Substring => strings::substring(text, operands.int(1)?, operands.optional_int(2)?, fuel),
        Function::CharAt => strings::char_at(text, operands.int(1)?, fuel),
        Function::Format => format::format(text, operands.list(1)?, fuel),
        Function::Quote => strings::quote(text, fuel),
        Function::Base64Decode => blob::decode(text, fuel),
        Function::UrlEncode => {
            // Three bytes for one, at worst.
            fuel.spend_bytes(text.len() * 2)?;
            Ok(responder::url_encode(text))
        }
        _ => {
            // A hash reads slower than a copy.
            fuel.spend_bytes(text.len() * 8)?;
            Ok(responder::sha256(text))
        }
    }
}

fn list<'a>(function: Function, operands: &Operands<'_, 'a>, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    if function == Function::Range {
        return lists::range(operands.int(0)?, fuel);
    }
    let list = operands.list(0)?;
    match function {
        Function::Slice => lists::slice(list, operands.int(1)?, operands.int(2)?, fuel),
        Function::Flatten => lists::flatten(list, operands.optional_int(1)?.unwrap_or(1), fuel),
        Function::Distinct => lists::distinct(list, fuel),
        Function::First | Function::Last => Ok(lists::end(list, function == Function::First)),
        _ => {
            fuel.spend(list.len())?;
            lists::sorted("sort", list.iter().map(|item| (item.clone(), item)).collect(), fuel)
        }
    }
}

fn is_zero(value: &Val<'_>) -> bool {
    match value {
        Val::Null => true,
        Val::Bool(value) => !value,
        Val::Int(value) => *value == 0,
        Val::Uint(value) => *value == 0,
        Val::Double(value) => *value == 0.0,
        Val::String(text) => text.is_empty(),
        Val::List(list) => list.len() == 0,
        Val::Map(map) => map.len() == 0,
        Val::Duration(nanos) => *nanos == 0,
        Val::Bytes(bytes) => bytes.is_empty(),
        Val::Timestamp(_) | Val::Ip(_) | Val::Cidr(_) | Val::Type(_) => false,
        Val::Optional(inner) => inner.is_none(),
    }
}
