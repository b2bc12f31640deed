//! What happens by itself, some time after the tenant has started.

use std::time::Duration;

use serde::Deserialize;

use super::seed::AlertSeed;
use super::word::Length;
use crate::fault::Fault;

/// Something that happens at its time, whether or not anybody asks anything then.
#[derive(Debug, Clone)]
pub struct TimedEvent {
    /// How long after the start.
    pub after: Duration,
    /// What happens.
    pub what: Event,
}

/// What happens.
#[derive(Debug, Clone)]
pub enum Event {
    /// A device comes or goes.
    Online {
        /// Its id or name.
        device: String,
        /// Whether it comes.
        online: bool,
    },
    /// A fault waits for its requests from now on.
    Fault(Fault),
    /// Every token that was issued so far is refused.
    ExpireTokens,
    /// An alert is raised.
    Alert(Box<NewAlert>),
}

/// An alert that a scenario raises. Only a scenario makes one.
#[derive(Debug, Clone)]
pub struct NewAlert(pub(crate) AlertSeed);

impl Event {
    /// The device that it names.
    pub(super) fn device(&self) -> Option<&str> {
        match self {
            Self::Online { device, .. } => Some(device),
            Self::Alert(alert) => Some(&alert.0.device),
            Self::Fault(_) | Self::ExpireTokens => None,
        }
    }
}

/// An event as a scenario writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventSeed {
    after: Length,
    device: Option<String>,
    online: Option<bool>,
    fault: Option<Fault>,
    expire_tokens: Option<bool>,
    alert: Option<AlertSeed>,
}

impl EventSeed {
    pub(super) fn timed(self) -> Result<TimedEvent, String> {
        let what = match (self.device, self.online, self.fault, self.expire_tokens, self.alert) {
            (Some(device), Some(online), None, None, None) => Event::Online { device, online },
            (None, None, Some(fault), None, None) => Event::Fault(fault),
            (None, None, None, Some(true), None) => Event::ExpireTokens,
            (None, None, None, None, Some(alert)) => Event::Alert(Box::new(NewAlert(alert))),
            _ => {
                let ways = "`device` with `online`, `fault`, `expire_tokens: true` or `alert`";
                return Err(format!("an event has beside `after` exactly one of {ways}"));
            }
        };
        Ok(TimedEvent { after: self.after.0, what })
    }
}
