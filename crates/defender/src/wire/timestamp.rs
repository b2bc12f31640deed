//! Moments as the provider writes them.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};

/// A moment as the provider wrote it. The text is kept, for it may be odd; [`Timestamp::moment`] reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(String);

impl Timestamp {
    /// The provider's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The moment in UTC: RFC 3339 with any number of fractional digits (0 to 7 have been seen, mixed within one record); a
    /// text without a zone is taken as UTC, as the fields' names say. None when the text is something else.
    pub fn moment(&self) -> Option<DateTime<Utc>> {
        let text = self.0.trim();
        DateTime::parse_from_rfc3339(text)
            .map(|moment| moment.with_timezone(&Utc))
            .or_else(|_| {
                NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|naive| naive.and_utc())
            })
            .ok()
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Timestamp {
        Timestamp(text)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_fractional_digits_is_read() {
        let digits = "1234567";
        for count in 0..=digits.len() {
            let fraction = if count == 0 { String::new() } else { format!(".{}", &digits[..count]) };
            let moment = Timestamp(format!("2018-12-04T12:43:57{fraction}Z")).moment().expect("a moment");
            let expected = format!("{:0<9}", &digits[..count]);
            assert_eq!(
                moment.format("%Y-%m-%dT%H:%M:%S.%f").to_string(),
                format!("2018-12-04T12:43:57.{expected}")
            );
        }
    }

    #[test]
    fn zones_are_respected_and_absent_ones_are_utc() {
        let moment = |text: &str| Timestamp(text.into()).moment().map(|moment| moment.to_rfc3339());
        assert_eq!(moment("2018-12-04T12:00:00+02:00").as_deref(), Some("2018-12-04T10:00:00+00:00"));
        assert_eq!(moment("2018-12-04T12:00:00").as_deref(), Some("2018-12-04T12:00:00+00:00"));
        assert_eq!(moment("0001-01-01T00:00:00Z").as_deref(), Some("0001-01-01T00:00:00+00:00"));
    }

    #[test]
    fn an_odd_text_is_kept_and_has_no_moment() {
        for odd in ["yesterday", "2018-13-40T99:00:00Z", "1543927437", "-"] {
            let timestamp = Timestamp(odd.into());
            assert_eq!((timestamp.as_str(), timestamp.moment()), (odd, None));
        }
    }
}
