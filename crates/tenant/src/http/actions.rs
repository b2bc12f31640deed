//! The machine actions: looking at them, listing them, cancelling them and fetching what they collected.

use serde_json::json;
use uuid::Uuid;

use super::body::Fields;
use super::call::{Answered, Call, Done};
use super::collection::Query;
use super::content::Content;
use super::error::ApiError;
use super::machines::{READ, permission};
use super::packages;
use super::wire::{ACTIONS, ActionRow, action_json, with_context};
use crate::log::EffectKind;
use crate::truth::{Action, CancelRefused, Status, effect_of};

/// Any of these may cancel something; which one it must be depends on the action.
const ANY_ACTION: &[&str] = &[
    "Machine.Isolate",
    "Machine.Scan",
    "Machine.CollectForensics",
    "Machine.RestrictExecution",
    "Machine.StopAndQuarantine",
    "Machine.Offboard",
    "Machine.LiveResponse",
];

/// `GET /machineactions`, newest first.
pub(super) fn list(call: &mut Call<'_>) -> Answered {
    call.admit(READ)?;
    let query = Query::parse(call.query(), &ACTIONS)?;
    let rows = call.state.truth.actions().map(|action| ActionRow::at(action, call.view));
    let page = query.page(rows, call.page_size());
    let mut body = with_context(call.base(), "MachineActions", query.body(&page, action_json));
    if let Some(next) = page.next {
        body["@odata.nextLink"] = format!("{}{}?{next}", call.base(), call.request.path).into();
    }
    Ok(Done::read(body))
}

/// `GET /machineactions/{id}`
pub(super) fn get(call: &mut Call<'_>, id: &str) -> Answered {
    call.admit(READ)?;
    let row = ActionRow::at(find(call, id)?, call.now);
    Ok(Done::read(with_context(call.base(), "MachineActions/$entity", action_json(&row))))
}

/// `GET /machineactions/{id}/getPackageUri`
pub(super) fn package_uri(call: &mut Call<'_>, id: &str) -> Answered {
    call.admit(READ)?;
    let action = find(call, id)?;
    let content = Content::package(action).filter(|_| action.phase(call.now).status == Status::Succeeded);
    let Some(content) = content else {
        return Err(ApiError::no_resource(format!("There is no investigation package of action {id} yet.")));
    };
    let until = packages::until(call.config, call.now);
    let link = call.state.packages.link(call.base(), content, until);
    // The quotes are no mistake: the service wraps the address in quotes of its own, inside of the JSON text.
    let body = json!({ "value": format!("\"{link}\"") });
    Ok(Done::read(with_context(call.base(), "Edm.String", body)))
}

/// `POST /machineactions/{id}/cancel`
pub(super) fn cancel(call: &mut Call<'_>, id: &str) -> Answered {
    let access = call.admit(ANY_ACTION)?;
    let action = find(call, id)?;
    let needed = [permission(action.kind)];
    if !access.allows(&needed) {
        return Err(ApiError::forbidden(&needed));
    }
    let id = action.id;
    let comment = Fields::optional(call.request.body.as_ref())?.text("Comment")?.map(str::to_owned);
    let requestor = call.config.application.clone();
    let (base, now) = (call.base(), call.now);
    match call.state.truth.cancel(id, requestor, comment, now) {
        Ok(action) => {
            let effect = Some(effect_of(action, EffectKind::Cancel, now));
            let row = ActionRow::at(action, now);
            let body = with_context(base, "MachineActions/$entity", action_json(&row));
            Ok(Done { status: 200, body, effect })
        }
        Err(CancelRefused::NoSuchAction) => Err(no_action(&id.to_string())),
        Err(CancelRefused::Final(status)) => {
            let message =
                format!("Machine action {id} is final ({}) and cannot be cancelled.", status.as_str());
            Err(ApiError::bad_request(message))
        }
    }
}

/// The page documents nothing but 404 for an id that means nothing, and shows ids that are no guids.
pub(super) fn find<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Action, ApiError> {
    let found = Uuid::parse_str(id).ok().and_then(|id| call.state.truth.action(id));
    found.ok_or_else(|| no_action(id))
}

fn no_action(id: &str) -> ApiError {
    ApiError::no_resource(format!("Machine action {} was not found.", crate::text::cut(id, 256)))
}
