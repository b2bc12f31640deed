//! The indicators: looking at them, submitting and deleting them.

use std::net::IpAddr;

use chrono::DateTime;
use serde_json::{Value as Json, json};

use super::indicator_json::{INDICATORS, indicator_json};
use super::{batch, not_found};
use crate::http::body::Fields;
use crate::http::call::{Answered, Call, Done};
use crate::http::collection::Query;
use crate::http::error::ApiError;
use crate::http::wire::with_context;
use crate::log::EffectKind;
use crate::oauth::Access;
use crate::truth::{Indicator, IndicatorDraft, Stored};

const ANY: &[&str] = &["Ti.ReadWrite", "Ti.ReadWrite.All"];
const ALL: &[&str] = &["Ti.ReadWrite.All"];

const KINDS: &[&str] =
    &["FileSha1", "FileSha256", "FileMd5", "CertificateThumbprint", "IpAddress", "DomainName", "Url"];
const ACTIONS: &[&str] =
    &["Alert", "AlertAndBlock", "Allowed", "Audit", "Block", "BlockAndRemediate", "Warn"];
const SEVERITIES: &[&str] = &["Informational", "Low", "Medium", "High"];

/// Whether the caller may see it: with `Ti.ReadWrite` alone only what an application made, and there is only one here.
fn is_shown(indicator: &Indicator, access: &Access) -> bool {
    !indicator.by_person || access.allows(ALL)
}

/// `GET /indicators`. Its page shows no `@odata.nextLink`, so there is none: step with `$top` and `$skip`.
pub(super) fn list(call: &mut Call<'_>) -> Answered {
    let access = call.admit(ANY)?;
    let query = Query::parse(call.query(), &INDICATORS)?;
    let rows = call.state.entities.indicators.iter().filter(|indicator| is_shown(indicator, &access));
    let page = query.page(rows, call.page_size());
    let body = query.body(&page, |indicator| indicator_json(indicator));
    Ok(Done::read(with_context(call.base(), "Indicators", body)))
}

/// `POST /indicators`
pub(super) fn create(call: &mut Call<'_>) -> Answered {
    call.admit(ANY)?;
    let draft = draft(&Fields::required(call.request.body.as_ref())?)?;
    let stored = submit(call, draft)?;
    let kind = match stored {
        Stored::Created(_) => EffectKind::CreateIndicator,
        Stored::Changed(_) => EffectKind::UpdateIndicator,
    };
    let effect = call.state.entities.record(kind, "", stored.id().to_string(), call.now);
    let indicator = call.state.entities.indicators.get(stored.id());
    let body = indicator.map(indicator_json).unwrap_or_default();
    let body = with_context(call.base(), "Indicators/$entity", body);
    Ok(Done { status: 200, body, effect: Some(effect) })
}

fn submit(call: &mut Call<'_>, draft: IndicatorDraft) -> Result<Stored, ApiError> {
    let stored = call.state.entities.indicators.submit(draft, &call.config.application, call.now);
    stored.map_err(|full| ApiError::bad_request(full.to_string()))
}

/// `POST /indicators/import`. Each stands for itself: one that is refused does not keep the others out.
pub(super) fn import(call: &mut Call<'_>) -> Answered {
    call.admit(ANY)?;
    let fields = Fields::required(call.request.body.as_ref())?;
    let items = batch(&fields, "Indicators")?;
    let items: Option<Vec<Fields>> =
        items.iter().map(|item| item.as_object().cloned().map(Fields::of)).collect();
    let items = items.ok_or_else(|| ApiError::invalid_body("'Indicators' must be a list of objects."))?;
    let mut stored = Vec::new();
    let mut results = Vec::new();
    for fields in &items {
        let value = fields.text("indicatorValue").ok().flatten().unwrap_or_default().to_owned();
        let outcome = draft(fields).and_then(|draft| submit(call, draft));
        let (id, failure) = match &outcome {
            Ok(outcome) => (Some(outcome.id().to_string()), None),
            Err(error) => (None, Some(error.message().to_owned())),
        };
        stored.extend(id.clone());
        let failed = failure.is_some();
        results.push(json!({ "id": id, "indicator": value, "isFailed": failed, "failureReason": failure }));
    }
    let kind = EffectKind::ImportIndicators;
    let effect =
        (!stored.is_empty()).then(|| call.state.entities.record(kind, "", stored.join(","), call.now));
    let what = "Collection(microsoft.windowsDefenderATP.api.ImportIndicatorResult)";
    let body = with_context(call.base(), what, json!({ "value": results }));
    Ok(Done { status: 200, body, effect })
}

/// `DELETE /indicators/{id}`
pub(super) fn delete(call: &mut Call<'_>, id: &str) -> Answered {
    let access = call.admit(ANY)?;
    let known = find(call, id, &access).ok_or_else(|| not_found("Indicator", id))?;
    call.state.entities.indicators.delete(known);
    let effect = call.state.entities.record(EffectKind::DeleteIndicator, "", known.to_string(), call.now);
    Ok(Done { status: 204, body: Json::Null, effect: Some(effect) })
}

