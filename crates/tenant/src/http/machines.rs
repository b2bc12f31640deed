//! The machines, and the actions that are requested on them.

use super::body::Fields;
use super::call::{Answered, Call, Done};
use super::collection::Query;
use super::error::ApiError;
use super::live;
use super::wire::{ActionRow, MACHINES, action_json, machine_json, with_context};
use crate::config::Duplicates;
use crate::truth::{ActionKind, Device, Opened, Order, OrderRefused, Subject, effect_of};

/// Either of these reads devices and actions.
pub(super) const READ: &[&str] = &["Machine.Read.All", "Machine.ReadWrite.All"];

/// The permission that requests an action of this kind.
pub(super) const fn permission(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Isolate | ActionKind::Unisolate => "Machine.Isolate",
        ActionKind::RunAntiVirusScan => "Machine.Scan",
        ActionKind::CollectInvestigationPackage => "Machine.CollectForensics",
        ActionKind::RestrictCodeExecution | ActionKind::UnrestrictCodeExecution => {
            "Machine.RestrictExecution"
        }
        // The page lists the permissions to read machines as well, which would let every reader delete files.
        ActionKind::StopAndQuarantineFile => "Machine.StopAndQuarantine",
        ActionKind::Offboard => "Machine.Offboard",
        ActionKind::LiveResponse => "Machine.LiveResponse",
    }
}

/// `GET /machines`. Its page shows no `@odata.nextLink`, so there is none: step with `$top` and `$skip`.
pub(super) fn list(call: &mut Call<'_>) -> Answered {
    call.admit(READ)?;
    let query = Query::parse(call.query(), &MACHINES)?;
    let page = query.page(call.state.truth.devices().iter(), call.page_size());
    let body = query.body(&page, |device| machine_json(device));
    Ok(Done::read(with_context(call.base(), "Machines", body)))
}

/// `GET /machines/{id}`
pub(super) fn get(call: &mut Call<'_>, key: &str) -> Answered {
    call.admit(READ)?;
    let device = call.state.truth.device(key).ok_or_else(|| no_device(key))?;
    Ok(Done::read(with_context(call.base(), "Machines/$entity", machine_json(device))))
}

/// `POST /machines/{id}/isolate` and its siblings.
pub(super) fn act(call: &mut Call<'_>, key: &str, kind: ActionKind) -> Answered {
    call.admit(&[permission(kind)])?;
    // Before the body: whoever means a device that is not there has nothing to correct in what is said about it.
    let device = call.state.truth.device(key).ok_or_else(|| no_device(key))?;
    supported(kind, device)?;
    let fields = Fields::required(call.request.body.as_ref())?;
    let order = Order {
        kind,
        scope: scope(kind, &fields)?,
        subject: subject(kind, &fields)?,
        requestor: call.config.application.clone(),
        comment: comment(kind, &fields)?,
    };
    let (base, now) = (call.base(), call.now);
    if kind == ActionKind::LiveResponse {
        live::room(call)?;
    }
    let opened = call.state.truth.open(key, order, duplicates(kind, call.config.duplicates), now);
    let (row, effect) = match opened {
        Ok(Opened::New(action)) => {
            (ActionRow::newborn(action), Some(effect_of(action, action.kind.into(), now)))
        }
        Ok(Opened::Existing(action)) => (ActionRow::at(action, now), None),
        Err(OrderRefused::NoSuchDevice) => return Err(no_device(key)),
        Err(OrderRefused::AlreadyActive) => return Err(ApiError::already_active()),
        Err(error @ OrderRefused::Full) => return Err(ApiError::internal(error.to_string())),
    };
    let body = with_context(base, "MachineActions/$entity", action_json(&row));
    // Its page says 200 where the others say 201.
    let status = if kind == ActionKind::Offboard { 200 } else { 201 };
    Ok(Done { status, body, effect })
}

/// Only live response documents its comment as optional.
fn comment(kind: ActionKind, fields: &Fields) -> Result<String, ApiError> {
    let comment = match kind {
        ActionKind::LiveResponse => fields.text("Comment")?.unwrap_or_default(),
        _ => fields.required_text("Comment")?,
    };
    Ok(comment.to_owned())
}

/// Only live response documents what a second request does.
fn duplicates(kind: ActionKind, configured: Duplicates) -> Duplicates {
    if kind == ActionKind::LiveResponse { Duplicates::Refused } else { configured }
}

/// What an action covers: the type of an isolation, which may be left out, or of a scan, which may not.
fn scope(kind: ActionKind, fields: &Fields) -> Result<Option<&'static str>, ApiError> {
    match kind {
        ActionKind::Isolate => {
            match fields.one_of("IsolationType", &["Full", "Selective", "UnManagedDevice"])? {
                Some("UnManagedDevice") => Err(ApiError::invalid_input(
                    "'UnManagedDevice' is only for devices that are not onboarded.",
                )),
                other => Ok(other),
            }
        }
        ActionKind::RunAntiVirusScan => {
            let scope = fields.one_of("ScanType", &["Quick", "Full"])?;
            scope.map(Some).ok_or_else(|| ApiError::missing_parameter("ScanType"))
        }
        ActionKind::Unisolate
        | ActionKind::CollectInvestigationPackage
        | ActionKind::RestrictCodeExecution
        | ActionKind::UnrestrictCodeExecution
        | ActionKind::StopAndQuarantineFile
        | ActionKind::Offboard
        | ActionKind::LiveResponse => Ok(None),
    }
}

/// What an action is about, where it is not the device alone.
fn subject(kind: ActionKind, fields: &Fields) -> Result<Subject, ApiError> {
    match kind {
        ActionKind::StopAndQuarantineFile => {
            let sha1 = fields.required_text("Sha1")?;
            let is_hash = sha1.len() == 40 && sha1.chars().all(|c| c.is_ascii_hexdigit());
            if is_hash {
                Ok(Subject::File(sha1.to_ascii_lowercase()))
            } else {
                Err(ApiError::invalid_hash("Sha1"))
            }
        }
        ActionKind::LiveResponse => live::session(fields).map(Subject::Session),
        ActionKind::Isolate
        | ActionKind::Unisolate
        | ActionKind::RunAntiVirusScan
        | ActionKind::CollectInvestigationPackage
        | ActionKind::RestrictCodeExecution
        | ActionKind::UnrestrictCodeExecution
        | ActionKind::Offboard => Ok(Subject::Device),
    }
}

/// What depends on parts of Windows is refused for other systems, as the operations' pages say.
fn supported(kind: ActionKind, device: &Device) -> Result<(), ApiError> {
    match kind {
        ActionKind::RestrictCodeExecution
        | ActionKind::UnrestrictCodeExecution
        | ActionKind::StopAndQuarantineFile
        | ActionKind::Offboard => only_windows(device),
        ActionKind::Isolate
        | ActionKind::Unisolate
        | ActionKind::RunAntiVirusScan
        | ActionKind::CollectInvestigationPackage
        | ActionKind::LiveResponse => Ok(()),
    }
}

pub(super) fn only_windows(device: &Device) -> Result<(), ApiError> {
    match device.system.is_windows() {
        true => Ok(()),
        false => Err(ApiError::os_not_supported(device.system.platform)),
    }
}

pub(super) fn no_device(key: &str) -> ApiError {
    ApiError::no_resource(format!("Machine {} was not found.", crate::text::cut(key, 256)))
}
