//! When a failed call may be tried again, as the author wrote it. Values that make no sense cannot be built.

use riposte_model::ErrorKind;
use std::time::Duration;

/// Most attempts that a playbook may ask for.
pub const MAX_ATTEMPTS: u32 = 100;
/// Longest pause between two attempts.
pub const MAX_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// A retry policy: exponential pauses up to a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    attempts: u32,
    initial: Duration,
    factor: f64,
    max: Duration,
    jitter: Jitter,
    on: Option<Vec<ErrorKind>>,
}

/// How far a pause is drawn at random, so that many runs do not come back at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Anywhere between half of the pause and all of it.
    Equal,
    /// Exactly the pause.
    None,
}

/// Why a policy makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// None, or more than [`MAX_ATTEMPTS`].
    #[error("`attempts` must be between 1 and {MAX_ATTEMPTS}")]
    Attempts,
    /// Zero, or longer than `max`.
    #[error("`initial` must be longer than nothing and not longer than `max`")]
    Initial,
    /// Below one, above ten, or not a number.
    #[error("`factor` must be between 1 and 10")]
    Factor,
    /// Over [`MAX_PAUSE`].
    #[error("`max` must be at most 24h")]
    Max,
    /// A kind that repeating can never be safe for.
    #[error("`{0}` is never retried: repeating it could do harm or cannot help")]
    Kind(ErrorKind),
}

impl Default for Policy {
    /// Five attempts over about half a minute.
    fn default() -> Self {
        Policy {
            attempts: 5,
            initial: Duration::from_secs(2),
            factor: 2.0,
            max: Duration::from_secs(60),
            jitter: Jitter::Equal,
            on: None,
        }
    }
}

impl Policy {
    /// Builds a policy that makes sense. `on: None` means every kind that may be repeated.
    pub fn new(
        attempts: u32,
        initial: Duration,
        factor: f64,
        max: Duration,
        jitter: Jitter,
        on: Option<Vec<ErrorKind>>,
    ) -> Result<Self, PolicyError> {
        if !(1..=MAX_ATTEMPTS).contains(&attempts) {
            return Err(PolicyError::Attempts);
        }
        if max > MAX_PAUSE {
            return Err(PolicyError::Max);
        }
        if initial.is_zero() || initial > max {
            return Err(PolicyError::Initial);
        }
        if !(1.0..=10.0).contains(&factor) {
            return Err(PolicyError::Factor);
        }
        if let Some(kind) = on.iter().flatten().find(|kind| !Policy::may_repeat(**kind)) {
            return Err(PolicyError::Kind(*kind));
        }
        Ok(Policy { attempts, initial, factor, max, jitter, on })
    }

    /// The kinds that say for certain that nothing was done and that later it may work. Everything else is final.
    pub fn may_repeat(kind: ErrorKind) -> bool {
        matches!(kind, ErrorKind::Throttled | ErrorKind::Unavailable)
    }

    /// Attempts in all, the first one included.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Pause after the first failed attempt.
    pub fn initial(&self) -> Duration {
        self.initial
    }

    /// What each pause is multiplied by for the next one.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// Longest pause.
    pub fn max(&self) -> Duration {
        self.max
    }

    /// How pauses are drawn.
    pub fn jitter(&self) -> Jitter {
        self.jitter
    }

    /// Whether a failure of this kind is one that the author wants repeated.
    pub fn covers(&self, kind: ErrorKind) -> bool {
        Policy::may_repeat(kind) && self.on.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_cannot_be_built() {
        let second = Duration::from_secs(1);
        let new = |attempts, initial, factor, max, on| {
            Policy::new(attempts, initial, factor, max, Jitter::None, on)
        };
        assert_eq!(new(0, second, 2.0, second, None), Err(PolicyError::Attempts));
        assert_eq!(new(101, second, 2.0, second, None), Err(PolicyError::Attempts));
        assert_eq!(new(1, Duration::ZERO, 2.0, second, None), Err(PolicyError::Initial));
        assert_eq!(new(1, second * 2, 2.0, second, None), Err(PolicyError::Initial));
        assert_eq!(new(1, second, f64::NAN, second, None), Err(PolicyError::Factor));
        assert_eq!(new(1, second, 2.0, MAX_PAUSE + second, None), Err(PolicyError::Max));
        assert_eq!(
            new(1, second, 2.0, second, Some(vec![ErrorKind::UnknownOutcome])),
            Err(PolicyError::Kind(ErrorKind::UnknownOutcome))
        );
    }
}
