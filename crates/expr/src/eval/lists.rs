//! Functions on lists.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::eval::compare::{equal, order};
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::{List, Text, Val};
use crate::function::Sorts;

/// What can be sorted. Numbers of different types are sorted among each other, as they are compared.
const SORTABLE: [Sorts; 6] =
    [Sorts::NUMBER, Sorts::STRING, Sorts::BOOL, Sorts::BYTES, Sorts::TIMESTAMP, Sorts::DURATION];

/// `list.slice(from, to)`: from the first position to before the second.
pub(crate) fn slice<'a>(list: &List<'a>, from: i64, to: i64, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    let place = |position: i64| {
        usize::try_from(position).ok().filter(|position| *position <= list.len()).ok_or_else(|| {
            Fault::evaluation(format!(
                "the position {position} is outside the list, which has {}",
                list.len()
            ))
        })
    };
    let (from, to) = (place(from)?, place(to)?);
    if to < from {
        return Err(Fault::evaluation("the part of the list ends before it begins"));
    }
    fuel.spend(to - from)?;
    Ok(Val::list((from..to).filter_map(|index| list.get(index)).collect()))
}

/// `list.flatten(depth)`: the items of lists in its place, as many levels deep.
pub(crate) fn flatten<'a>(list: &List<'a>, depth: i64, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    let depth = usize::try_from(depth)
        .map_err(|_| Fault::evaluation(format!("a list cannot be flattened by {depth} levels")))?;
    let mut flat = Vec::new();
    flatten_into(list, depth, &mut flat, fuel)?;
    Ok(Val::list(flat))
}

/// Recurses as deep as the value is nested, which whoever made the value has bounded.
fn flatten_into<'a>(
    list: &List<'a>,
    depth: usize,
    flat: &mut Vec<Val<'a>>,
    fuel: &Fuel,
) -> Result<(), Fault> {
    for item in list.iter() {
        fuel.spend(1)?;
        match item {
            Val::List(inner) if depth > 0 => flatten_into(&inner, depth - 1, flat, fuel)?,
            item => flat.push(item),
        }
    }
    Ok(())
}

/// `list.distinct()`: every value once, where it first stood.
pub(crate) fn distinct<'a>(list: &List<'a>, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    // Text is what lists in answers hold, and can be looked up; anything else is compared with all before it.
    let mut texts: HashSet<Text<'a>> = HashSet::new();
    let mut others: Vec<Val<'a>> = Vec::new();
    let mut kept = Vec::new();
    for item in list.iter() {
        fuel.spend(1)?;
        let new =
            match &item {
                Val::String(text) => {
                    fuel.spend_bytes(text.len())?;
                    texts.insert(text.clone())
                }
                other => {
                    let known = others.iter().try_fold(false, |known, before| {
                        if known { Ok(true) } else { equal(before, other, fuel) }
                    });
                    let new = !known?;
                    if new {
                        others.push(other.clone());
                    }
                    new
                }
            };
        if new {
            kept.push(item);
        }
    }
    Ok(Val::list(kept))
}

/// `list.reverse()`.
pub(crate) fn reverse<'a>(list: &List<'a>, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    fuel.spend(list.len())?;
    Ok(Val::list((0..list.len()).rev().filter_map(|index| list.get(index)).collect()))
}

/// `list.first()` and `list.last()`.
pub(crate) fn end<'a>(list: &List<'a>, first: bool) -> Val<'a> {
    let index = if first { Some(0) } else { list.len().checked_sub(1) };
    index.and_then(|index| list.get(index)).map_or(Val::Optional(None), Val::some)
}

/// `lists.range(count)`: the ints from 0 to before `count`.
pub(crate) fn range(count: i64, fuel: &Fuel) -> Result<Val<'static>, Fault> {
    fuel.spend(usize::try_from(count).unwrap_or(0))?;
    Ok(Val::list((0..count).map(Val::Int).collect()))
}

/// Sorts items by their keys; equal ones stay in their order.
pub(crate) fn sorted<'a>(
    what: &str,
    mut pairs: Vec<(Val<'a>, Val<'a>)>,
    fuel: &Fuel,
) -> Result<Val<'a>, Fault> {
    expect_sortable(what, &pairs)?;
    // Paid before it is done: as many rounds as a merge takes, each over all keys.
    let rounds = usize::try_from(pairs.len().checked_ilog2().map_or(0, |rounds| rounds + 1)).unwrap_or(1);
    fuel.spend(pairs.len().saturating_mul(rounds))?;
    let bytes: usize = pairs.iter().map(|(key, _)| length(key)).sum();
    fuel.spend_bytes(bytes.saturating_mul(rounds))?;
    let paid = Fuel::new(u64::MAX);
    pairs
        .sort_by(|(left, _), (right, _)| order(left, right, &paid).ok().flatten().unwrap_or(Ordering::Equal));
    Ok(Val::list(pairs.into_iter().map(|(_, item)| item).collect()))
}

/// All keys are of one sort that has a total order: a sort by anything else has no result.
fn expect_sortable(what: &str, pairs: &[(Val<'_>, Val<'_>)]) -> Result<(), Fault> {
    let Some((first, _)) = pairs.first() else { return Ok(()) };
    let Some(sorts) = SORTABLE.iter().find(|sorts| sorts.meets(first.sort())) else {
        return Err(Fault::wrong_type(format!("`{what}` has no order for {}", first.describe())));
    };
    for (key, _) in pairs {
        if !sorts.meets(key.sort()) {
            let message =
                format!("`{what}` has no order between {} and {}", first.describe(), key.describe());
            return Err(Fault::wrong_type(message));
        }
        if matches!(key, Val::Double(value) if value.is_nan()) {
            return Err(Fault::evaluation(format!("`{what}` has no place for what is not a number")));
        }
    }
    Ok(())
}

fn length(value: &Val<'_>) -> usize {
    match value {
        Val::String(text) => text.len(),
        Val::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}
