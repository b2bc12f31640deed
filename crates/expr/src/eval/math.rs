//! The math extension.

use std::cmp::Ordering;

use crate::eval::compare::order;
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::Val;
use crate::function::{Function, Math, Sorts};

/// One function of numbers.
pub(crate) fn call<'a>(function: Math, operands: &[Val<'a>], fuel: &Fuel) -> Result<Val<'a>, Fault> {
    match (function, operands) {
        (Math::Greatest, _) => extreme(function, operands, Ordering::Greater, fuel),
        (Math::Least, _) => extreme(function, operands, Ordering::Less, fuel),
        (Math::Abs, [Val::Int(value)]) => value.checked_abs().map(Val::Int).ok_or_else(overflow),
        (Math::Abs, [Val::Uint(value)]) => Ok(Val::Uint(*value)),
        (Math::Abs, [Val::Double(value)]) => Ok(Val::Double(value.abs())),
        (Math::Sign, [Val::Int(value)]) => Ok(Val::Int(value.signum())),
        (Math::Sign, [Val::Uint(value)]) => Ok(Val::Uint((*value).min(1))),
        (Math::Sign, [Val::Double(value)]) => {
            Ok(Val::Double(if *value == 0.0 || value.is_nan() { *value } else { value.signum() }))
        }
        (Math::Sqrt, [Val::Double(value)]) => Ok(Val::Double(value.sqrt())),
        (Math::Sqrt, [Val::Int(value)]) => Ok(Val::Double((*value as f64).sqrt())),
        (Math::Sqrt, [Val::Uint(value)]) => Ok(Val::Double((*value as f64).sqrt())),
        (_, [Val::Double(value)]) => of_double(function, *value),
        (Math::BitNot, [Val::Int(value)]) => Ok(Val::Int(!value)),
        (Math::BitNot, [Val::Uint(value)]) => Ok(Val::Uint(!value)),
        (Math::BitShiftLeft | Math::BitShiftRight, [value, Val::Int(places)]) => {
            shift(function, value, *places)
        }
        (_, [Val::Int(left), Val::Int(right)]) => {
            // The bits of a negative int are those of its two's complement.
            bits(function, left.cast_unsigned(), right.cast_unsigned())
                .map(|bits| Val::Int(bits.cast_signed()))
        }
        (_, [Val::Uint(left), Val::Uint(right)]) => bits(function, *left, *right).map(Val::Uint),
        _ => Err(mismatch(function, operands)),
    }
}

/// The greatest or the least of the operands, or of the items of the only one; of equal ones the first.
fn extreme<'a>(
    function: Math,
    operands: &[Val<'a>],
    wanted: Ordering,
    fuel: &Fuel,
) -> Result<Val<'a>, Fault> {
    let items = match operands {
        [Val::List(list)] => {
            fuel.spend(list.len())?;
            list.iter().collect()
        }
        _ => operands.to_vec(),
    };
    let mut best: Option<Val<'a>> = None;
    for item in items {
        if !item.sort().meets(Sorts::NUMBER) {
            return Err(mismatch(function, &[item]));
        }
        let better = match &best {
            Some(best) => order(&item, best, fuel)? == Some(wanted),
            None => true,
        };
        if better {
            best = Some(item);
        }
    }
    best.ok_or_else(|| Fault::evaluation(format!("`{}` of no numbers", Function::Math(function).name())))
}

fn of_double<'a>(function: Math, value: f64) -> Result<Val<'a>, Fault> {
    Ok(match function {
        Math::Ceil => Val::Double(value.ceil()),
        Math::Floor => Val::Double(value.floor()),
        // Half of the way goes away from zero.
        Math::Round => Val::Double(value.round()),
        Math::Trunc => Val::Double(value.trunc()),
        Math::IsNan => Val::Bool(value.is_nan()),
        Math::IsInf => Val::Bool(value.is_infinite()),
        Math::IsFinite => Val::Bool(value.is_finite()),
        _ => return Err(mismatch(function, &[Val::Double(value)])),
    })
}

fn bits(function: Math, left: u64, right: u64) -> Result<u64, Fault> {
    match function {
        Math::BitAnd => Ok(left & right),
        Math::BitOr => Ok(left | right),
        Math::BitXor => Ok(left ^ right),
        _ => Err(mismatch(function, &[Val::Uint(left), Val::Uint(right)])),
    }
}

/// Zeros come in from either side, negative numbers included; by 64 places and more nothing is left.
fn shift<'a>(function: Math, value: &Val<'a>, places: i64) -> Result<Val<'a>, Fault> {
    let Ok(places) = u32::try_from(places.min(64)) else {
        return Err(Fault::evaluation("bits are shifted by a number of places that is not negative"));
    };
    let moved = |bits: u64| {
        let moved =
            if function == Math::BitShiftLeft { bits.checked_shl(places) } else { bits.checked_shr(places) };
        moved.unwrap_or(0)
    };
    match value {
        Val::Int(value) => Ok(Val::Int(moved(value.cast_unsigned()).cast_signed())),
        Val::Uint(value) => Ok(Val::Uint(moved(*value))),
        other => Err(mismatch(function, std::slice::from_ref(other))),
    }
}

fn mismatch(function: Math, operands: &[Val<'_>]) -> Fault {
    let function = Function::Math(function);
    let given: Vec<String> = operands.iter().map(Val::describe).collect();
    Fault::wrong_type(format!("`{}` does not take {}", function.name(), given.join(" and ")))
}

fn overflow() -> Fault {
    Fault::evaluation("the number is out of range")
}
