//! What devices are not: indicators, alerts, files, users, what they talked to and the answers to hunting queries.
//!
//! Pure state, as everything in `truth`. What a request changed here is kept as an effect, like a machine action.

mod alert;
mod contact;
mod file;
mod hunting;
mod indicator;
mod seed;
mod told;
mod user;

use chrono::{DateTime, Utc};

use super::Device;
use crate::log::{Effect, EffectKind};

pub(crate) use alert::{Alert, AlertChange, AlertsFull, Comment, Evidence, NewAlert};
pub(crate) use contact::Contact;
pub(crate) use file::File;
pub(crate) use hunting::{Hunting, MAX_ANSWERS};
pub(crate) use indicator::{Indicator, IndicatorDraft, Indicators, Stored};
pub(crate) use user::{Logon, User};

/// Changes kept. Past it the oldest are forgotten.
const MAX_CHANGES: usize = 100_000;

/// Everything that is true in this tenant beside its devices and their actions.
#[derive(Debug, Clone)]
pub(crate) struct Entities {
    pub(crate) indicators: Indicators,
    pub(crate) hunting: Hunting,
    /// Newest first.
    alerts: Vec<Alert>,
    files: Vec<File>,
    users: Vec<User>,
    logons: Vec<Logon>,
    contacts: Vec<Contact>,
    changes: std::collections::VecDeque<Effect>,
}

impl Entities {
    /// What belongs to these devices. Needs no chance of its own: the devices have it.
    pub(crate) fn new(devices: &[Device], now: DateTime<Utc>) -> Self {
        let (users, logons) = seed::users(devices, now);
        Self {
            indicators: Indicators::new(now),
            hunting: Hunting::default(),
            alerts: seed::alerts(devices, now),
            files: seed::files(devices, now),
            users,
            logons,
            contacts: seed::contacts(devices, now),
            changes: std::collections::VecDeque::new(),
        }
    }

    pub(crate) fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.iter()
    }

    pub(crate) fn alert(&self, id: &str) -> Option<&Alert> {
        self.alerts.iter().find(|alert| alert.id.eq_ignore_ascii_case(id))
    }

    pub(crate) fn update_alert(
        &mut self,
        id: &str,
        change: AlertChange,
        author: &str,
        now: DateTime<Utc>,
    ) -> Option<&Alert> {
        let alert = self.alerts.iter_mut().find(|alert| alert.id.eq_ignore_ascii_case(id))?;
        alert.change(change, author, now);
        Some(alert)
    }

    /// Raises an alert, or adds the event to the one of this title that is open on the device. Gives its id.
    pub(crate) fn raise_alert(&mut self, new: NewAlert, now: DateTime<Utc>) -> Result<String, AlertsFull> {
        if let Some(open) = self.alerts.iter_mut().find(|alert| alert.takes_in(&new)) {
            open.take_in(new.event, now);
            return Ok(open.id.clone());
        }
        if self.alerts.len() >= alert::MAX_ALERTS {
            return Err(AlertsFull);
        }
        let raised = Alert::raised(new, self.alerts.len(), now);
        let id = raised.id.clone();
        self.alerts.insert(0, raised);
        Ok(id)
    }

    /// Finds a file by any of its hashes.
    pub(crate) fn file(&self, hash: &str) -> Option<&File> {
        self.files.iter().find(|file| file.has(hash))
    }

    /// Finds a user by account name, with or without the domain in front.
    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.answers_to(name))
    }

    /// Who logged on to a device.
    pub(crate) fn users_of(&self, device: &str) -> impl Iterator<Item = (&User, &Logon)> {
        self.logons
            .iter()
            .filter(move |logon| logon.device == device)
            .filter_map(|logon| Some((self.user(&logon.user)?, logon)))
    }

    /// Where a user logged on.
    pub(crate) fn logons_of<'a>(&'a self, user: &'a User) -> impl Iterator<Item = &'a Logon> {
        let name = user.name.as_str();
        self.logons.iter().filter(move |logon| logon.user == name)
    }

    /// What devices talked to.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.iter()
    }

    /// The same things, without the record of what was changed.
    pub(crate) fn without_changes(&self) -> Self {
        Self {
            indicators: self.indicators.clone(),
            hunting: Hunting::default(),
            alerts: self.alerts.clone(),
            files: self.files.clone(),
            users: self.users.clone(),
            logons: self.logons.clone(),
            contacts: self.contacts.clone(),
            changes: std::collections::VecDeque::new(),
        }
    }

    /// How many things there are.
    pub(crate) fn len(&self) -> usize {
        self.indicators.iter().count()
            + self.alerts.len()
            + self.files.len()
            + self.users.len()
            + self.logons.len()
            + self.contacts.len()
    }

    /// Keeps a change. `what` is the id of what was changed, or the tag or value that a device was given.
    pub(crate) fn record(
        &mut self,
        kind: EffectKind,
        device: &str,
        what: impl Into<String>,
        at: DateTime<Utc>,
    ) -> Effect {
        let effect = Effect { at, device: device.to_owned(), kind, action: what.into() };
        if self.changes.len() == MAX_CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back(effect.clone());
        effect
    }

    /// Every change, oldest first.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &Effect> {
        self.changes.iter()
    }
}
