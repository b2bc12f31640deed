//! Alerts and what they are about.

use chrono::{DateTime, Utc};

/// Alerts a tenant can hold.
pub(super) const MAX_ALERTS: usize = 10_000;
/// The incident of the first alert that is raised here, above those with which a tenant begins.
const FIRST_INCIDENT: u32 = 1_200_000;
/// From the beginning of the calendar to that of Unix, in steps of 100 nanoseconds: ids count from there.
const TICKS_TO_UNIX: i64 = 621_355_968_000_000_000;

/// One alert.
#[derive(Debug, Clone)]
pub(crate) struct Alert {
    pub(crate) id: String,
    pub(crate) incident: u32,
    pub(crate) severity: &'static str,
    pub(crate) status: &'static str,
    pub(crate) classification: Option<&'static str>,
    pub(crate) determination: Option<&'static str>,
    pub(crate) assigned_to: Option<String>,
    pub(crate) source: &'static str,
    pub(crate) detector: &'static str,
    pub(crate) category: &'static str,
    pub(crate) family: Option<String>,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) techniques: Vec<String>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) first_event: DateTime<Utc>,
    pub(crate) last_event: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
    pub(crate) resolved: Option<DateTime<Utc>>,
    /// Id of the device.
    pub(crate) device: String,
    /// Account name of the user it is about.
    pub(crate) user: Option<String>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) evidence: Vec<Evidence>,
}

/// An alert that somebody raises on an event, already validated.
#[derive(Debug, Clone)]
pub(crate) struct NewAlert {
    /// Id of the device.
    pub(crate) device: String,
    /// When the event was.
    pub(crate) event: DateTime<Utc>,
    pub(crate) severity: &'static str,
    pub(crate) category: &'static str,
    pub(crate) title: String,
    pub(crate) description: String,
}

/// There are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the simulated tenant holds {MAX_ALERTS} alerts, which is its limit")]
pub(crate) struct AlertsFull;

/// A comment on an alert.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) text: String,
    pub(crate) author: String,
    pub(crate) at: DateTime<Utc>,
}

/// What was found on the device.
#[derive(Debug, Clone)]
pub(crate) enum Evidence {
    User { account: String },
    Process { sha1: String, folder: String, id: u32, command_line: String },
    File { sha1: String, folder: String },
    Ip(String),
    Url(String),
}

/// What an update says. What it leaves out stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct AlertChange {
    pub(crate) status: Option<&'static str>,
    pub(crate) assigned_to: Option<String>,
    pub(crate) classification: Option<&'static str>,
    pub(crate) determination: Option<&'static str>,
    pub(crate) comment: Option<String>,
}

impl AlertChange {
    pub(crate) fn is_empty(&self) -> bool {
        self.status.is_none()
            && self.assigned_to.is_none()
            && self.classification.is_none()
            && self.determination.is_none()
            && self.comment.is_none()
    }
}

impl Alert {
    /// One that somebody raises as the `number`th of its tenant.
    pub(super) fn raised(new: NewAlert, number: usize, now: DateTime<Utc>) -> Self {
        let ticks = TICKS_TO_UNIX + now.timestamp_micros() * 10;
        Self {
            id: format!("da{ticks}_{number}"),
            incident: FIRST_INCIDENT.saturating_add(u32::try_from(number).unwrap_or(u32::MAX)),
            severity: new.severity,
            status: "New",
            classification: None,
            determination: None,
            assigned_to: None,
            source: "WindowsDefenderAtp",
            detector: "4ca37f43-6d5f-4ac0-9a5f-7a5e0a3b2f10",
            category: new.category,
            family: None,
            title: new.title,
            description: new.description,
            techniques: Vec::new(),
            created: now,
            first_event: new.event,
            last_event: new.event,
            updated: now,
            resolved: None,
            device: new.device,
            user: None,
            comments: Vec::new(),
            evidence: Vec::new(),
        }
    }

    /// Whether an event is added to this one and raises none of its own.
    pub(super) fn takes_in(&self, new: &NewAlert) -> bool {
        self.status != "Resolved" && self.device == new.device && self.title == new.title
    }

    pub(super) fn take_in(&mut self, event: DateTime<Utc>, now: DateTime<Utc>) {
        self.first_event = self.first_event.min(event);
        self.last_event = self.last_event.max(event);
        self.updated = now;
    }

    pub(super) fn change(&mut self, change: AlertChange, author: &str, now: DateTime<Utc>) {
        if let Some(status) = change.status {
            self.status = status;
            self.resolved = (status == "Resolved").then(|| self.resolved.unwrap_or(now));
        }
        if change.assigned_to.is_some() {
            self.assigned_to = change.assigned_to;
        }
        self.classification = change.classification.or(self.classification);
        self.determination = change.determination.or(self.determination);
        if let Some(text) = change.comment {
            self.comments.push(Comment { text, author: author.to_owned(), at: now });
        }
        self.updated = now;
    }

    /// The SHA-1 of each file among the evidence, once.
    pub(crate) fn files(&self) -> Vec<&str> {
        once(self.evidence.iter().filter_map(|evidence| match evidence {
            Evidence::File { sha1, .. } | Evidence::Process { sha1, .. } => Some(sha1.as_str()),
            Evidence::User { .. } | Evidence::Ip(_) | Evidence::Url(_) => None,
        }))
    }

    pub(crate) fn ips(&self) -> Vec<&str> {
        once(self.evidence.iter().filter_map(|evidence| match evidence {
            Evidence::Ip(address) => Some(address.as_str()),
            Evidence::User { .. } | Evidence::Process { .. } | Evidence::File { .. } | Evidence::Url(_) => {
                None
            }
        }))
    }

    /// The host of each address among the evidence, once.
    pub(crate) fn domains(&self) -> Vec<&str> {
        once(self.evidence.iter().filter_map(|evidence| match evidence {
            Evidence::Url(url) => url.split('/').nth(2),
            Evidence::User { .. } | Evidence::Process { .. } | Evidence::File { .. } | Evidence::Ip(_) => {
                None
            }
        }))
    }
}

fn once<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}
