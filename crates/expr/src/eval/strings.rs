//! Functions on text. Positions count characters (code points), as in CEL.

use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::{List, Text, Val};

/// The byte offset of a character; the length is the offset of the end.
fn byte_offset(text: &str, position: i64) -> Option<usize> {
    let position = usize::try_from(position).ok()?;
    text.char_indices().map(|(offset, _)| offset).chain(std::iter::once(text.len())).nth(position)
}

fn out_of_range(position: i64) -> Fault {
    Fault::evaluation(format!("the position {position} is outside the text"))
}

fn count(characters: usize) -> Val<'static> {
    Val::Int(i64::try_from(characters).unwrap_or(i64::MAX))
}

/// A part of a text, without a copy if it is borrowed.
fn slice<'a>(text: &Text<'a>, from: usize, to: usize, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    match text {
        Text::Borrowed(text) => Ok(Val::String(Text::Borrowed(text.get(from..to).unwrap_or_default()))),
        Text::Made(text) => {
            fuel.spend_bytes(to.saturating_sub(from))?;
            Ok(Val::text(text.get(from..to).unwrap_or_default()))
        }
    }
}

pub(crate) fn char_at<'a>(text: &Text<'a>, position: i64, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    let from = byte_offset(text, position).ok_or_else(|| out_of_range(position))?;
    let width = text.get(from..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    slice(text, from, from + width, fuel)
}

pub(crate) fn substring<'a>(
    text: &Text<'a>,
    from: i64,
    to: Option<i64>,
    fuel: &Fuel,
) -> Result<Val<'a>, Fault> {
    let start = byte_offset(text, from).ok_or_else(|| out_of_range(from))?;
    let end = match to {
        Some(to) => byte_offset(text, to).ok_or_else(|| out_of_range(to))?,
        None => text.len(),
    };
    if end < start {
        return Err(Fault::evaluation("the part of the text ends before it begins"));
    }
    slice(text, start, end, fuel)
}

pub(crate) fn index_of(text: &str, part: &str, from: Option<i64>) -> Result<Val<'static>, Fault> {
    let from = from.unwrap_or(0);
    let start = byte_offset(text, from).ok_or_else(|| out_of_range(from))?;
    let found = text.get(start..).and_then(|rest| rest.find(part)).map(|offset| start + offset);
    Ok(found.map_or(Val::Int(-1), |offset| count(text.get(..offset).unwrap_or_default().chars().count())))
}

pub(crate) fn last_index_of(text: &str, part: &str, until: Option<i64>) -> Result<Val<'static>, Fault> {
    let end = match until {
        // The last occurrence that begins at `until` or before it.
        Some(until) => {
            let last = byte_offset(text, until).ok_or_else(|| out_of_range(until))?;
            (last + part.len()).min(text.len())
        }
        None => text.len(),
    };
    // `end` may cut a character in two; no occurrence ends there.
    let searched = (0..=end).rev().find_map(|end| text.get(..end)).unwrap_or_default();
    let found = searched.rfind(part);
    Ok(found.map_or(Val::Int(-1), |offset| count(text.get(..offset).unwrap_or_default().chars().count())))
}

pub(crate) fn trim<'a>(text: &Text<'a>, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    let from = text.len() - text.trim_start().len();
    slice(text, from, from + text.trim().len(), fuel)
}

pub(crate) fn reverse(text: &str) -> Val<'static> {
    Val::text(text.chars().rev().collect::<String>())
}

pub(crate) fn replace(
    text: &str,
    old: &str,
    new: &str,
    limit: i64,
    fuel: &Fuel,
) -> Result<Val<'static>, Fault> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // The size first: a replacement of nothing by much must not be built to be refused.
    let places = text.matches(old).take(limit).count();
    let size = places.saturating_mul(new.len()).saturating_add(text.len());
    fuel.spend(places)?;
    fuel.spend_bytes(size)?;
    Ok(Val::text(text.replacen(old, new, limit)))
}

pub(crate) fn split<'a>(text: &Text<'a>, separator: &str, limit: i64, fuel: &Fuel) -> Result<Val<'a>, Fault> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit == 0 {
        return Ok(Val::list(Vec::new()));
    }
    let mut parts = Vec::new();
    let mut from = 0;
    let whole: &str = text;
    while parts.len() + 1 < limit {
        let rest = whole.get(from..).unwrap_or_default();
        // Between nothing and nothing lies a character.
        let next = if separator.is_empty() {
            let width = rest.chars().next().map_or(0, char::len_utf8);
            (width < rest.len()).then_some(width)
        } else {
            rest.find(separator)
        };
        let Some(next) = next else { break };
        fuel.spend(1)?;
        parts.push(slice(text, from, from + next, fuel)?);
        from += next + separator.len();
    }
    if !(separator.is_empty() && whole.is_empty()) {
        parts.push(slice(text, from, whole.len(), fuel)?);
    }
    Ok(Val::list(parts))
}

pub(crate) fn join(list: &List<'_>, separator: &str, fuel: &Fuel) -> Result<Val<'static>, Fault> {
    let mut joined = String::new();
    for (index, item) in list.iter().enumerate() {
        let Val::String(item) = item else {
            return Err(Fault::wrong_type(format!(
                "`join` needs a list of strings; one is {}",
                item.describe()
            )));
        };
        fuel.spend(1)?;
        fuel.spend_bytes(separator.len() + item.len())?;
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(&item);
    }
    Ok(Val::text(joined))
}

/// The text as a literal of the language, in double quotes.
pub(crate) fn quote(text: &str, fuel: &Fuel) -> Result<Val<'static>, Fault> {
    fuel.spend_bytes(text.len())?;
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '\u{07}' => quoted.push_str("\\a"),
            '\u{08}' => quoted.push_str("\\b"),
            '\u{0c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{0b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    Ok(Val::text(quoted))
}
