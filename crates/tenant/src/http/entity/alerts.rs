//! The alerts: looking at them and what they are about, and working on them.

use serde_json::{Value as Json, json};
use url::form_urlencoded::parse;

use super::alert_json::{ALERTS, World};
use super::route::AlertEntity;
use super::{batch, files, network, not_found, texts, users, whole};
use crate::http::body::Fields;
use crate::http::call::{Answered, Call, Done};
use crate::http::collection::Query;
use crate::http::error::ApiError;
use crate::http::machines::READ as READ_MACHINES;
use crate::http::wire::{machine_json, with_context};
use crate::log::EffectKind;
use crate::truth::{Alert, AlertChange};

/// Either of these reads alerts.
pub(super) const READ: &[&str] = &["Alert.Read.All", "Alert.ReadWrite.All"];
pub(super) const WRITE: &[&str] = &["Alert.ReadWrite.All"];

/// `GET /alerts`, newest first.
pub(super) fn list(call: &mut Call<'_>) -> Answered {
    call.admit(READ)?;
    let (options, evidence) = without_expand(call.query())?;
    let query = Query::parse(&options, &ALERTS)?;
    let page = query.page(call.state.entities.alerts(), call.page_size());
    let world = world(call);
    let body = query.body(&page, |alert| world.alert(alert, evidence));
    let mut body = with_context(call.base(), "Alerts", body);
    if let Some(next) = page.next {
        let expand = if evidence { "$expand=evidence&" } else { "" };
        body["@odata.nextLink"] = format!("{}{}?{expand}{next}", call.base(), call.request.path).into();
    }
    Ok(Done::read(body))
}

/// The alerts that something is part of.
pub(super) fn of(call: &Call<'_>, is_part: impl Fn(&Alert) -> bool) -> Answered {
    let query = Query::parse(call.query(), &ALERTS)?;
    let alerts = call.state.entities.alerts().filter(|alert| is_part(alert));
    let page = query.page(alerts, call.page_size());
    let world = world(call);
    let body = query.body(&page, |alert| world.alert(alert, false));
    Ok(Done::read(with_context(call.base(), "Alerts", body)))
}

pub(super) fn world<'a>(call: &'a Call<'_>) -> World<'a> {
    World { truth: &call.state.truth, entities: &call.state.entities, tenant_id: &call.config.tenant_id }
}

/// The query without `$expand`, which only alerts have, and whether it asks for the evidence.
fn without_expand(query: &str) -> Result<(String, bool), ApiError> {
    let mut evidence = false;
    let mut rest = Vec::new();
    for option in query.split('&').filter(|option| !option.is_empty()) {
        match parse(option.as_bytes()).next() {
            Some((name, value)) if name == "$expand" => {
                if !value.eq_ignore_ascii_case("evidence") {
                    return Err(ApiError::odata("Only 'evidence' can be expanded."));
                }
                evidence = true;
            }
            _ => rest.push(option),
        }
    }
    Ok((rest.join("&"), evidence))
}

/// `GET /alerts/{id}`
pub(super) fn get(call: &mut Call<'_>, id: &str) -> Answered {
    call.admit(READ)?;
    let body = world(call).alert(find(call, id)?, true);
    Ok(Done::read(with_context(call.base(), "Alerts/$entity", body)))
}

/// `PATCH /alerts/{id}`
pub(super) fn update(call: &mut Call<'_>, id: &str) -> Answered {
    call.admit(WRITE)?;
    let id = find(call, id)?.id.clone();
    let fields = Fields::required(call.request.body.as_ref())?;
    let change = change(&fields, CLASSIFICATIONS, DETERMINATIONS)?;
    let (author, now) = (call.config.application.clone(), call.now);
    let device = find(call, &id)?.device.clone();
    call.state.entities.update_alert(&id, change, &author, now);
    let effect = call.state.entities.record(EffectKind::UpdateAlert, &device, id.as_str(), now);
    let body = world(call).alert(find(call, &id)?, true);
    Ok(Done { status: 200, body: with_context(call.base(), "Alerts/$entity", body), effect: Some(effect) })
}

