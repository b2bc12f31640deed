//! Which operations share a limit, and which limit.

use std::time::Duration;

/// What is counted together: most operations share one budget, the others have one of their own.
///
/// Source: the "Limitations" of each operation's page; for most of them as of "Isolate machine API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine>. The limits hold for an application in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Everything that has no limit of its own.
    General,
    /// Links to investigation packages.
    PackageUri,
    /// Advanced hunting.
    Hunting,
    /// Imports of indicators.
    IndicatorImport,
    /// Deletions of many indicators.
    IndicatorBatch,
    /// Updates of many alerts.
    AlertBatch,
    /// New alerts.
    AlertCreation,
    /// New investigations.
    Investigation,
    /// Live response sessions.
    LiveResponse,
}

/// Calls that are allowed; `None` where nothing is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// In any minute.
    pub per_minute: Option<u32>,
    /// In any hour.
    pub per_hour: Option<u32>,
}

/// The length of a window, and a second more: what left us a minute apart may arrive within one.
const MINUTE: Duration = Duration::from_secs(61);
pub(super) const HOUR: Duration = Duration::from_secs(3601);

impl Class {
    /// All of them.
    pub const ALL: [Class; 9] = [
        Class::General,
        Class::PackageUri,
        Class::Hunting,
        Class::IndicatorImport,
        Class::IndicatorBatch,
        Class::AlertBatch,
        Class::AlertCreation,
        Class::Investigation,
        Class::LiveResponse,
    ];

    /// Its name, in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Class::General => "general",
            Class::PackageUri => "package_uri",
            Class::Hunting => "hunting",
            Class::IndicatorImport => "indicator_import",
            Class::IndicatorBatch => "indicator_batch",
            Class::AlertBatch => "alert_batch",
            Class::AlertCreation => "alert_creation",
            Class::Investigation => "investigation",
            Class::LiveResponse => "live_response",
        }
    }

    /// The class of this [name](Class::name).
    pub fn named(name: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.name() == name)
    }

    /// What is documented for it.
    pub const fn limit(self) -> Limit {
        let (per_minute, per_hour) = match self {
            Class::General => (Some(100), Some(1500)),
            Class::PackageUri => (Some(2), Some(120)),
            Class::Hunting => (Some(45), Some(1500)),
            Class::IndicatorImport => (Some(30), None),
            Class::IndicatorBatch => (Some(30), Some(1500)),
            Class::AlertBatch => (Some(10), Some(500)),
            Class::AlertCreation => (Some(15), None),
            Class::Investigation => (None, Some(50)),
            Class::LiveResponse => (Some(10), None),
        };
        Limit { per_minute, per_hour }
    }
}

/// Who goes first when calls wait for each other, and how far into a shared limit each may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// What asks how far accepted actions are: few questions, each for many, which must not wait until a storm of calls is over.
    Watch,
    /// What stops harm.
    First,
    /// What saves evidence.
    Second,
    /// What only looks.
    Last,
}

impl Rank {
    /// Calls of this rank that one window holds, of a class with this many. The rest of the general budget is kept for higher
    /// ranks: an alert that comes after a storm of look-ups must not wait for their window to pass. In a class of its own
    /// a call competes with its like only.
    fn part(self, class: Class, of: u32) -> usize {
        let percent = match (class, self) {
            (Class::General, Rank::First) => 85,
            (Class::General, Rank::Second) => 75,
            (Class::General, Rank::Last) => 60,
            _ => 100,
        };
        usize::try_from(of * percent / 100).unwrap_or(usize::MAX).max(1)
    }

    /// The windows of a class as they hold for this rank: how many calls in how long.
    pub(super) fn windows(self, class: Class, limit: Limit) -> impl Iterator<Item = (usize, Duration)> {
        [(limit.per_minute, MINUTE), (limit.per_hour, HOUR)]
            .into_iter()
            .filter_map(move |(most, window)| Some((self.part(class, most?), window)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_found_by_its_name() {
        for class in Class::ALL {
            assert_eq!(Class::named(class.name()), Some(class));
        }
        assert_eq!(Class::named("generals"), None);
    }

    #[test]
    fn only_what_is_shared_keeps_a_part_back() {
        let parts = |class: Class| {
            [Rank::Watch, Rank::First, Rank::Second, Rank::Last]
                .map(|rank| rank.windows(class, class.limit()).map(|(most, _)| most).collect::<Vec<_>>())
        };
        assert_eq!(parts(Class::General), [[100, 1500], [85, 1275], [75, 1125], [60, 900]]);
        assert_eq!(parts(Class::PackageUri), [[2, 120]; 4]);
    }
}
