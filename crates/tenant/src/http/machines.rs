//! The machines, and the actions that are requested on them.

use super::body::Fields;
use super::call::{Answered, Call, Done};
use super::collection::Query;
use super::error::ApiError;
use super::wire::{ActionRow, MACHINES, action_json, machine_json, with_context};
use crate::truth::{ActionKind, Opened, Order, OrderRefused, effect_of};

/// Either of these reads devices and actions.
pub(super) const READ: &[&str] = &["Machine.Read.All", "Machine.ReadWrite.All"];

/// The permission that requests an action of this kind.
pub(super) const fn permission(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Isolate | ActionKind::Unisolate => "Machine.Isolate",
        ActionKind::RunAntiVirusScan => "Machine.Scan",
        ActionKind::CollectInvestigationPackage => "Machine.CollectForensics",
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
    if call.state.truth.device(key).is_none() {
        return Err(no_device(key));
    }
    let fields = Fields::required(call.request.body.as_ref())?;
    let order = Order {
        kind,
        scope: scope(kind, &fields)?,
        requestor: call.config.application.clone(),
        comment: fields.required_text("Comment")?.to_owned(),
    };
    let (base, now) = (call.base(), call.now);
    let opened = call.state.truth.open(key, order, call.config.duplicates, now);
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
    Ok(Done { status: 201, body, effect })
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
        ActionKind::Unisolate | ActionKind::CollectInvestigationPackage => Ok(None),
    }
}

pub(super) fn no_device(key: &str) -> ApiError {
    ApiError::no_resource(format!("Machine {} was not found.", crate::text::cut(key, 256)))
}