/// `POST /alerts/batchUpdate`. All of them or none: what becomes of a request with an id that is not there is not
/// documented.
pub(super) fn batch_update(call: &mut Call<'_>) -> Answered {
    call.admit(WRITE)?;
    let fields = Fields::required(call.request.body.as_ref())?;
    let mut ids = Vec::new();
    for id in texts(batch(&fields, "alertIds")?, "alertIds")? {
        ids.push(find(call, id)?.id.clone());
    }
    let change = change(&fields, BATCH_CLASSIFICATIONS, BATCH_DETERMINATIONS)?;
    let (author, now) = (call.config.application.clone(), call.now);
    for id in &ids {
        call.state.entities.update_alert(id, change.clone(), &author, now);
    }
    let effect = call.state.entities.record(EffectKind::UpdateAlert, "", ids.join(","), now);
    Ok(Done { status: 200, body: Json::Null, effect: Some(effect) })
}

/// What an update says; verdicts are spelled as its page has them.
fn change(
    fields: &Fields,
    classifications: &[&'static str],
    determinations: &[&'static str],
) -> Result<AlertChange, ApiError> {
    let owned = |name| fields.text(name).map(|text| text.map(str::to_owned));
    let change = AlertChange {
        status: fields.one_of("status", &["New", "InProgress", "Resolved"])?,
        assigned_to: owned("assignedTo")?,
        classification: fields.one_of("classification", classifications)?,
        determination: fields.one_of("determination", determinations)?,
        comment: owned("comment")?.filter(|text| !text.trim().is_empty()),
    };
    if change.is_empty() {
        return Err(ApiError::invalid_body(
            "There is nothing to update: names of fields are case-sensitive.",
        ));
    }
    Ok(change)
}

const CLASSIFICATIONS: &[&str] = &["TruePositive", "InformationalExpectedActivity", "FalsePositive"];
const BATCH_CLASSIFICATIONS: &[&str] = &["TruePositive", "Informational, expected activity", "FalsePositive"];

const DETERMINATIONS: &[&str] = &[
    "MultiStagedAttack",
    "MaliciousUserActivity",
    "CompromisedUser",
    "Malware",
    "Phishing",
    "UnwantedSoftware",
    "SecurityTesting",
    "LineOfBusinessApplication",
    "ConfirmedActivity",
    "NotMalicious",
    "InsufficientData",
    "Other",
];
const BATCH_DETERMINATIONS: &[&str] = &[
    "MultiStagedAttack",
    "MaliciousUserActivity",
    "CompromisedUser",
    "Malware",
    "Phishing",
    "UnwantedSoftware",
    "SecurityTesting",
    "LineOfBusinessApplication",
    "ConfirmedUserActivity",
    "Clean",
    "InsufficientData",
    "Other",
];

/// `GET /alerts/{id}/files` and its siblings.
pub(super) fn entity(call: &mut Call<'_>, id: &str, what: AlertEntity) -> Answered {
    call.admit(match what {
        AlertEntity::Files => files::READ,
        AlertEntity::Ips => network::READ_IPS,
        AlertEntity::Domains => network::READ_DOMAINS,
        AlertEntity::Machine => READ_MACHINES,
        AlertEntity::User => users::READ,
    })?;
    let alert = find(call, id)?;
    Ok(match what {
        AlertEntity::Files => {
            let files = alert.files().into_iter().filter_map(|sha1| call.state.entities.file(sha1));
            whole(call, "Files", files.map(|file| files::file_json(file, true)))
        }
        AlertEntity::Ips => whole(call, "Ips", named("id", alert.ips())),
        AlertEntity::Domains => whole(call, "Domains", named("host", alert.domains())),
        AlertEntity::Machine => {
            let device = call.state.truth.device(&alert.device);
            let device = device.ok_or_else(|| not_found("Machine", &alert.device))?;
            Done::read(with_context(call.base(), "Machines/$entity", machine_json(device)))
        }
        AlertEntity::User => {
            let user = alert.user.as_deref().and_then(|name| call.state.entities.user(name));
            let user = user.ok_or_else(|| ApiError::no_resource(format!("Alert {id} has no user.")))?;
            let body = users::whole_user_json(user, &call.state.entities);
            Done::read(with_context(call.base(), "Users/$entity", body))
        }
    })
}

fn named(name: &'static str, values: Vec<&str>) -> impl Iterator<Item = Json> {
    values.into_iter().map(move |value| json!({ name: value }))
}

fn find<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Alert, ApiError> {
    call.state.entities.alert(id).ok_or_else(|| not_found("Alert", id))
}
