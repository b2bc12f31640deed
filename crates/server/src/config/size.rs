//! Sizes as people write them in a configuration: `512MiB`, `2GiB`.

use riposte_playbook::yaml::{Field, Node};
use riposte_playbook::{Code, Diagnostic, Diagnostics};

/// What may stand behind a number, and how many bytes it is.
const UNITS: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

/// The value of a field as a number of bytes, which is not none.
pub(super) fn size(field: &Field<'_>, found: &mut Diagnostics) -> Option<u64> {
    let size = match &field.value.value {
        Node::Str(text) => parse(&text.value),
        _ => None,
    };
    if size.is_none() {
        found.push(
            Diagnostic::error(
                Code::WrongType,
                format!("`{}` must be a size", field.key.value),
                field.value.span.clone(),
                "not a size",
            )
            .with_help("write a whole number from 1 and a unit, like `512MiB` or `2GiB`; units are KiB, MiB, GiB and TiB"),
        );
    }
    size
}

/// `512MiB` as a number of bytes, which is not none; `None`: it is no size.
pub fn parse(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    number.checked_mul(*unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_with_a_unit() {
        for (text, expected) in [
            ("1KiB", Some(1024)),
            ("512MiB", Some(512 << 20)),
            ("1GiB", Some(1 << 30)),
            ("2TiB", Some(2 << 40)),
            ("0GiB", None),
            ("1GB", None),
            ("1 GiB", None),
            ("GiB", None),
            ("1", None),
            ("-1KiB", None),
            ("18446744073709551615KiB", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
