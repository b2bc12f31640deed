//! Real bodies are odd: whatever happens to fields that an answer can do without, it is read, and its other fields are too.
//!
//! The documented answers of all operations are spoiled, each field in each way and many at once.

use std::collections::BTreeMap;

use proptest::{
    prelude::*,
    sample::{Index, select},
};
use riposte_defender::{Error, ErrorCode, Isolate, Refusal};
use serde_json::{Value, json};

use crate::{
    documented::{Row, leaves, rows},
    server::{PATIENCE, Server, authority, client, response},
};

/// What can happen to a field.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    Drop,
    Null,
    Empty,
    Number,
    Fraction,
    Text,
    Flag,
    List,
    Object,
    /// Its name is written in capitals.
    Recase,
    /// Another one appears beside it.
    Company,
}

const CHANGES: [Change; 11] = [
    Change::Drop,
    Change::Null,
    Change::Empty,
    Change::Number,
    Change::Fraction,
    Change::Text,
    Change::Flag,
    Change::List,
    Change::Object,
    Change::Recase,
    Change::Company,
];

/// The fields without which an answer is none.
fn essentials(operation: &str) -> &'static [&'static str] {
    match operation {
        "get_alert_files" | "get_file" | "get_file_statistics" => &["sha1"],
        "get_alert_domains" | "get_domain_statistics" => &["host"],
        "get_ip_statistics" => &["ipAddress"],
        "import_indicators" => &["indicator"],
        "create_indicator" | "list_indicators" => &["id", "indicatorValue"],
        "list_library_files" | "upload_library_file" => &["fileName"],
        "run_advanced_query" => &["Results"],
        "get_package_sas_uri" | "get_live_response_result" => &["value"],
        _ => &["id"],
    }
}

/// An answer to be spoiled.
struct Subject {
    row: Row,
    /// Whether rows stand below `value`.
    collection: bool,
    /// What is read of it as it is.
    whole: BTreeMap<String, String>,
}

impl Subject {
    fn all() -> Vec<Subject> {
        let answered = rows().into_iter().filter(|row| row.is_answered() && row.body().is_object());
        let subject = |row: Row| {
            let whole = leaves(&row.decode(row.body().clone()).expect("the documented answer").shown);
            Subject { collection: row.body()["value"].is_array(), whole, row }
        };
        answered.map(subject).collect()
    }

    /// Pointers to all fields and items.
    fn places(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(self.row.body(), "", &mut found);
        found
    }

    /// Parts of a pointer below the row, the row's own first.
    fn below<'a>(&self, pointer: &'a str) -> Vec<&'a str> {
        pointer.split('/').skip(if self.collection { 3 } else { 1 }).collect()
    }

    fn is_essential(&self, pointer: &str) -> bool {
        let below = self.below(pointer);
        match &below[..] {
            [] => pointer.starts_with("/value"),
            [name] => essentials(self.row.operation).contains(name),
            [..] => false,
        }
    }

    /// The field of the row in which a pointer is, as [`leaves`] writes it and as it is read.
    fn field(&self, pointer: &str) -> Option<String> {
        let name = self.row.name_of(self.below(pointer).first()?);
        let row = pointer.split('/').nth(2).filter(|_| self.collection);
        Some(row.map_or_else(|| name.to_owned(), |row| format!("value[{row}].{name}")))
    }

    /// Whether a change of one place may be seen in what is read of its field: that an unknown field appears, or a name is
    /// written in another way, changes nothing. A query names its columns as it likes.
    fn is_touched(&self, pointer: &str, change: Change) -> bool {
        !matches!(change, Change::Recase | Change::Company) || self.below(pointer).first() == Some(&"Results")
    }

    /// Spoils these places and reads what is left.
    fn check(&self, changes: &[(&str, Change)]) -> Result<(), TestCaseError> {
        let mut body = self.row.body().clone();
        let mut touched = Vec::new();
        for (pointer, change) in changes {
            apply(&mut body, pointer, *change);
            if self.is_touched(pointer, *change) {
                touched.extend(self.field(pointer));
            }
        }
        let operation = self.row.operation;
        let outcome = self.row.decode(body);
        let read =
            outcome.map_err(|error| TestCaseError::fail(format!("{operation}: {error}, {changes:?}")))?;
        let is_untouched = |place: &str| {
            let within = |field: &String| {
                place
                    .strip_prefix(field.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            !place.contains("other.") && !touched.iter().any(within)
        };
        let mut after = leaves(&read.shown);
        after.retain(|place, _| is_untouched(place));
        let whole = self.whole.iter().filter(|(place, _)| is_untouched(place));
        prop_assert!(after.iter().eq(whole), "{}: {:?}, {:?}", operation, changes, after);
        Ok(())
    }
}

fn walk(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), field)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (name, part) in parts {
        let pointer = format!("{pointer}/{name}");
        walk(part, &pointer, found);
        found.push(pointer);
    }
}

