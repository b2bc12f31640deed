//! Time zones by the names of the IANA database.

use chrono::{DateTime, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use riposte_model::Timestamp;

/// A time zone, with the rules of the database that was built in.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(pub(super) Tz);

/// No time zone has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is called `{name}`")]
pub struct UnknownZone {
    /// The name that was looked for.
    pub name: String,
    /// A zone whose city has that name.
    pub near: Option<&'static str>,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Zone = Zone(Tz::UTC);

    /// Reads a name: `Europe/Paris`.
    pub fn parse(name: &str) -> Result<Zone, UnknownZone> {
        name.parse().map(Zone).map_err(|_| UnknownZone { name: name.to_owned(), near: by_city(name) })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// All names there are.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// A moment as clocks there show it, with the offset from UTC, as RFC 3339 writes it. `None` beyond the years that a
    /// calendar has.
    pub fn local(self, at: Timestamp) -> Option<String> {
        let utc = DateTime::<Utc>::from_timestamp_millis(at.as_millis())?;
        Some(utc.with_timezone(&self.0).to_rfc3339())
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The zone that is named after a city, whatever the case and the blanks.
fn by_city(name: &str) -> Option<&'static str> {
    let plain = |text: &str| text.trim().replace([' ', '-'], "_").to_ascii_lowercase();
    let wanted = plain(name);
    Zone::names().find(|zone| zone.rsplit_once('/').is_some_and(|(_, city)| plain(city) == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_is_enough_to_name_the_zone_that_was_meant() {
        assert_eq!(Zone::parse("Europe/Paris").unwrap().name(), "Europe/Paris");
        assert_eq!(Zone::parse("new york").unwrap_err().near, Some("America/New_York"));
        assert_eq!(Zone::parse("Romance Standard Time").unwrap_err().near, None);
    }

    #[test]
    fn a_moment_is_shown_as_clocks_there_show_it() {
        let zone = Zone::parse("Australia/Lord_Howe").unwrap();
        let at = Timestamp::from_millis(1_795_000_000_000);
        assert_eq!(zone.local(at).unwrap(), "2026-11-18T22:06:40+11:00");
        assert_eq!(zone.local(Timestamp::from_millis(i64::MAX)), None);
    }
}
