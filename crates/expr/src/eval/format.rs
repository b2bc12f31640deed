//! `text.format(list)`: `%s`, `%d`, `%f`, `%e`, `%b`, `%o`, `%x` and `%X`.

use crate::eval::convert::to_text;
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::{List, Map, Val};

/// The clauses there are.
const CLAUSES: &str = "sdfeboxX";
/// Digits behind the point if a clause does not say how many.
const USUAL_PRECISION: usize = 6;
/// Most digits behind the point.
const MOST_PRECISION: usize = 100;

/// A part of a format.
enum Piece<'t> {
    Text(&'t str),
    Clause(char, Option<usize>),
}

/// Reads the next part of a format, and gives back what is behind it; `None` at the end.
fn piece(text: &str) -> Result<Option<(Piece<'_>, &str)>, Fault> {
    let place = match text.find('%') {
        _ if text.is_empty() => return Ok(None),
        Some(0) => 0,
        other => {
            let (before, after) = text.split_at(other.unwrap_or(text.len()));
            return Ok(Some((Piece::Text(before), after)));
        }
    };
    let after = text.get(place + 1..).unwrap_or_default();
    if let Some(rest) = after.strip_prefix('%') {
        return Ok(Some((Piece::Text("%"), rest)));
    }
    let (precision, after) = precision(after)?;
    let mut characters = after.chars();
    match characters.next() {
        Some(clause) if CLAUSES.contains(clause) => {
            Ok(Some((Piece::Clause(clause, precision), characters.as_str())))
        }
        Some(other) => {
            Err(Fault::evaluation(format!("`%{}` is no clause of a format", other.escape_debug()))
                .with_help("there are %s, %d, %f, %e, %b, %o, %x and %X; write `%%` for a percent sign"))
        }
        None => {
            Err(Fault::evaluation("the format ends inside a clause")
                .with_help("write `%%` for a percent sign"))
        }
    }
}

/// How many items a format takes.
pub(crate) fn clauses(text: &str) -> Result<usize, Fault> {
    let mut count = 0;
    let mut rest = text;
    while let Some((piece, after)) = piece(rest)? {
        count += usize::from(matches!(piece, Piece::Clause(..)));
        rest = after;
    }
    Ok(count)
}

/// What is said of a list that is too short.
pub(crate) fn too_few(items: usize) -> Fault {
    Fault::evaluation(format!("the format has more clauses than the list has items: {items}"))
}

