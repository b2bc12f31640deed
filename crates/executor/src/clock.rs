//! The program's only clock.

use async_trait::async_trait;
use riposte_engine::Clock;
use riposte_model::Timestamp;
use std::time::Duration;

/// Longest sleep before the wall clock is looked at again, so that a clock that was set is noticed.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is told to use")]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }

    async fn sleep_until(&self, at: Timestamp) {
        loop {
            let now = self.now();
            if now >= at {
                return;
            }
            tokio::time::sleep(at.since(now).min(LONGEST_NAP)).await;
        }
    }
}
