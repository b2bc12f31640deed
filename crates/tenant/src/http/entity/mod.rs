//! Everything that is neither a machine action nor a plain look at a machine: one file for each kind of thing.

mod alert_json;
mod alerts;
mod files;
mod hunting;
mod indicator_json;
mod indicators;
mod labels;
mod machines;
mod network;
mod raise;
mod route;
mod users;

pub(super) use route::EntityRoute;

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use url::form_urlencoded::parse;

use super::body::Fields;
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
        EntityRoute::BatchUpdate => alerts::batch_update(call),
        EntityRoute::CreateAlert => raise::create(call),
        EntityRoute::AlertEntity { id, what } => alerts::entity(call, id, *what),
        EntityRoute::FindByIp { segment } => machines::find_by_ip(call, segment),
        EntityRoute::FindInfo { segment } => machines::find_info(call, segment),
        EntityRoute::FindByTag => machines::find_by_tag(call),
        EntityRoute::MachineAlerts { device } => machines::alerts(call, device),
        EntityRoute::LogonUsers { device } => users::of_device(call, device),
        EntityRoute::Tags { device } => labels::tag(call, device),
        EntityRoute::TagMachines => labels::tag_many(call),
        EntityRoute::SetDeviceValue { device } => labels::set_value(call, device),
        EntityRoute::UpdateMachine { device } => labels::update(call, device),
        EntityRoute::File { hash } => files::get(call, hash),
        EntityRoute::FileMachines { hash } => files::machines(call, hash),
        EntityRoute::FileStatistics { hash } => files::statistics(call, hash),
        EntityRoute::FileAlerts { hash } => files::alerts(call, hash),
        EntityRoute::DomainAlerts { domain } => network::domain_alerts(call, domain),
        EntityRoute::DomainMachines { domain } => network::domain_machines(call, domain),
        EntityRoute::DomainStatistics { domain } => network::domain_statistics(call, domain),
        EntityRoute::IpAlerts { ip } => network::ip_alerts(call, ip),
        EntityRoute::IpStatistics { ip } => network::ip_statistics(call, ip),
        EntityRoute::UserAlerts { user } => users::alerts(call, user),
        EntityRoute::UserMachines { user } => users::machines(call, user),
        EntityRoute::Query => hunting::run(call),
    }
}

/// A collection that comes whole.
fn whole(call: &Call<'_>, what: &str, rows: impl Iterator<Item = Json>) -> Done {
    Done::read(with_context(call.base(), what, json!({ "value": rows.collect::<Json>() })))
}

/// Longest look back of statistics, in hours, and the default, as documented.
const MAX_HOURS: u32 = 720;

/// How far statistics look back.
fn look_back(call: &Call<'_>) -> Result<TimeDelta, ApiError> {
    let hours = parse(call.query().as_bytes()).find(|(name, _)| name.eq_ignore_ascii_case("lookBackHours"));
    let hours = hours.map_or(Ok(MAX_HOURS), |(_, hours)| hours.parse());
    match hours {
        Ok(hours) if (1..=MAX_HOURS).contains(&hours) => Ok(TimeDelta::hours(hours.into())),
        _ => Err(ApiError::invalid_input("'lookBackHours' must be a number from 1 to 720.")),
    }
}

/// Most items of one request that is about many, as documented for all that document any.
const MAX_BATCH: usize = 500;

/// The items of a request that is about many: at least one.
fn batch<'f>(fields: &'f Fields, name: &str) -> Result<&'f [Json], ApiError> {
    let items = fields.list(name)?.ok_or_else(|| ApiError::missing_parameter(name))?;
    match items.len() {
        0 => Err(ApiError::invalid_input(format!("'{name}' must not be empty."))),
        n if n > MAX_BATCH => Err(ApiError::rejected(
            "MaximumBatchSizeExceeded",
            format!("'{name}' holds {n} items; at most {MAX_BATCH} are taken."),
        )),
        _ => Ok(items),
    }
}

/// The texts of a list.
fn texts<'f>(items: &'f [Json], name: &str) -> Result<Vec<&'f str>, ApiError> {
    let texts: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
    texts.ok_or_else(|| ApiError::invalid_body(format!("'{name}' must be a list of texts.")))
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
