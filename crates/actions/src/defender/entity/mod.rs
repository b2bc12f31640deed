//! What actions on entities have in common: arguments, outputs, and how one request becomes an action.

mod alert;
mod file;
mod indicator;
mod machine;
mod network;
mod single;
mod user;

pub(super) use alert::{alert, alert_id};
pub(super) use file::{file, file_hash, file_statistics, sha1};
pub(super) use indicator::{
    indicator, indicator_argument, indicator_id, indicator_permissions, new_indicator,
};
pub(super) use machine::machine;
pub(super) use network::{
    address, address_around, domain, domain_statistics, ip_address, ip_statistics, timestamp,
};
pub(super) use single::Single;
pub(super) use user::{user, user_name};

use crate::defender::Arguments;
use crate::defender::shape::{optional_text, without_annotations};
use chrono::{DateTime, Utc};
use riposte_model::{Permissions, Schema, Type};
use serde_json::Value;

/// Most rows of one page, as documented.
const MAX_TOP: i64 = 10_000;

/// Reads alerts.
pub(super) const ALERT_READ: Permissions = Permissions {
    application: &["Alert.Read.All", "Alert.ReadWrite.All"],
    delegated: &["Alert.Read", "Alert.ReadWrite"],
};

/// Changes and raises alerts.
pub(super) const ALERT_WRITE: Permissions =
    Permissions { application: &["Alert.ReadWrite.All"], delegated: &["Alert.ReadWrite"] };

/// A permission that is the same for applications and users.
pub(super) const fn both(names: &'static [&'static str]) -> Permissions {
    Permissions { application: names, delegated: names }
}

/// Changes devices' labels.
pub(super) const MACHINE_WRITE: Permissions =
    Permissions { application: &["Machine.ReadWrite.All"], delegated: &["Machine.ReadWrite"] };

/// How many rows are wanted.
pub(super) fn top() -> Schema {
    let mut top = Schema::integer().described("how many at most; all of them if absent");
    top.kind = Type::Integer { minimum: Some(1), maximum: Some(MAX_TOP) };
    top
}

/// Text of at least one and at most `max` characters.
pub(super) fn words(max: u64) -> Schema {
    let mut schema = Schema::string();
    if let Type::String { min_length, max_length, .. } = &mut schema.kind {
        *min_length = Some(1);
        *max_length = Some(max);
    }
    schema
}

/// A list of at least one and at most `max` of these.
pub(super) fn many(items: Schema, max: usize) -> Schema {
    let mut schema = Schema::array(items).described(&format!("at most {max}"));
    if let Type::Array { min_items, max_items, .. } = &mut schema.kind {
        *min_items = Some(1);
        *max_items = u64::try_from(max).ok();
    }
    schema
}

/// A list of texts among the arguments, if it is there.
pub(super) fn texts(arguments: &Arguments, name: &str) -> Option<Vec<String>> {
    let texts = arguments.get(name)?.as_array()?;
    Some(texts.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The argument `top`, if it is there.
pub(super) fn rows_wanted(arguments: &Arguments) -> Option<usize> {
    arguments.get("top").and_then(Value::as_u64).and_then(|top| usize::try_from(top).ok())
}

/// A moment among the arguments; its schema has excluded what is none.
pub(super) fn moment(arguments: &Arguments, name: &str) -> Option<DateTime<Utc>> {
    let text = optional_text(arguments, name)?;
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.with_timezone(&Utc))
}

/// How far statistics look back.
pub(super) fn look_back() -> Schema {
    let mut hours = Schema::integer().described("720 if absent");
    hours.kind = Type::Integer { minimum: Some(1), maximum: Some(720) };
    hours
}

/// The argument `look_back_hours`, if it is there.
pub(super) fn look_back_hours(arguments: &Arguments) -> Option<u32> {
    arguments.get("look_back_hours").and_then(Value::as_u64).and_then(|hours| u32::try_from(hours).ok())
}

/// A text argument that may be absent, as the client's operations take it.
pub(super) fn owned(arguments: &Arguments, name: &str) -> Option<String> {
    optional_text(arguments, name).map(str::to_owned)
}

/// The provider's own documents of all rows.
pub(super) fn documents(rows: impl IntoIterator<Item = Value>) -> Value {
    rows.into_iter().map(without_annotations).collect()
}
