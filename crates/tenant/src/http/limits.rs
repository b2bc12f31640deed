//! The documented rate limits of one application in one tenant.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::operation::Operation;

/// Calls that were let through in the last hour, and how many there may be.
#[derive(Debug)]
struct Budget {
    per_minute: usize,
    per_hour: usize,
    /// Never longer than `per_hour`.
    calls: VecDeque<DateTime<Utc>>,
}

impl Budget {
    fn new(per_minute: usize, per_hour: usize) -> Self {
        Self { per_minute, per_hour, calls: VecDeque::new() }
    }

    /// How much of it is spent at `now`.
    fn written(&self, now: DateTime<Utc>) -> Value {
        let within = |window| self.calls.iter().filter(|call| now - **call < window).count();
        json!({
            "last_minute": within(TimeDelta::minutes(1)), "per_minute": self.per_minute,
            "last_hour": within(TimeDelta::hours(1)), "per_hour": self.per_hour,
        })
    }

    /// Counts a call, or says in how many seconds there is room for one.
    fn spend(&mut self, now: DateTime<Utc>) -> Result<(), u64> {
        let hour = TimeDelta::hours(1);
        while self.calls.front().is_some_and(|oldest| now - *oldest >= hour) {
            self.calls.pop_front();
        }
        for (limit, window) in [(self.per_hour, hour), (self.per_minute, TimeDelta::minutes(1))] {
            // The call that has to leave the window before another may enter.
            let blocking = self.calls.len().checked_sub(limit).and_then(|index| self.calls.get(index));
            if let Some(blocking) = blocking
                && now - *blocking < window
            {
                let wait = (*blocking + window - now).num_milliseconds();
                return Err(u64::try_from(wait).unwrap_or(0).div_ceil(1_000).max(1));
            }
        }
        self.calls.push_back(now);
        Ok(())
    }
}

/// The budgets of an application. Some operations have their own; everything else shares one.
#[derive(Debug)]
pub(crate) struct Limits {
    general: Budget,
    package_uri: Budget,
    hunting: Budget,
    /// Of indicators. For imports no hourly figure is documented; that of the general budget serves.
    batches: [Budget; 2],
    /// Of alerts: changes of many, and new ones.
    alerts: [Budget; 2],
    investigation: Budget,
    live_response: Budget,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            general: Budget::new(100, 1_500),
            package_uri: Budget::new(2, 120),
            hunting: Budget::new(45, 1_500),
            batches: [Budget::new(30, 1_500), Budget::new(30, 1_500)],
            // Of new ones only the minute is documented.
            alerts: [Budget::new(10, 500), Budget::new(15, 900)],
            // Only the hour is documented.
            investigation: Budget::new(50, 50),
            // Only the minute is documented.
            live_response: Budget::new(10, 600),
        }
    }
}

impl Limits {
    /// How much of each budget is spent, by what it is for.
    pub(crate) fn written(&self, now: DateTime<Utc>) -> Value {
        json!({
            "general": self.general.written(now),
            Operation::GetPackageUri.as_str(): self.package_uri.written(now),
            Operation::AdvancedQueries.as_str(): self.hunting.written(now),
            Operation::ImportIndicators.as_str(): self.batches[0].written(now),
            Operation::BatchDelete.as_str(): self.batches[1].written(now),
            Operation::BatchUpdate.as_str(): self.alerts[0].written(now),
            Operation::CreateAlert.as_str(): self.alerts[1].written(now),
            Operation::StartInvestigation.as_str(): self.investigation.written(now),
            Operation::RunLiveResponse.as_str(): self.live_response.written(now),
        })
    }

    /// Counts a call, or says in how many seconds to come again.
    pub(super) fn spend(&mut self, operation: Operation, now: DateTime<Utc>) -> Result<(), u64> {
        match operation {
            Operation::GetPackageUri => self.package_uri.spend(now),
            Operation::AdvancedQueries => self.hunting.spend(now),
            Operation::ImportIndicators => self.batches[0].spend(now),
            Operation::BatchDelete => self.batches[1].spend(now),
            Operation::BatchUpdate => self.alerts[0].spend(now),
            Operation::CreateAlert => self.alerts[1].spend(now),
            Operation::StartInvestigation => self.investigation.spend(now),
            Operation::RunLiveResponse => self.live_response.spend(now),
            _ => self.general.spend(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_hundred_calls_a_minute_pass() {
        let mut limits = Limits::default();
        for n in 0..100 {
            assert_eq!(limits.spend(Operation::Machines, after(n / 10)), Ok(()));
        }
        assert_eq!(limits.spend(Operation::Machines, after(12)), Err(48));
        assert_eq!(limits.spend(Operation::GetPackageUri, after(12)), Ok(()));
        assert_eq!(limits.spend(Operation::Isolate, after(60)), Ok(()));
    }

    #[test]
    fn fifteen_hundred_calls_an_hour_pass() {
        let mut limits = Limits::default();
        for n in 0..1_500 {
            assert_eq!(limits.spend(Operation::Machines, after(n)), Ok(()));
        }
        assert_eq!(limits.spend(Operation::Machines, after(1_600)), Err(2_000));
        assert_eq!(limits.spend(Operation::Machines, after(3_600)), Ok(()));
    }

    #[test]
    fn fifty_investigations_an_hour_pass() {
        let mut limits = Limits::default();
        for _ in 0..50 {
            assert_eq!(limits.spend(Operation::StartInvestigation, after(0)), Ok(()));
        }
        assert_eq!(limits.spend(Operation::StartInvestigation, after(60)), Err(3_540));
        assert_eq!(limits.spend(Operation::Investigations, after(60)), Ok(()));
        assert_eq!(limits.spend(Operation::StartInvestigation, after(3_600)), Ok(()));
    }

    #[test]
    fn ten_sessions_a_minute_pass() {
        let mut limits = Limits::default();
        for _ in 0..10 {
            assert_eq!(limits.spend(Operation::RunLiveResponse, after(0)), Ok(()));
        }
        assert_eq!(limits.spend(Operation::RunLiveResponse, after(15)), Err(45));
        assert_eq!(limits.spend(Operation::RunLiveResponse, after(60)), Ok(()));
    }

    #[test]
    fn two_links_to_packages_a_minute_pass() {
        let mut limits = Limits::default();
        assert_eq!(limits.spend(Operation::GetPackageUri, after(0)), Ok(()));
        assert_eq!(limits.spend(Operation::GetPackageUri, after(1)), Ok(()));
        assert_eq!(limits.spend(Operation::GetPackageUri, after(2)), Err(58));
        assert_eq!(limits.spend(Operation::GetPackageUri, after(60)), Ok(()));
    }

    #[test]
    fn queries_and_batches_have_limits_of_their_own() {
        for (operation, most) in [
            (Operation::AdvancedQueries, 45),
            (Operation::ImportIndicators, 30),
            (Operation::BatchDelete, 30),
            (Operation::BatchUpdate, 10),
            (Operation::CreateAlert, 15),
        ] {
            let mut limits = Limits::default();
            for _ in 0..most {
                assert_eq!(limits.spend(operation, after(0)), Ok(()));
            }
            assert_eq!(limits.spend(operation, after(10)), Err(50), "{operation}");
            assert_eq!(limits.spend(Operation::Alerts, after(10)), Ok(()));
        }
    }
}
