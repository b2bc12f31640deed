//! Alerts and what they are about.

use chrono::{DateTime, Utc};

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
    pub(crate) family: Option<&'static str>,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    pub(crate) techniques: &'static [&'static str],
    pub(crate) created: DateTime<Utc>,
    pub(crate) first_event: DateTime<Utc>,
    pub(crate) last_event: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
    pub(crate) resolved: Option<DateTime<Utc>>,
    /// Id of the device.
    pub(crate) device: String,
    /// Account name of the user it is about.
    pub(crate) user: Option<&'static str>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) evidence: Vec<Evidence>,
}

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
    User { account: &'static str },
    Process { sha1: &'static str, folder: &'static str, id: u32, command_line: &'static str },
    File { sha1: &'static str, folder: &'static str },
    Ip(&'static str),
    Url(&'static str),
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
    pub(crate) fn files(&self) -> Vec<&'static str> {
        once(self.evidence.iter().filter_map(|evidence| match evidence {
            Evidence::File { sha1, .. } | Evidence::Process { sha1, .. } => Some(*sha1),
            Evidence::User { .. } | Evidence::Ip(_) | Evidence::Url(_) => None,
        }))
    }

    pub(crate) fn ips(&self) -> Vec<&'static str> {
        once(self.evidence.iter().filter_map(|evidence| match evidence {
            Evidence::Ip(address) => Some(*address),
            Evidence::User { .. } | Evidence::Process { .. } | Evidence::File { .. } | Evidence::Url(_) => {
                None
            }
        }))
    }

    /// The host of each address among the evidence, once.
    pub(crate) fn domains(&self) -> Vec<&'static str> {
        once(self.evidence.iter().filter_map(|evidence| match evidence {
            Evidence::Url(url) => url.split('/').nth(2),
            Evidence::User { .. } | Evidence::Process { .. } | Evidence::File { .. } | Evidence::Ip(_) => {
                None
            }
        }))
    }
}

fn once(texts: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut found = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}
