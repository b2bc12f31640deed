//! The machine actions of the provider.

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;
use tokio::time::Instant;

/// Every id begins so, and ends in twelve hexadecimal digits.
const PREFIX: &str = "00000000-0000-4000-8000-";
const DIGITS: usize = 12;

/// Most actions that one answer lists when nobody says which.
const MOST_LISTED: usize = 1000;

/// What an action does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Isolate,
    Scan,
}

struct Action {
    kind: Kind,
    machine: String,
    /// As JSON, quotes included: it comes back as it came.
    comment: String,
    opened: Instant,
    told: bool,
}

/// All actions, by number.
pub(super) struct Actions {
    all: Vec<Action>,
    time: Duration,
    held: bool,
    /// For each device that was isolated: which, and when the request came.
    arrivals: Vec<(String, u64)>,
    lists: u64,
    singles: u64,
    /// Scans that somebody was told have succeeded.
    told_scans: u64,
}

/// What matters in a request's body.
#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "Comment")]
    comment: String,
}

impl Actions {
    pub(super) fn new(time: Duration) -> Self {
        Actions {
            all: Vec::new(),
            time,
            held: false,
            arrivals: Vec::new(),
            lists: 0,
            singles: 0,
            told_scans: 0,
        }
    }

    /// Forgets everything.
    pub(super) fn reset(&mut self) {
        *self = Actions::new(self.time);
    }

    /// Whether no action ends.
    pub(super) fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// Opens one, and answers with it.
    pub(super) fn open(&mut self, kind: Kind, machine: &str, body: &Bytes, at: u64) -> String {
        let asked: Option<Asked> = serde_json::from_slice(body).ok();
        let comment = asked.map_or(Value::Null, |asked| asked.comment.into()).to_string();
        if kind == Kind::Isolate {
            self.arrivals.push((machine.to_owned(), at));
        }
        let opened = Instant::now();
        self.all.push(Action { kind, machine: machine.to_owned(), comment, opened, told: false });
        let mut text = String::with_capacity(1024);
        self.show(self.all.len() - 1, &mut text);
        text
    }

    /// One, by its id.
    pub(super) fn one(&mut self, id: &str) -> Option<String> {
        self.singles += 1;
        let number = number(id.strip_prefix(PREFIX)?)?;
        (number < self.all.len()).then(|| {
            let mut text = String::with_capacity(1024);
            self.show(number, &mut text);
            text
        })
    }

    /// Those whose ids the query names, or the newest ones.
    pub(super) fn list(&mut self, query: &str) -> String {
        self.lists += 1;
        let mut named = numbers(query);
        named.retain(|number| *number < self.all.len());
        if named.is_empty() {
            named = (self.all.len().saturating_sub(MOST_LISTED)..self.all.len()).collect();
        }
        let mut text = String::with_capacity(64 + 1024 * named.len());
        text.push_str("{\"@odata.context\":\"$metadata#MachineActions\",\"value\":[");
        for (position, number) in named.into_iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            self.show(number, &mut text);
        }
        text.push_str("]}");
        text
    }

    /// How many requests there were, and how far they have come.
    pub(super) fn counts(&self) -> Value {
        let scans = self.all.iter().filter(|action| action.kind == Kind::Scan).count();
        json!({
            "isolations": self.all.len() - scans,
            "scans": scans,
            "told_scans": self.told_scans,
            "lists": self.lists,
            "singles": self.singles,
        })
    }

    /// For each device that was isolated: which, and when the request came, in microseconds since 1970.
    pub(super) fn arrivals(&self) -> &[(String, u64)] {
        &self.arrivals
    }

    /// Writes an action with the fields that Defender shows. Memory takes whatever is written.
    fn show(&mut self, number: usize, text: &mut String) {
        let (time, held) = (self.time, self.held);
        let Some(action) = self.all.get_mut(number) else { return };
        let succeeded = !held && action.opened.elapsed() >= time;
        if succeeded && !std::mem::replace(&mut action.told, true) && action.kind == Kind::Scan {
            self.told_scans += 1;
        }
        let (kind, scope) = match action.kind {
            Kind::Isolate => ("Isolate", "Full"),
            Kind::Scan => ("RunAntiVirusScan", "Quick"),
        };
        let _ = write!(
            text,
            "{{\"id\":\"{PREFIX}{number:0DIGITS$x}\",\"type\":\"{kind}\",\"title\":null,\
             \"requestor\":\"11111111-2222-4333-8444-555555555555\",\"requestorComment\":{},\"status\":\"{}\",\
             \"machineId\":\"{}\",\"computerDnsName\":\"desktop-{number}.example.com\",\
             \"creationDateTimeUtc\":\"2026-01-02T03:04:05.6789012Z\",\
             \"lastUpdateDateTimeUtc\":\"2026-01-02T03:04:06.6789012Z\",\"cancellationRequestor\":null,\
             \"cancellationComment\":null,\"cancellationDateTimeUtc\":null,\"errorHResult\":0,\"scope\":\"{scope}\",\
             \"externalId\":null,\"requestSource\":\"PublicApi\",\"relatedFileInfo\":null,\"commands\":[],\
             \"troubleshootInfo\":null}}",
            action.comment,
            if succeeded { "Succeeded" } else { "InProgress" },
            action.machine,
        );
    }
}

/// The numbers of the ids that stand in a query, however it is encoded: no encoding touches what an id is made of.
fn numbers(query: &str) -> Vec<usize> {
    query.split(PREFIX).skip(1).filter_map(number).collect()
}

fn number(text: &str) -> Option<usize> {
    usize::from_str_radix(text.get(..DIGITS)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(actions: &mut Actions, comment: &str) -> Value {
        let body = Bytes::from(json!({ "Comment": comment, "IsolationType": "Full" }).to_string());
        serde_json::from_str(&actions.open(Kind::Isolate, "abc", &body, 7)).unwrap()
    }

    #[test]
    fn an_action_carries_the_comment_that_it_was_opened_with() {
        let mut actions = Actions::new(Duration::from_secs(60));
        let action = opened(&mut actions, "[mark] \"said\"\n");
        assert_eq!(action["requestorComment"], "[mark] \"said\"\n");
        assert_eq!((&action["status"], &action["machineId"]), (&json!("InProgress"), &json!("abc")));
        assert_eq!(actions.arrivals(), [("abc".to_owned(), 7)]);
    }

    #[test]
    fn a_list_has_the_actions_whose_ids_are_named_in_an_encoded_query() {
        let mut actions = Actions::new(Duration::ZERO);
        let ids: Vec<Value> = (0..3).map(|_| opened(&mut actions, "x")["id"].take()).collect();
        let wanted = format!("id in ('{}','{}')", ids[2].as_str().unwrap(), ids[0].as_str().unwrap());
        let query: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        let list: Value = serde_json::from_str(&actions.list(&query)).unwrap();
        let listed: Vec<&Value> = list["value"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(listed, [&ids[2], &ids[0]]);
        assert_eq!(list["value"][0]["status"], "Succeeded");
    }

    #[test]
    fn nothing_ends_while_all_is_held() {
        let mut actions = Actions::new(Duration::ZERO);
        actions.hold(true);
        let id = opened(&mut actions, "x")["id"].as_str().unwrap().to_owned();
        assert!(actions.one(&id).unwrap().contains("InProgress"));
        actions.hold(false);
        assert!(actions.one(&id).unwrap().contains("Succeeded"));
    }
}
