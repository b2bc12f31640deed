//! The commands of a live response session as Defender shows them, and the link to what they brought.

use std::fmt;

use serde_json::Value;

use super::PackageUri;
use crate::wire::{Fields, Malformed, Timestamp, provider_enum};

/// One command of a session and how far it is.
///
/// Source: "Run live response commands on a device",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveResponseCommandResult {
    /// Place in the session, from 0; what [`GetLiveResponseResult`](crate::GetLiveResponseResult) asks for.
    pub index: Option<i64>,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// How far it is.
    pub status: LiveResponseCommandStatus,
    /// What went wrong.
    pub errors: Vec<String>,
    /// What was asked for; the provider calls it `command.type`.
    pub kind: LiveResponseCommandKind,
    /// Keys and values of what was asked for, in the provider's order.
    pub params: Vec<(String, String)>,
}

provider_enum! {
    /// How far a command is.
    pub enum LiveResponseCommandStatus {
        /// Not ended.
        Created = "Created",
        /// Ended well.
        Completed = "Completed",
        /// Ended in another way; the commands behind it are skipped.
        Failed = "Failed",
    }
}

provider_enum! {
    /// What a command does.
    pub enum LiveResponseCommandKind {
        /// Puts a file of the library on the device.
        PutFile = "PutFile",
        /// Runs a script of the library.
        RunScript = "RunScript",
        /// Fetches a file from the device.
        GetFile = "GetFile",
    }
}

impl LiveResponseCommandResult {
    /// Reads one of an action's `commands`; None for what is no object.
    pub(super) fn read(command: &Value) -> Option<LiveResponseCommandResult> {
        let mut fields = Fields::of(command, "a command").ok()?;
        let mut asked = fields.object("command");
        let params = asked.as_mut().map(|asked| asked.list("params")).unwrap_or_default();
        let param = |param: &Value| {
            let mut fields = Fields::of(param, "a parameter").ok()?;
            Some((fields.text("key")?, fields.text("value").unwrap_or_default()))
        };
        Some(LiveResponseCommandResult {
            index: fields.integer("index"),
            start_time: fields.timestamp("startTime"),
            end_time: fields.timestamp("endTime"),
            status: fields.text("commandStatus").into(),
            errors: fields.texts("errors"),
            kind: asked.and_then(|mut asked| asked.text("type")).into(),
            params: params.iter().filter_map(param).collect(),
        })
    }
}

/// A download link that works for 30 minutes. Whoever has it can download, so `Debug` masks it and there is no `Display`;
/// the link is also not for the token: download without it.
///
/// Source: "Get live response results",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result>.
#[derive(Clone)]
pub struct LiveResponseResultLink(PackageUri);

impl LiveResponseResultLink {
    /// Reads `{"value": "https://…"}`, with or without the quotes that the link to a package comes in.
    pub(crate) fn read(answer: &Value) -> Result<LiveResponseResultLink, Malformed> {
        PackageUri::read(answer).map(LiveResponseResultLink)
    }

    /// Scheme, host and path, without the query that holds the right to download: safe to show.
    pub fn location(&self) -> &str {
        self.0.location()
    }

    /// The whole link. Do not log or keep it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn link(&self) -> &PackageUri {
        &self.0
    }
}

impl fmt::Debug for LiveResponseResultLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = format_args!("{}?[redacted]", self.location());
        f.debug_tuple("LiveResponseResultLink").field(&shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_is_read_from_odd_values() {
        let read = LiveResponseCommandResult::read(&json!({
            "index": "1", "commandStatus": "Skipped", "errors": null,
            "command": { "type": "Reboot", "params": [{ "key": "When", "value": 7 }, null, { "value": "x" }] },
        }));
        let read = read.expect("a command");
        assert_eq!((read.index, read.errors.len(), read.start_time), (Some(1), 0, None));
        assert_eq!(read.status, LiveResponseCommandStatus::Unknown("Skipped".into()));
        assert_eq!(read.kind, LiveResponseCommandKind::Unknown("Reboot".into()));
        assert_eq!(read.params, [("When".to_owned(), "7".to_owned())]);
        assert_eq!(LiveResponseCommandResult::read(&json!("odd")), None);
        let bare = LiveResponseCommandResult::read(&json!({})).expect("a command");
        assert_eq!(bare.kind, LiveResponseCommandKind::Unknown(String::new()));
    }

    #[test]
    fn debug_of_a_link_is_masked() {
        let link = LiveResponseResultLink::read(&json!({"value": "https://files.example.com/a?sig=hush"}));
        let link = link.expect("a link");
        assert_eq!(link.location(), "https://files.example.com/a");
        assert_eq!(link.expose(), "https://files.example.com/a?sig=hush");
        assert_eq!(format!("{link:?}"), "LiveResponseResultLink(https://files.example.com/a?[redacted])");
    }
}
