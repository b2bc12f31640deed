//! Moments as people write them: so long ago, or a date.

use riposte_model::{Timestamp, parse_duration};

/// `30d` and `1h30m` are so long before `now`; `2026-01-31` is the beginning of that day in UTC; else RFC 3339.
pub(crate) fn moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(ago) = parse_duration(text) {
        let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        return Ok(Timestamp::from_millis(now.as_millis().saturating_sub(ago)));
    }
    let is_date = text.len() == 10 && !text.contains('T');
    let full = if is_date { format!("{text}T00:00:00Z") } else { text.to_owned() };
    Timestamp::try_from(full).map_err(|_| {
        format!(
            "`{text}` is neither a duration like `30d` nor a date like `2026-01-31` or `2026-01-31T08:00:00Z`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::moment;
    use riposte_model::Timestamp;

    #[test]
    fn durations_count_back_and_dates_begin_at_midnight_utc() {
        let now = Timestamp::from_millis(1_795_000_000_123);
        let show = |text: &str| moment(text, now).map(|at| at.to_string());
        assert_eq!(show("1d").unwrap(), "2026-11-17T11:06:40.123Z");
        assert_eq!(show("2026-01-31").unwrap(), "2026-01-31T00:00:00.000Z");
        assert_eq!(show("2026-01-31T08:00:00+02:00").unwrap(), "2026-01-31T06:00:00.000Z");
        for wrong in ["", "yesterday", "2026-02-30", "30", "-1d"] {
            assert!(show(wrong).is_err(), "{wrong}");
        }
    }
}