/// Spoils one place. One that is not there any more stays away.
fn apply(body: &mut Value, pointer: &str, change: Change) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    let value = match change {
        Change::Null => json!(null),
        Change::Empty => json!(""),
        Change::Number => json!(-7),
        Change::Fraction => json!(1e300),
        Change::Text => json!("novelty"),
        Change::Flag => json!(true),
        Change::List => json!([null, 7, "x", {"novelty": []}, [[]]]),
        Change::Object => json!({"novelty": {"value": null}}),
        Change::Drop | Change::Recase | Change::Company => json!(null),
    };
    match (body.pointer_mut(parent), name.parse::<usize>()) {
        (Some(Value::Object(fields)), _) if fields.contains_key(name) => match change {
            Change::Drop => drop(fields.shift_remove(name)),
            Change::Recase => {
                if let Some(value) = fields.shift_remove(name) {
                    fields.insert(name.to_ascii_uppercase(), value);
                }
            }
            Change::Company => drop(fields.insert(format!("{name}Novelty"), json!({"novelty": [name]}))),
            _ => drop(fields.insert(name.to_owned(), value)),
        },
        (Some(Value::Array(items)), Ok(at)) if at < items.len() => match change {
            Change::Drop => drop(items.remove(at)),
            Change::Recase | Change::Company => {}
            _ => items[at] = value,
        },
        _ => {}
    }
}

#[test]
fn no_field_can_cost_an_answer_but_those_without_which_it_is_none() {
    for subject in Subject::all() {
        for place in subject.places() {
            for change in CHANGES {
                let outcome = match subject.is_essential(&place) {
                    false => subject.check(&[(&place, change)]),
                    true if change == Change::Company => Ok(()),
                    true => continue,
                };
                outcome.unwrap_or_else(|error| panic!("{place}: {error}"));
            }
        }
        for change in CHANGES {
            let places = subject.places();
            let all: Vec<_> = places
                .iter()
                .filter(|place| !subject.is_essential(place))
                .map(|place| (place.as_str(), change))
                .collect();
            subject.check(&all).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[test]
fn what_is_called_essential_is() {
    for subject in Subject::all() {
        for place in subject.places().iter().filter(|place| subject.is_essential(place)) {
            let below = subject.below(place);
            for change in [Change::Drop, Change::Null, Change::Object] {
                // A row can go, and a row or a list cannot be nothing.
                if below.is_empty() && change == Change::Drop && place != "/value" {
                    continue;
                }
                let mut body = subject.row.body().clone();
                apply(&mut body, place, change);
                let outcome = subject.row.decode(body).map(|read| read.shown);
                assert!(outcome.is_err(), "{} {place} {change:?}: {outcome:?}", subject.row.operation);
            }
        }
    }
}

#[test]
fn many_odd_fields_together_cost_only_themselves() {
    let subjects = Subject::all();
    let changes = prop::collection::vec((any::<Index>(), select(CHANGES.to_vec())), 1..16);
    let config = ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(subject in any::<Index>(), changes in changes)| {
        let subject = subject.get(&subjects);
        let places: Vec<_> =
            subject.places().into_iter().filter(|place| !subject.is_essential(place)).collect();
        prop_assume!(!places.is_empty());
        let changes: Vec<_> =
            changes.iter().map(|(place, change)| (place.get(&places).as_str(), *change)).collect();
        subject.check(&changes)?;
    });
}

fn isolate() -> Isolate {
    Isolate { machine_id: "m-1".into(), comment: "why".into(), isolation_type: None }
}

/// The answer to a containment in about the worst shape in which it can still be understood.
#[tokio::test]
async fn a_containment_is_understood_from_an_odd_answer() {
    let body = "\u{feff} {\"@odata.context\":\"https://api.example.org/api/$metadata#Machines/$entity\",\
                \"ID\":5,\"Status\":\"pending\",\"type\":\"Isolate2\",\"machineId\":null,\"scope\":{},\
                \"requestor\":[],\"creationDateTimeUtc\":0,\"lastUpdateDateTimeUtc\":\"2026-01-01T00:00:00.1\",\
                \"errorHResult\":\"-1\",\"computerDnsName\":\"\\ud83d\",\"commands\":{},\"novelty\":1e99}";
    let api = Server::start(move |_, _| response(201, &[("content-type", "text/plain")], body)).await;
    let authority = authority().await;
    let action = client(&api, &authority).send(&isolate(), PATIENCE).await.expect("an action");
    assert_eq!(
        (action.id.as_str(), action.status.is_final(), action.kind.as_str()),
        ("5", false, "Isolate2")
    );
    assert_eq!((action.error_h_result, action.computer_dns_name.as_deref()), (Some(-1), Some("\u{fffd}")));
    assert!(action.last_update_date_time_utc.and_then(|stamp| stamp.moment()).is_some());
}

/// Taken for another refusal, it would end a containment that may be ours already.
#[tokio::test]
async fn a_duplicate_is_recognised_in_an_odd_refusal() {
    let refusal =
        "\u{feff}{\"Error\":{\"Code\":\"activerequestalreadyexists\",\"Message\":7,\"target\":\"r-1\"}}";
    let api = Server::start(move |_, _| response(400, &[], refusal)).await;
    let authority = authority().await;
    let error = client(&api, &authority).send(&isolate(), PATIENCE).await.expect_err("a refusal");
    assert_eq!(error.request_id(), Some("r-1"));
    let Error::Refused { code, kind, message, .. } = error else { panic!("{error:?}") };
    assert_eq!((code, kind), (ErrorCode::ActiveRequestAlreadyExists, Refusal::AlreadyActive));
    assert_eq!(message, "7");
}