/// The text with its clauses replaced by the items of the list, in order.
pub(crate) fn format(text: &str, list: &List<'_>, fuel: &Fuel) -> Result<Val<'static>, Fault> {
    fuel.spend_bytes(text.len())?;
    let mut formatted = String::new();
    let mut next = 0;
    let mut rest = text;
    while let Some((piece, after)) = piece(rest)? {
        rest = after;
        match piece {
            Piece::Text(text) => formatted.push_str(text),
            Piece::Clause(clause, precision) => {
                let item = list.get(next).ok_or_else(|| too_few(list.len()))?;
                next += 1;
                fuel.spend(1)?;
                let from = formatted.len();
                write(clause, precision, &item, &mut formatted, fuel)?;
                fuel.spend_bytes(formatted.len() - from)?;
            }
        }
    }
    Ok(Val::text(formatted))
}

/// `.3`, if it is there.
fn precision(text: &str) -> Result<(Option<usize>, &str), Fault> {
    let Some(after) = text.strip_prefix('.') else { return Ok((None, text)) };
    let (digits, after) = after.split_at(after.bytes().take_while(u8::is_ascii_digit).count());
    match digits.parse() {
        Ok(precision) if precision <= MOST_PRECISION => Ok((Some(precision), after)),
        Ok(_) => {
            Err(Fault::evaluation(format!("a format has at most {MOST_PRECISION} digits behind the point")))
        }
        Err(_) => Err(Fault::evaluation("the format has a point without digits")),
    }
}

fn write(
    clause: char,
    precision: Option<usize>,
    item: &Val<'_>,
    out: &mut String,
    fuel: &Fuel,
) -> Result<(), Fault> {
    match (clause, item) {
        ('s', _) => plain(item, out, fuel)?,
        ('d' | 'f' | 'e', Val::Double(value)) if !value.is_finite() => out.push_str(&not_finite(*value)),
        ('d', Val::Int(value)) => out.push_str(&value.to_string()),
        ('d', Val::Uint(value)) => out.push_str(&value.to_string()),
        ('f' | 'e', Val::Int(_) | Val::Uint(_) | Val::Double(_)) => {
            let digits = precision.unwrap_or(USUAL_PRECISION);
            let value = match item {
                Val::Int(value) => *value as f64,
                Val::Uint(value) => *value as f64,
                Val::Double(value) => *value,
                _ => f64::NAN,
            };
            out.push_str(&if clause == 'f' {
                format!("{value:.digits$}")
            } else {
                scientific(value, digits)
            });
        }
        ('b', Val::Bool(value)) => out.push(if *value { '1' } else { '0' }),
        ('b' | 'o' | 'x' | 'X', Val::Int(value)) => {
            if *value < 0 {
                out.push('-');
            }
            out.push_str(&digits(clause, value.unsigned_abs()));
        }
        ('b' | 'o' | 'x' | 'X', Val::Uint(value)) => out.push_str(&digits(clause, *value)),
        ('x' | 'X', Val::String(text)) => hexadecimal(clause, text.as_bytes(), out, fuel)?,
        ('x' | 'X', Val::Bytes(bytes)) => hexadecimal(clause, bytes, out, fuel)?,
        (_, other) => {
            return Err(Fault::wrong_type(format!("`%{clause}` does not take {}", other.describe())));
        }
    }
    Ok(())
}

fn digits(clause: char, value: u64) -> String {
    match clause {
        'b' => format!("{value:b}"),
        'o' => format!("{value:o}"),
        'x' => format!("{value:x}"),
        _ => format!("{value:X}"),
    }
}

fn hexadecimal(clause: char, bytes: &[u8], out: &mut String, fuel: &Fuel) -> Result<(), Fault> {
    fuel.spend_bytes(bytes.len().saturating_mul(2))?;
    for byte in bytes {
        out.push_str(&if clause == 'x' { format!("{byte:02x}") } else { format!("{byte:02X}") });
    }
    Ok(())
}

/// An exponent has a sign and two digits at least.
fn scientific(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$e}");
    match text.split_once('e') {
        Some((number, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
            format!("{number}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}

fn not_finite(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
}

/// `%s`: text without quotes, lists and maps with what is in them, maps in the order of their keys.
fn plain(value: &Val<'_>, out: &mut String, fuel: &Fuel) -> Result<(), Fault> {
    fuel.spend(1)?;
    match value {
        Val::Null => out.push_str("null"),
        Val::Double(value) if !value.is_finite() => out.push_str(&not_finite(*value)),
        Val::Type(name) => out.push_str(name),
        Val::List(list) => {
            out.push('[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                plain(&item, out, fuel)?;
            }
            out.push(']');
        }
        Val::Map(map) => plain_map(map, out, fuel)?,
        Val::Optional(_) => {
            return Err(
                Fault::wrong_type("`%s` does not take an optional").with_help("end with `.orValue(...)`")
            );
        }
        scalar => {
            let text = to_text(scalar)?;
            fuel.spend_bytes(text.len())?;
            out.push_str(&text);
        }
    }
    Ok(())
}

fn plain_map(map: &Map<'_>, out: &mut String, fuel: &Fuel) -> Result<(), Fault> {
    let mut entries = Vec::with_capacity(map.len());
    fuel.spend(map.len().saturating_mul(4))?;
    for (key, value) in map.iter() {
        let mut text = String::new();
        plain(&key, &mut text, fuel)?;
        entries.push((text, value));
    }
    entries.sort_by(|(left, _), (right, _)| left.cmp(right));
    out.push('{');
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(key);
        out.push_str(": ");
        plain(value, out, fuel)?;
    }
    out.push('}');
    Ok(())
}
