//! Everything that is neither a machine action nor a plain look at a machine: one file for each kind of thing.

mod alert_json;
mod alerts;
mod files;
mod hunting;
mod indicator_json;
mod indicators;
mod machines;
mod route;
mod users;

pub(super) use route::EntityRoute;

use serde_json::{Value as Json, json};

use super::call::{Answered, Call, Done};
use super::error::ApiError;
use super::wire::with_context;
use crate::odata::Value;
use crate::text::cut;

/// How much of an id an error repeats.
const MAX_ID: usize = 256;

/// Answers one call.
pub(super) fn answer(call: &mut Call<'_>, route: &EntityRoute) -> Answered {
    match route {
        EntityRoute::Indicators => indicators::list(call),
        EntityRoute::CreateIndicator => indicators::create(call),
        EntityRoute::ImportIndicators => indicators::import(call),
        EntityRoute::BatchDelete => indicators::batch_delete(call),
        EntityRoute::DeleteIndicator { id } => indicators::delete(call, id),
        EntityRoute::Alerts => alerts::list(call),
        EntityRoute::Alert { id } => alerts::get(call, id),
        EntityRoute::UpdateAlert { id } => alerts::update(call, id),
        EntityRoute::AlertEntity { id, what } => alerts::entity(call, id, *what),
        EntityRoute::FindByIp { segment } => machines::find_by_ip(call, segment),
        EntityRoute::FindByTag => machines::find_by_tag(call),
        EntityRoute::MachineAlerts { device } => machines::alerts(call, device),
        EntityRoute::LogonUsers { device } => users::of_device(call, device),
        EntityRoute::Tags { device } => machines::tag(call, device),
        EntityRoute::SetDeviceValue { device } => machines::set_value(call, device),
        EntityRoute::File { hash } => files::get(call, hash),
        EntityRoute::FileMachines { hash } => files::machines(call, hash),
        EntityRoute::FileStatistics { hash } => files::statistics(call, hash),
        EntityRoute::UserMachines { user } => users::machines(call, user),
        EntityRoute::Query => hunting::run(call),
    }
}

/// A collection that comes whole.
fn whole(call: &Call<'_>, what: &str, rows: impl Iterator<Item = Json>) -> Done {
    Done::read(with_context(call.base(), what, json!({ "value": rows.collect::<Json>() })))
}

fn not_found(what: &str, id: &str) -> ApiError {
    ApiError::no_resource(format!("{what} {} was not found.", cut(id, MAX_ID)))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn optional_text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}
