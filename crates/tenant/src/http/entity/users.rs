//! Users, and where they logged on.

use serde_json::{Value as Json, json};

use super::machines::find;
use super::{alerts, whole};
use crate::clock::stamp;
use crate::http::call::{Answered, Call};
use crate::http::wire::machine_json;
use crate::truth::{Entities, Logon, User};

pub(super) const READ: &[&str] = &["User.Read.All"];
/// Its page names the permission to write alone.
const READ_MACHINES: &[&str] = &["Machine.ReadWrite.All"];

/// `GET /machines/{id}/logonusers`
pub(super) fn of_device(call: &mut Call<'_>, key: &str) -> Answered {
    call.admit(READ)?;
    let device = &find(call, key)?.id;
    let users = call.state.entities.users_of(device).map(|(user, logon)| user_json(user, logon));
    Ok(whole(call, "Users", users))
}

/// `GET /users/{name}/machines`. Nowhere, if nobody knows the user.
pub(super) fn machines(call: &mut Call<'_>, name: &str) -> Answered {
    call.admit(READ_MACHINES)?;
    let logons =
        call.state.entities.user(name).into_iter().flat_map(|user| call.state.entities.logons_of(user));
    let devices = logons.filter_map(|logon| call.state.truth.device(&logon.device));
    Ok(whole(call, "Machines", devices.map(machine_json)))
}

/// `GET /users/{name}/alerts`. None, if nobody knows the user.
pub(super) fn alerts(call: &mut Call<'_>, name: &str) -> Answered {
    call.admit(alerts::READ)?;
    let user = call.state.entities.user(name).map(|user| user.name.clone());
    alerts::of(call, |alert| user.is_some() && alert.user == user)
}

/// A user as seen on one device.
fn user_json(user: &User, logon: &Logon) -> Json {
    json!({
        "id": user.id(),
        "accountName": user.name,
        "accountDomain": user.domain,
        "firstSeen": stamp(logon.first),
        "lastSeen": stamp(logon.last),
        "logonTypes": logon.kinds,
        "isDomainAdmin": user.admin,
        "isOnlyNetworkUser": logon.kinds == "Network",
    })
}

/// A user as seen on all devices.
pub(super) fn whole_user_json(user: &User, entities: &Entities) -> Json {
    let logons: Vec<&Logon> = entities.logons_of(user).collect();
    json!({
        "id": user.id(),
        "accountName": user.name,
        "accountDomain": user.domain,
        "accountSid": user.sid,
        "firstSeen": logons.iter().map(|logon| logon.first).min().map(stamp),
        "lastSeen": logons.iter().map(|logon| logon.last).max().map(stamp),
        "mostPrevalentMachineId": logons.first().map(|logon| &logon.device),
        "leastPrevalentMachineId": logons.last().map(|logon| &logon.device),
        "logonTypes": logons.first().map(|logon| logon.kinds),
        "logOnMachinesCount": logons.len(),
        "isDomainAdmin": user.admin,
        "isOnlyNetworkUser": logons.iter().all(|logon| logon.kinds == "Network"),
    })
}
