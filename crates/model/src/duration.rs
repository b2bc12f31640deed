//! Durations as people write them in playbooks: `90s`, `1h30m`, `7d`.

use std::time::Duration;

/// The longest duration that can be written: ten years.
const MAX: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

/// Why a text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing there, or something that is not digits followed by a unit.
    #[error("expected digits and a unit, like `90s`, `5m`, `1h30m` or `7d`")]
    Shape,
    /// The letters after a number are no unit.
    #[error("`{0}` is no unit: use `ms`, `s`, `m`, `h` or `d`")]
    Unit(String),
    /// A smaller unit came before a larger one, or one came twice.
    #[error("units go from large to small, each once, like `1h30m`")]
    Order,
    /// Over ten years.
    #[error("longer than ten years")]
    TooLong,
}

/// Units from large to small, in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads `1d2h3m4s5ms`: whole numbers with units, large to small, each unit once.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let mut rest = text;
    let mut next_unit = 0;
    let mut millis: u64 = 0;
    if rest.is_empty() {
        return Err(DurationError::Shape);
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        if digits == 0 || letters == 0 {
            return Err(DurationError::Shape);
        }
        let unit = &rest[digits..digits + letters];
        let at = UNITS
            .iter()
            .position(|(name, _)| *name == unit)
            .ok_or_else(|| DurationError::Unit(unit.to_owned()))?;
        if at < next_unit {
            return Err(DurationError::Order);
        }
        next_unit = at + 1;
        let number: u64 = rest[..digits].parse().map_err(|_| DurationError::TooLong)?;
        millis = number
            .checked_mul(UNITS[at].1)
            .and_then(|more| millis.checked_add(more))
            .ok_or(DurationError::TooLong)?;
        rest = &rest[digits + letters..];
    }
    let duration = Duration::from_millis(millis);
    if duration > MAX { Err(DurationError::TooLong) } else { Ok(duration) }
}

/// Writes a duration so that [`parse_duration`] reads it back; below a millisecond it is `0s`.
pub fn format_duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, size) in UNITS {
        if rest >= size {
            text.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn common_spellings() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_duration("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(parse_duration("1500ms"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn mistakes_are_told_apart() {
        assert_eq!(parse_duration(""), Err(DurationError::Shape));
        assert_eq!(parse_duration("10"), Err(DurationError::Shape));
        assert_eq!(parse_duration("-1s"), Err(DurationError::Shape));
        assert_eq!(parse_duration("5min"), Err(DurationError::Unit("min".into())));
        assert_eq!(parse_duration("5m1h"), Err(DurationError::Order));
        assert_eq!(parse_duration("99999d"), Err(DurationError::TooLong));
        assert_eq!(parse_duration("99999999999999999999999s"), Err(DurationError::TooLong));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(millis in 0u64..300_000_000_000) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }

        #[test]
        fn any_text_is_answered(text in ".{0,40}") {
            let _ = parse_duration(&text);
        }
    }
}
