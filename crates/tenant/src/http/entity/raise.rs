//! Raising an alert on an event.

use chrono::DateTime;

use super::alerts::{WRITE, world};
use super::{machines, not_found};
use crate::http::body::Fields;
use crate::http::call::{Answered, Call, Done};
use crate::http::error::ApiError;
use crate::http::wire::with_context;
use crate::log::EffectKind;
use crate::truth::NewAlert;

const SEVERITIES: &[&str] = &["Low", "Medium", "High"];
const CATEGORIES: &[&str] = &[
    "General",
    "CommandAndControl",
    "Collection",
    "CredentialAccess",
    "DefenseEvasion",
    "Discovery",
    "Exfiltration",
    "Exploit",
    "Execution",
    "InitialAccess",
    "LateralMovement",
    "Malware",
    "Persistence",
    "PrivilegeEscalation",
    "Ransomware",
    "SuspiciousActivity",
];

/// `POST /alerts/CreateAlertByReference`
///
/// This tenant keeps no events. It takes any event that its device can have reported: a number for a report, and a time
/// since the device was first seen. The investigation that Defender begins by itself is left out.
pub(super) fn create(call: &mut Call<'_>) -> Answered {
    call.admit(WRITE)?;
    let fields = Fields::required(call.request.body.as_ref())?;
    let event = fields.required_text("eventTime")?;
    let event = DateTime::parse_from_rfc3339(event)
        .map_err(|_| {
            ApiError::invalid_input("'eventTime' must be a time such as 2018-08-03T16:45:21.7115183Z.")
        })?
        .to_utc();
    let report = fields.required_text("reportId")?;
    let device = machines::find(call, fields.required_text("machineId")?)?;
    if report.parse::<u64>().is_err() || event < device.first_seen || event > call.now {
        return Err(not_found("Event", report));
    }
    let new = NewAlert {
        device: device.id.clone(),
        event,
        severity: fields.required_one_of("severity", SEVERITIES)?,
        category: fields.required_one_of("category", CATEGORIES)?,
        title: fields.required_text("title")?.to_owned(),
        description: fields.required_text("description")?.to_owned(),
    };
    // It is asked for, and no alert shows it.
    fields.required_text("recommendedAction")?;
    let device = new.device.clone();
    let raised = call.state.entities.raise_alert(new, call.now);
    let id = raised.map_err(|full| ApiError::internal(full.to_string()))?;
    let effect = call.state.entities.record(EffectKind::CreateAlert, &device, id.as_str(), call.now);
    let alert = call.state.entities.alert(&id).ok_or_else(|| not_found("Alert", &id))?;
    let body = with_context(call.base(), "Alerts/$entity", world(call).alert(alert, true));
    Ok(Done { status: 200, body, effect: Some(effect) })
}
