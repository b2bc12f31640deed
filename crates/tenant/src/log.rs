//! What the tenant saw and did: the record that tests hold against what a client believes.
//!
//! Owns the ordered list of entries. Holds no token, no secret and no body, and of a request only its line.

use std::collections::VecDeque;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::clock::stamp;
use crate::fault::Fault;
use crate::operation::Operation;
use crate::text::{clean, short, short_path};
use crate::truth::ActionKind;

/// Entries kept; past it the oldest are forgotten. Effects are kept apart and are never forgotten.
pub(crate) const MAX_ENTRIES: usize = 100_000;
/// Longest path or query that an entry keeps.
pub(crate) const MAX_LINE: usize = 2_048;

/// One request and its end. `Display` gives one plain line with ids shortened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// When the request was answered, by the tenant's clock.
    #[serde(serialize_with = "as_stamp")]
    pub at: DateTime<Utc>,
    /// The HTTP method.
    pub method: String,
    /// The path as sent, undecoded, at most 2,048 characters.
    pub path: String,
    /// The query as sent, undecoded, at most 2,048 characters. Left out of a download, where it is a secret.
    pub query: Option<String>,
    /// What was asked for.
    #[serde(serialize_with = "as_text")]
    pub operation: Operation,
    /// What the client was answered.
    pub status: Status,
    /// The fault that struck this request.
    #[serde(serialize_with = "as_optional_text")]
    pub fault: Option<Fault>,
    /// What really happened, even where the client was told otherwise or nothing; where a request tagged several devices,
    /// what happened to the first.
    pub effect: Option<Effect>,
}

/// What a client was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// An HTTP status.
    Answered(u16),
    /// Nothing: the connection was closed.
    Dropped,
}

/// Something that truly happened in the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// When, by the tenant's clock.
    #[serde(serialize_with = "as_stamp")]
    pub at: DateTime<Utc>,
    /// The canonical id of the device, whatever name the request used; empty where it is about none.
    pub device: String,
    /// What happened.
    #[serde(serialize_with = "as_text")]
    pub kind: EffectKind,
    /// The id of the machine action (created or cancelled), investigation, indicator or alert, the name of a library
    /// file, or the tag or worth of a device; several have commas between.
    pub action: String,
}

/// The ways in which a request changes the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EffectKind {
    /// An isolation was requested.
    Isolate,
    /// A release from isolation was requested.
    Unisolate,
    /// A scan was requested.
    RunAntiVirusScan,
    /// A collection was requested.
    CollectInvestigationPackage,
    /// A restriction of what may run was requested.
    RestrictCodeExecution,
    /// The end of such a restriction was requested.
    UnrestrictCodeExecution,
    /// A file was to be stopped and quarantined.
    StopAndQuarantineFile,
    /// A removal from the service was requested.
    Offboard,
    /// A live response session was requested.
    RunLiveResponse,
    /// An automated investigation was started.
    StartInvestigation,
    /// An action that was under way was cancelled.
    Cancel,
    /// An indicator was created.
    CreateIndicator,
    /// An indicator was changed.
    UpdateIndicator,
    /// Indicators were created or changed.
    ImportIndicators,
    /// Indicators were deleted.
    DeleteIndicator,
    /// An alert was changed.
    UpdateAlert,
    /// An alert was raised, or an event was added to one that is open.
    CreateAlert,
    /// A device was given a tag.
    AddTag,
    /// A tag was taken off a device.
    RemoveTag,
    /// A device was given another worth.
    SetDeviceValue,
    /// A device was given other tags, another worth or both.
    UpdateMachine,
    /// A file was put into the library for live response, or replaced there.
    UploadLibraryFile,
    /// A file was deleted from the library.
    DeleteLibraryFile,
}

impl EffectKind {
    /// What it is called in the log: the operation that has this effect, where only one has.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Isolate => Operation::Isolate.as_str(),
            Self::Unisolate => Operation::Unisolate.as_str(),
            Self::RunAntiVirusScan => Operation::RunAntiVirusScan.as_str(),
            Self::CollectInvestigationPackage => Operation::CollectInvestigationPackage.as_str(),
            Self::RestrictCodeExecution => Operation::RestrictCodeExecution.as_str(),
            Self::UnrestrictCodeExecution => Operation::UnrestrictCodeExecution.as_str(),
            Self::StopAndQuarantineFile => Operation::StopAndQuarantineFile.as_str(),
            Self::Offboard => Operation::Offboard.as_str(),
            Self::RunLiveResponse => Operation::RunLiveResponse.as_str(),
            Self::StartInvestigation => Operation::StartInvestigation.as_str(),
            Self::Cancel => Operation::Cancel.as_str(),
            Self::CreateIndicator => "createIndicator",
            Self::UpdateIndicator => "updateIndicator",
            Self::ImportIndicators => "importIndicators",
            Self::DeleteIndicator => "deleteIndicator",
            Self::UpdateAlert => "updateAlert",
            Self::CreateAlert => Operation::CreateAlert.as_str(),
            Self::AddTag => "addTag",
            Self::RemoveTag => "removeTag",
            Self::SetDeviceValue => "setDeviceValue",
            Self::UpdateMachine => "updateMachine",
            Self::UploadLibraryFile => Operation::UploadLibraryFile.as_str(),
            Self::DeleteLibraryFile => "deleteLibraryFile",
        }
    }
}

