//! How many requests of one webhook are taken in a time.

use crate::config::Rate;
use riposte_model::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many of those are logged who did not prove who they are: strangers do not fill the disk.
pub(crate) const REFUSED_IN_LOG: Rate = Rate { count: 100, per: Duration::from_secs(60) };

/// A bucket that starts full and fills evenly: as many at once as the rate allows in its time.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    /// What is in it, in tokens, and when that was so.
    level: Mutex<(f64, Option<Timestamp>)>,
}

impl Bucket {
    pub(crate) fn new(rate: Rate) -> Bucket {
        Bucket { rate, level: Mutex::new((f64::from(rate.count), None)) }
    }

    /// Takes one, or says how long it takes until there is one again.
    pub(crate) fn take(&self, now: Timestamp) -> Result<(), Duration> {
        let most = f64::from(self.rate.count);
        let per_second = most / self.rate.per.as_secs_f64();
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, at) = *level;
        // A clock that was set back gives nothing, and takes nothing.
        let passed = at.map_or(Duration::ZERO, |at| now.since(at));
        let tokens = (tokens + passed.as_secs_f64() * per_second).min(most);
        if tokens < 1.0 {
            *level = (tokens, Some(now));
            return Err(Duration::from_secs_f64((1.0 - tokens) / per_second));
        }
        *level = (tokens - 1.0, Some(now));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bucket_gives_its_rate_and_fills_evenly() {
        let bucket = Bucket::new(Rate { count: 2, per: Duration::from_secs(1) });
        let at = Timestamp::from_millis;
        assert_eq!(bucket.take(at(0)), Ok(()));
        assert_eq!(bucket.take(at(0)), Ok(()));
        assert_eq!(bucket.take(at(0)), Err(Duration::from_millis(500)));
        assert_eq!(bucket.take(at(250)), Err(Duration::from_millis(250)));
        assert_eq!(bucket.take(at(500)), Ok(()));
        assert!(bucket.take(at(500)).is_err());
        // However long nobody came, there is no more in it than fits.
        for _ in 0..2 {
            assert_eq!(bucket.take(at(3_600_000)), Ok(()));
        }
        assert!(bucket.take(at(3_600_000)).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_neither_fills_nor_empties_it() {
        let bucket = Bucket::new(Rate { count: 1, per: Duration::from_secs(1) });
        assert_eq!(bucket.take(Timestamp::from_millis(10_000)), Ok(()));
        assert!(bucket.take(Timestamp::from_millis(0)).is_err());
        assert_eq!(bucket.take(Timestamp::from_millis(1_000)), Ok(()));
    }
}
