//! What becomes of times where clocks are changed, for people who want to see it before it happens.

use super::clock::Shown;
use super::{Cron, Zone};
use chrono::{DateTime, Duration, Offset, Utc};
use chrono_tz::Tz;
use riposte_model::Timestamp;

/// A change of a zone's clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The first second after it.
    pub at: Timestamp,
    /// What clocks would have shown then, with the offset from UTC, as RFC 3339 writes it.
    pub from: String,
    /// What they show.
    pub to: String,
}

impl Zone {
    /// The changes of its clocks after one moment and up to another. Two within a day may be told as one, or cancel out.
    pub fn changes(self, after: Timestamp, to: Timestamp) -> Vec<Change> {
        let (mut second, end) = (after.as_millis().div_euclid(1000), to.as_millis().div_euclid(1000));
        let mut changes = Vec::new();
        while second < end {
            let next = (second + 24 * 3600).min(end);
            changes.extend(self.change(second, next));
            second = next;
        }
        changes
    }

    fn change(self, mut before: i64, mut after: i64) -> Option<Change> {
        let offset = self.second(before)?.offset().fix();
        if self.second(after)?.offset().fix() == offset {
            return None;
        }
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if self.second(middle)?.offset().fix() == offset { before = middle } else { after = middle }
        }
        let at = self.second(after)?;
        Some(Change {
            at: at.with_timezone(&Utc).into(),
            from: at.with_timezone(&offset).to_rfc3339(),
            to: at.to_rfc3339(),
        })
    }

    /// Which of the two times a moment is, if the clock shows its time twice: the first (`1`) or the second (`2`).
    pub fn which_of_two(self, at: Timestamp) -> Option<u8> {
        let local = self.second(at.as_millis().div_euclid(1000))?;
        match self.shows(local.naive_local()) {
            Shown::Twice(first, _) => Some(if local == first { 1 } else { 2 }),
            Shown::Once(_) | Shown::Never => None,
        }
    }

    fn second(self, second: i64) -> Option<DateTime<Tz>> {
        Some(DateTime::<Utc>::from_timestamp(second, 0)?.with_timezone(&self.0))
    }
}

impl Cron {
    /// Whether it fires at a moment in place of a time that the clock skips.
    pub fn stands_in(&self, fire: Timestamp, zone: Zone) -> bool {
        let Some(local) = zone.second(fire.as_millis().div_euclid(1000)) else { return false };
        // What the clock shows, as if nobody ever changed it.
        let shown = local.naive_local().and_utc();
        let meant = self.next_after((shown - Duration::seconds(1)).into(), Zone::UTC);
        meant != Some(shown.into())
    }
}
