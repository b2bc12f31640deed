//! What people write on machines: tags, and how much they are worth.

use super::machines::find;
use super::{batch, texts, whole};
use crate::http::body::Fields;
use crate::http::call::{Answered, Call, Done};
use crate::http::error::ApiError;
use crate::http::wire::{machine_json, with_context};
use crate::log::{Effect, EffectKind};

const WRITE: &[&str] = &["Machine.ReadWrite.All"];
const WORTHS: &[&str] = &["Normal", "Low", "High"];

/// `POST /machines/{id}/tags`
pub(super) fn tag(call: &mut Call<'_>, key: &str) -> Answered {
    call.admit(WRITE)?;
    let device = find(call, key)?.id.clone();
    let fields = Fields::required(call.request.body.as_ref())?;
    let tag = fields.required_text("Value")?;
    let (changed, kind) = match fields.required_one_of("Action", &["Add", "Remove"])? {
        "Add" => (call.state.truth.add_tag(&device, tag), EffectKind::AddTag),
        _ => (call.state.truth.remove_tag(&device, tag), EffectKind::RemoveTag),
    };
    let effect = (changed == Some(true)).then(|| call.state.entities.record(kind, &device, tag, call.now));
    labelled(call, &device, effect)
}

/// `POST /machines/{id}/setDeviceValue`
pub(super) fn set_value(call: &mut Call<'_>, key: &str) -> Answered {
    call.admit(WRITE)?;
    let device = find(call, key)?.id.clone();
    let fields = Fields::required(call.request.body.as_ref())?;
    let value = fields.required_one_of("DeviceValue", WORTHS)?;
    let changed = call.state.truth.set_value(&device, value);
    let kind = EffectKind::SetDeviceValue;
    let effect = (changed == Some(true)).then(|| call.state.entities.record(kind, &device, value, call.now));
    labelled(call, &device, effect)
}

/// `PATCH /machines/{id}`. Its page contradicts itself; here the tags are the whole list.
pub(super) fn update(call: &mut Call<'_>, key: &str) -> Answered {
    call.admit(WRITE)?;
    let device = find(call, key)?.id.clone();
    let fields = Fields::required(call.request.body.as_ref())?;
    let tags = fields.list("machineTags")?.map(|tags| texts(tags, "machineTags")).transpose()?;
    let value = fields.one_of("deviceValue", WORTHS)?;
    if tags.is_none() && value.is_none() {
        return Err(ApiError::invalid_body(
            "There is nothing to update: names of fields are case-sensitive.",
        ));
    }
    let truth = &mut call.state.truth;
    let worth = value.and_then(|value| truth.set_value(&device, value)) == Some(true);
    let tagged = tags.as_ref().and_then(|tags| truth.set_tags(&device, tags)) == Some(true);
    let what: Vec<&str> = tags.into_iter().flatten().chain(value).collect();
    let effect = (worth || tagged)
        .then(|| call.state.entities.record(EffectKind::UpdateMachine, &device, what.join(","), call.now));
    labelled(call, &device, effect)
}

/// `POST /machines/AddOrRemoveTagForMultipleMachines`. All of them or none: what becomes of a request with a device that is
/// not there is not documented.
pub(super) fn tag_many(call: &mut Call<'_>) -> Answered {
    call.admit(WRITE)?;
    let fields = Fields::required(call.request.body.as_ref())?;
    let tag = fields.required_text("Value")?;
    let kind = match fields.required_one_of("Action", &["Add", "Remove"])? {
        "Add" => EffectKind::AddTag,
        _ => EffectKind::RemoveTag,
    };
    let mut devices = Vec::new();
    for key in texts(batch(&fields, "MachineIds")?, "MachineIds")? {
        devices.push(find(call, key)?.id.clone());
    }
    let mut first = None;
    for device in &devices {
        let changed = match kind {
            EffectKind::AddTag => call.state.truth.add_tag(device, tag),
            _ => call.state.truth.remove_tag(device, tag),
        };
        if changed == Some(true) {
            let effect = call.state.entities.record(kind, device, tag, call.now);
            first.get_or_insert(effect);
        }
    }
    let devices = devices.iter().filter_map(|device| call.state.truth.device(device));
    Ok(Done { effect: first, ..whole(call, "Machines", devices.map(machine_json)) })
}

fn labelled(call: &Call<'_>, device: &str, effect: Option<Effect>) -> Answered {
    let body = with_context(call.base(), "Machines/$entity", machine_json(find(call, device)?));
    Ok(Done { status: 200, body, effect })
}
