//! Wall-clock time: for people, schedules and the journal.

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z. Text form: RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(i64);

/// `2026-11-18T11:06:40.123Z`, as bytes.
type Text = [u8; 24];

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The moment this much later; stops at the last one that can be written.
    pub fn saturating_add(self, duration: Duration) -> Self {
        Timestamp(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Its text, if its year has four digits: nearly all events, lines of the log and rows have one.
    fn text(self) -> Option<Text> {
        let time = DateTime::<Utc>::from_timestamp_millis(self.0)?;
        let year = u32::try_from(time.year()).ok().filter(|year| *year <= 9999)?;
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let [year_at, month, day, hour, minute, second, millis] =
            text.get_disjoint_mut([0..4, 5..7, 8..10, 11..13, 14..16, 17..19, 20..23]).ok()?;
        digits(year_at, year);
        digits(month, time.month());
        digits(day, time.day());
        digits(hour, time.hour());
        digits(minute, time.minute());
        digits(second, time.second());
        digits(millis, time.timestamp_subsec_millis());
        Some(text)
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Timestamp(time.timestamp_millis())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(text) = self.text() {
            return f.write_str(std::str::from_utf8(&text).unwrap_or_default());
        }
        match DateTime::<Utc>::from_timestamp_millis(self.0) {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(f, "{} ms", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.text() {
            Some(text) => serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default()),
            None => serializer.collect_str(self),
        }
    }
}

/// Writes a number into all of these places.
fn digits(places: &mut [u8], mut number: u32) {
    for place in places.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

/// The text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time as RFC 3339 writes it")]
pub struct InvalidTimestamp(pub String);

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => Ok(time.with_timezone(&Utc).into()),
            Err(_) => Err(InvalidTimestamp(text)),
        }
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> String {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_from_its_text() {
        let time = Timestamp::from_millis(1_795_000_000_123);
        assert_eq!(Timestamp::try_from(String::from(time)), Ok(time));
        assert!(Timestamp::try_from("yesterday".to_owned()).is_err());
    }

    #[test]
    fn text_form_is_rfc_3339_in_utc() {
        assert_eq!(Timestamp::from_millis(1_795_000_000_123).to_string(), "2026-11-18T11:06:40.123Z");
    }

    #[test]
    fn every_year_is_written_as_chrono_writes_it() {
        for millis in [
            0,
            1,
            -1,
            999,
            951_782_399_999,
            951_868_800_000,
            4_102_444_800_000,
            253_402_300_799_999,
            253_402_300_800_000,
            -62_167_219_200_000,
            -62_167_219_200_001,
        ] {
            let time = DateTime::<Utc>::from_timestamp_millis(millis).unwrap();
            let text = time.to_rfc3339_opts(SecondsFormat::Millis, true);
            assert_eq!(Timestamp::from_millis(millis).to_string(), text);
            assert_eq!(serde_json::to_value(Timestamp::from_millis(millis)).unwrap(), text);
        }
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), format!("{} ms", i64::MAX));
    }

    #[test]
    fn arithmetic_saturates() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(end.saturating_add(Duration::from_secs(1)), end);
        assert_eq!(Timestamp::from_millis(5).since(Timestamp::from_millis(9)), Duration::ZERO);
    }
}