/// `POST /indicators/BatchDelete`. All of them or none.
pub(super) fn batch_delete(call: &mut Call<'_>) -> Answered {
    let access = call.admit(ANY)?;
    let fields = Fields::required(call.request.body.as_ref())?;
    let ids: Option<Vec<&str>> = batch(&fields, "IndicatorIds")?.iter().map(Json::as_str).collect();
    let ids = ids.filter(|ids| ids.iter().all(|id| id.parse::<u64>().is_ok())).ok_or_else(|| {
        ApiError::invalid_input("'IndicatorIds' must be a list of ids of indicators, each a text.")
    })?;
    let mut known = Vec::new();
    for id in ids {
        known.push(find(call, id, &access).ok_or_else(|| not_found("Indicator", id))?);
    }
    for id in &known {
        call.state.entities.indicators.delete(*id);
    }
    let texts: Vec<String> = known.iter().map(u64::to_string).collect();
    let effect = call.state.entities.record(EffectKind::DeleteIndicator, "", texts.join(","), call.now);
    Ok(Done { status: 204, body: Json::Null, effect: Some(effect) })
}

fn find(call: &Call<'_>, id: &str, access: &Access) -> Option<u64> {
    let known = call.state.entities.indicators.get(id.parse().ok()?)?;
    is_shown(known, access).then_some(known.id)
}

fn draft(fields: &Fields) -> Result<IndicatorDraft, ApiError> {
    let optional = |name| fields.text(name).map(|text| text.map(str::to_owned));
    let value = fields.required_text("indicatorValue")?.to_owned();
    let kind = fields.required_one_of("indicatorType", KINDS)?;
    let action = fields.required_one_of("action", ACTIONS)?;
    let title = fields.required_text("title")?.to_owned();
    let description = fields.required_text("description")?.to_owned();
    check_value(kind, &value)?;
    let generate_alert = fields.flag("generateAlert")?.unwrap_or(false);
    if action == "Audit" && !generate_alert {
        return Err(ApiError::invalid_input("The action 'Audit' needs 'generateAlert' to be true."));
    }
    let expires = fields.text("expirationTime")?.map(DateTime::parse_from_rfc3339).transpose();
    let expires = expires.map_err(|_| {
        ApiError::invalid_input("'expirationTime' must be a time such as 2030-12-12T00:00:00Z.")
    })?;
    Ok(IndicatorDraft {
        value,
        kind,
        action,
        title,
        description,
        application: optional("application")?,
        expires: expires.map(|time| time.to_utc()),
        severity: fields.one_of("severity", SEVERITIES)?,
        recommended: optional("recommendedActions")?,
        groups: groups(fields)?,
        educate_url: optional("educateUrl")?,
        generate_alert,
    })
}

/// A list, as the example has it, or one text with commas, as the table says.
fn groups(fields: &Fields) -> Result<Vec<String>, ApiError> {
    if let Ok(Some(text)) = fields.text("rbacGroupNames") {
        return Ok(text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(String::from)
            .collect());
    }
    let names = fields.list("rbacGroupNames")?.unwrap_or_default();
    let texts: Option<Vec<String>> = names.iter().map(|name| name.as_str().map(str::to_owned)).collect();
    texts.ok_or_else(|| ApiError::invalid_body("'rbacGroupNames' must be a list of texts."))
}

fn check_value(kind: &str, value: &str) -> Result<(), ApiError> {
    let wrong = |code, what: &str| Err(ApiError::rejected(code, format!("'indicatorValue' is no {what}.")));
    let hex = |digits| value.len() == digits && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    match kind {
        "FileSha1" if !hex(40) => wrong("InvalidHashValue", "SHA-1"),
        "FileSha256" if !hex(64) => wrong("InvalidHashValue", "SHA-256"),
        "FileMd5" if !hex(32) => wrong("InvalidHashValue", "MD5"),
        "CertificateThumbprint" if !hex(40) => wrong("InvalidHashValue", "thumbprint"),
        "IpAddress" if value.parse::<IpAddr>().is_err() => {
            wrong("InvalidIpAddress", "IP address; ranges are not supported")
        }
        "DomainName" if !is_domain(value) => wrong("InvalidDomainName", "domain name"),
        "Url" if !url::Url::parse(value).is_ok_and(|url| url.has_host()) => wrong("InvalidUrl", "URL"),
        _ => Ok(()),
    }
}

fn is_domain(value: &str) -> bool {
    let fit = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let label = |label: &str| !label.is_empty() && label.len() <= 63 && label.chars().all(fit);
    value.len() <= 253 && value.contains('.') && value.split('.').all(label)
}
