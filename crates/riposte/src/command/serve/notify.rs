//! Telling systemd how the daemon is (sd_notify(3), `Type=notify-reload`). Started by anybody else, it tells nobody.

use sd_notify::NotifyState;
use std::convert::Infallible;

/// It serves.
pub(super) fn ready() {
    say(&[NotifyState::Ready]);
}

/// It loads its playbooks anew; [`ready`] follows.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => say(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "systemd is not told of a reload"),
    }
}

/// It ends.
pub(super) fn stopping() {
    say(&[NotifyState::Stopping]);
}

/// Says for ever that it is alive, twice as often as systemd wants to hear it. `alive` is asked each time, and waited for: what
/// does not answer is not said to be alive.
pub(super) async fn keep_alive(alive: impl AsyncFn()) -> Infallible {
    let Some(watchdog) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    loop {
        alive().await;
        say(&[NotifyState::Watchdog]);
        tokio::time::sleep(watchdog / 2).await;
    }
}

fn say(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}
