//! What a plain scalar means: the core schema of YAML 1.2.2, section 10.3.2.

use super::{Form, Node, Text};

/// A number that cannot be held without losing some of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoNumber;

/// Resolves a plain scalar. Unlike in the core schema a number does not begin with a needless zero: `007` is text,
/// because who writes it means an identifier.
pub(super) fn resolve(text: &str) -> Result<Node, NoNumber> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Node::Null,
        "true" | "True" | "TRUE" => Node::Bool(true),
        "false" | "False" | "FALSE" => Node::Bool(false),
        _ if is_not_finite(text) => return Err(NoNumber),
        _ => match whole(text)? {
            Some(node) => node,
            None if is_float(text) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Node::Float(number),
                _ => return Err(NoNumber),
            },
            None => Node::Str(Text { value: text.to_owned(), form: Form::Bare }),
        },
    })
}

fn is_not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn whole(text: &str) -> Result<Option<Node>, NoNumber> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let signed = unsigned.len() != text.len();
    let (digits, radix) = match (unsigned.strip_prefix("0x"), unsigned.strip_prefix("0o")) {
        (Some(digits), _) if !signed => (digits, 16),
        (_, Some(digits)) if !signed => (digits, 8),
        _ => (unsigned, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Ok(None);
    }
    if radix == 10 && digits.len() > 1 && digits.starts_with('0') {
        return Ok(None);
    }
    let size = u64::from_str_radix(digits, radix).map_err(|_| NoNumber)?;
    if negative {
        return 0i64.checked_sub_unsigned(size).map(|number| Some(Node::Int(number))).ok_or(NoNumber);
    }
    Ok(Some(i64::try_from(size).map_or(Node::UInt(size), Node::Int)))
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, with a dot or an exponent in it.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let size = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !size.is_empty() && digits(size)
    });
    let mantissa_fits = match mantissa.split_once('.') {
        Some((before, after)) => digits(before) && digits(after) && before.len() + after.len() > 0,
        None => !mantissa.is_empty() && digits(mantissa) && exponent.is_some(),
    };
    let needless_zero = mantissa.len() > 1 && mantissa.starts_with('0') && !mantissa.starts_with("0.");
    mantissa_fits && exponent_fits && !needless_zero
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Result<Node, NoNumber> {
        Ok(Node::Str(Text { value: value.to_owned(), form: Form::Bare }))
    }

    #[test]
    fn scalars_are_those_of_the_core_schema() {
        assert_eq!(resolve("~"), Ok(Node::Null));
        assert_eq!(resolve("TRUE"), Ok(Node::Bool(true)));
        assert_eq!(resolve("-12"), Ok(Node::Int(-12)));
        assert_eq!(resolve("0x1f"), Ok(Node::Int(31)));
        assert_eq!(resolve("0o17"), Ok(Node::Int(15)));
        assert_eq!(resolve("18446744073709551615"), Ok(Node::UInt(u64::MAX)));
        assert_eq!(resolve("-9223372036854775808"), Ok(Node::Int(i64::MIN)));
        assert_eq!(resolve("1.5"), Ok(Node::Float(1.5)));
        assert_eq!(resolve("-1e3"), Ok(Node::Float(-1000.0)));
        assert_eq!(resolve(".5"), Ok(Node::Float(0.5)));
    }

    #[test]
    fn words_of_older_yaml_and_identifiers_are_text() {
        for word in [
            "yes", "no", "on", "off", "y", "007", "0b1", "1_000", "1:30", "+", "-", ".", "e5", "0x", "1e",
            "00.5",
        ] {
            assert_eq!(resolve(word), text(word), "{word}");
        }
    }

    #[test]
    fn numbers_that_cannot_be_held_are_refused() {
        for number in ["18446744073709551616", "-9223372036854775809", "1e999", ".inf", "-.INF", ".nan"] {
            assert_eq!(resolve(number), Err(NoNumber), "{number}");
        }
    }
}
