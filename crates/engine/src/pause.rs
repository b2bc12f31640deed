//! How long to wait before a call is tried again.

use riposte_model::Failure;
use riposte_playbook::retry::{Jitter, MAX_PAUSE, Policy};
use std::time::Duration;

/// The pause after failed attempt number `attempt` (from 1): exponential, drawn with `draw` (`0.0..1.0`), and never
/// shorter than what the provider asked for.
pub fn pause_before_retry(policy: &Policy, attempt: u32, failure: &Failure, draw: f64) -> Duration {
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    let grown = policy.initial().as_secs_f64() * policy.factor().powi(exponent);
    let pause = grown.min(policy.max().as_secs_f64());
    let drawn = match policy.jitter() {
        Jitter::Equal => pause * (0.5 + 0.5 * draw.clamp(0.0, 1.0)),
        Jitter::None => pause,
    };
    let asked = failure.retry_after_ms.map_or(Duration::ZERO, Duration::from_millis);
    Duration::from_secs_f64(drawn).max(asked).min(MAX_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_model::ErrorKind;

    fn policy(jitter: Jitter) -> Policy {
        Policy::new(100, Duration::from_secs(2), 2.0, Duration::from_secs(60), jitter, None).unwrap()
    }

    #[test]
    fn pauses_double_up_to_the_limit() {
        let failure = Failure::new(ErrorKind::Unavailable, "x");
        let pauses: Vec<_> = (1..=7)
            .map(|attempt| pause_before_retry(&policy(Jitter::None), attempt, &failure, 0.0).as_secs())
            .collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pause_before_retry(&policy(Jitter::None), u32::MAX, &failure, 0.0).as_secs(), 60);
    }

    #[test]
    fn jitter_stays_between_half_and_all() {
        let failure = Failure::new(ErrorKind::Unavailable, "x");
        assert_eq!(pause_before_retry(&policy(Jitter::Equal), 1, &failure, 0.0).as_millis(), 1000);
        assert_eq!(pause_before_retry(&policy(Jitter::Equal), 1, &failure, 1.0).as_millis(), 2000);
    }

    #[test]
    fn what_the_provider_asks_for_is_granted_up_to_a_day() {
        let mut failure = Failure::new(ErrorKind::Throttled, "x");
        failure.retry_after_ms = Some(90_000);
        assert_eq!(pause_before_retry(&policy(Jitter::None), 1, &failure, 0.0).as_secs(), 90);
        failure.retry_after_ms = Some(u64::MAX);
        assert_eq!(pause_before_retry(&policy(Jitter::None), 1, &failure, 0.0), MAX_PAUSE);
    }
}