impl From<ActionKind> for EffectKind {
    fn from(kind: ActionKind) -> Self {
        match kind {
            ActionKind::Isolate => Self::Isolate,
            ActionKind::Unisolate => Self::Unisolate,
            ActionKind::RunAntiVirusScan => Self::RunAntiVirusScan,
            ActionKind::CollectInvestigationPackage => Self::CollectInvestigationPackage,
            ActionKind::RestrictCodeExecution => Self::RestrictCodeExecution,
            ActionKind::UnrestrictCodeExecution => Self::UnrestrictCodeExecution,
            ActionKind::StopAndQuarantineFile => Self::StopAndQuarantineFile,
            ActionKind::Offboard => Self::Offboard,
            ActionKind::LiveResponse => Self::RunLiveResponse,
        }
    }
}

impl fmt::Display for EffectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(code) => write!(f, "{code}"),
            Self::Dropped => f.write_str("dropped"),
        }
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Answered(code) => serializer.serialize_u16(*code),
            Self::Dropped => serializer.serialize_str("dropped"),
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (device, what) = (short(&self.device), short(&self.action));
        match self.kind {
            EffectKind::Isolate
            | EffectKind::Unisolate
            | EffectKind::RunAntiVirusScan
            | EffectKind::CollectInvestigationPackage
            | EffectKind::RestrictCodeExecution
            | EffectKind::UnrestrictCodeExecution
            | EffectKind::StopAndQuarantineFile
            | EffectKind::Offboard
            | EffectKind::RunLiveResponse
            | EffectKind::StartInvestigation
            | EffectKind::Cancel => write!(f, "{} {device} action {what}", self.kind),
            EffectKind::CreateIndicator
            | EffectKind::UpdateIndicator
            | EffectKind::ImportIndicators
            | EffectKind::DeleteIndicator
            | EffectKind::UpdateAlert
            | EffectKind::CreateAlert
            | EffectKind::AddTag
            | EffectKind::RemoveTag
            | EffectKind::SetDeviceValue
            | EffectKind::UpdateMachine
            | EffectKind::UploadLibraryFile
            | EffectKind::DeleteLibraryFile => {
                write!(f, "{} {device}{}{what}", self.kind, if device.is_empty() { "" } else { " " })
            }
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", clean(&self.method), short_path(&self.path))?;
        if let Some(query) = &self.query {
            write!(f, "?{}", clean(query))?;
        }
        write!(f, " {}", self.status)?;
        if let Some(effect) = &self.effect {
            write!(f, " {effect}")?;
        }
        if let Some(fault) = &self.fault {
            write!(f, " (fault {})", fault.kind)?;
        }
        Ok(())
    }
}

/// The bounded list of entries, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Log(VecDeque<Entry>);

impl Log {
    pub(crate) fn push(&mut self, entry: Entry) {
        if self.0.len() == MAX_ENTRIES {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }
}

fn as_stamp<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&stamp(*at))
}

fn as_text<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn as_optional_text<T: fmt::Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let at = DateTime::UNIX_EPOCH;
        Entry {
            at,
            method: "POST".into(),
            path: "/api/machines/1e5bc9d7e413ddd7902c2932e418702b84d0cc07/isolate".into(),
            query: None,
            operation: Operation::Isolate,
            status: Status::Dropped,
            fault: Some("isolate=drop-after".parse().unwrap()),
            effect: Some(Effect {
                at,
                device: "1e5bc9d7e413ddd7902c2932e418702b84d0cc07".into(),
                kind: EffectKind::Isolate,
                action: "b89eb834-4578-496c-8be0-03f004061435".into(),
            }),
        }
    }

    #[test]
    fn an_entry_is_one_plain_line() {
        assert_eq!(
            entry().to_string(),
            "POST /api/machines/1e5bc9d7…/isolate dropped isolate 1e5bc9d7… action b89eb834… (fault drop-after)"
        );
    }

    #[test]
    fn past_the_limit_the_oldest_entry_is_forgotten() {
        let mut log = Log::default();
        for status in 0..=MAX_ENTRIES {
            log.push(Entry { path: status.to_string(), ..entry() });
        }
        assert_eq!(log.entries().count(), MAX_ENTRIES);
        assert_eq!(log.entries().next().unwrap().path, "1");
    }

    #[test]
    fn text_from_a_request_cannot_move_the_cursor() {
        let entry = Entry { query: Some("a=\u{1b}[2J\n".into()), effect: None, fault: None, ..entry() };
        assert!(!entry.to_string().contains(char::is_control));
    }
}
