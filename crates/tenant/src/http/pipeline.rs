//! From a request to its answer: fault, route, operation, fault again, log.
//!
//! Nothing here waits. Whatever a request changes is changed and logged before its answer begins to travel, so a client
//! that hangs up early changes nothing about the truth.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use super::call::{Answered, Call, Done};
use super::error::ApiError;
use super::reply::{Delivery, Pause, Reply};
use super::route::Route;
use super::state::{Incoming, Shared, State};
use super::{actions, entity, investigations, library, live, machines, packages};
use crate::control;
use crate::fault::{FaultKind, RetryAfter, When};
use crate::log::{Effect, Entry, MAX_LINE};
use crate::oauth::{self, Place, Refusal, Version};
use crate::operation::Operation;
use crate::text::cut;

/// How far ahead the date is that a 429 may name.
const DATE_AHEAD: TimeDelta = TimeDelta::seconds(2);

/// Decides one request.
pub(super) fn respond(shared: &Shared, request: &Incoming) -> Reply {
    let route = Route::of(&request.method, &request.path);
    if let Route::Control(route) = &route {
        return control::respond(shared, route, request.body.as_ref());
    }
    let (reply, entry) = {
        let mut state = shared.state();
        let now = shared.now();
        let operation = route.operation();
        let fault = state.faults.strike(operation, route.is_list());
        let kind = fault.as_ref().map(|fault| fault.kind);
        let (reply, effect) = match kind.and_then(|kind| instead(kind, operation, request, &mut state, now)) {
            Some(reply) => (reply, None),
            None => {
                let (reply, effect) = seen(kind, shared, &mut state, request, &route, now);
                (afterwards(kind, operation, reply), effect)
            }
        };
        let entry = Entry {
            at: now,
            method: request.method.clone(),
            path: cut(&request.path, MAX_LINE),
            // The query of a link is a secret, and nothing else.
            query: request
                .query
                .as_deref()
                .filter(|_| route != Route::Package)
                .map(|query| cut(query, MAX_LINE)),
            operation,
            status: reply.logged(),
            fault,
            effect,
        };
        state.log.push(entry.clone());
        (reply, entry)
    };
    // Outside of the lock, so that the callback may ask the tenant something.
    if let Some(on_request) = &shared.config.on_request {
        on_request(&entry);
    }
    reply
}

/// The answer of a fault that strikes before the effect; `None` where the request is performed first.
fn instead(
    kind: FaultKind,
    operation: Operation,
    request: &Incoming,
    state: &mut State,
    now: DateTime<Utc>,
) -> Option<Reply> {
    match kind {
        FaultKind::TooManyRequests(pause) => Some(failure(operation, 429).with_retry_after(match pause {
            RetryAfter::Seconds(seconds) => Some(Pause::Seconds(seconds.into())),
            RetryAfter::Date => Some(Pause::Until { date: now + DATE_AHEAD, now }),
            RetryAfter::Missing => None,
        })),
        FaultKind::ServerError { status, when: When::Before } => Some(failure(operation, status.code())),
        FaultKind::Drop(When::Before) => Some(failure(operation, 500).delivered(Delivery::Never)),
        FaultKind::Unauthorized => {
            if let Some(token) = &request.bearer {
                state.tokens.revoke(token);
            }
            Some(match operation {
                Operation::Token | Operation::OpenidConfiguration => refused(&Refusal::bad_secret(), now),
                _ => ApiError::unauthorized().into(),
            })
        }
        FaultKind::ExpiredToken => {
            state.tokens.expire_all();
            Some(Reply::from(ApiError::expired_token()).with_challenge())
        }
        FaultKind::Forbidden => Some(match operation {
            Operation::SafeDownload => {
                state.packages.revoke(request);
                Reply::link_refused()
            }
            _ => failure(operation, 403),
        }),
        FaultKind::ServerError { when: When::After, .. }
        | FaultKind::Drop(When::After)
        | FaultKind::Malformed(_)
        | FaultKind::WrongRange
        | FaultKind::Latency(_)
        | FaultKind::Stale(_) => None,
    }
}

/// What a fault makes of the answer to a request that was performed.
fn afterwards(kind: Option<FaultKind>, operation: Operation, reply: Reply) -> Reply {
    match kind {
        Some(FaultKind::ServerError { status, .. }) => failure(operation, status.code()),
        Some(FaultKind::Drop(_)) => reply.delivered(Delivery::Never),
        Some(FaultKind::Malformed(how)) => reply.broken(how),
        Some(FaultKind::WrongRange) => reply.shifted(),
        Some(FaultKind::Latency(by)) => reply.delivered(Delivery::Late(by)),
        Some(
            FaultKind::TooManyRequests(_)
            | FaultKind::Unauthorized
            | FaultKind::ExpiredToken
            | FaultKind::Forbidden
            | FaultKind::Stale(_),
        )
        | None => reply,
    }
}

/// A failure in the words of the one that was asked: the authority writes its errors in another form.
fn failure(operation: Operation, status: u16) -> Reply {
    match operation {
        Operation::Token | Operation::OpenidConfiguration => Reply::json(
            status,
            &json!({
                "error": "temporarily_unavailable",
                "error_description": "The simulated authority was told to answer so.",
                "error_codes": [],
            }),
        ),
        _ if status == 429 => ApiError::too_many_requests(1).into(),
        _ => ApiError::ordered(status).into(),
    }
}

/// Performs a request, on things as they are or as they were.
fn seen(
    fault: Option<FaultKind>,
    shared: &Shared,
    state: &mut State,
    request: &Incoming,
    route: &Route,
    now: DateTime<Utc>,
) -> (Reply, Option<Effect>) {
    match fault {
        Some(FaultKind::Stale(by)) => {
            let view = now - by;
            state.as_of(view, |state| perform(shared, state, request, route, Times { now, view }))
        }
        _ if route.changes_things() => {
            state.change(now, |state| perform(shared, state, request, route, Times { now, view: now }))
        }
        _ => perform(shared, state, request, route, Times { now, view: now }),
    }
}

/// When a request comes, and the time whose things it sees.
struct Times {
    now: DateTime<Utc>,
    view: DateTime<Utc>,
}

fn perform(
    shared: &Shared,
    state: &mut State,
    request: &Incoming,
    route: &Route,
    Times { now, view }: Times,
) -> (Reply, Option<Effect>) {
    let config = &shared.config;
    let mut call = Call { config, state, request, operation: route.operation(), now, view };
    let answered: Answered = match route {
        Route::Token { tenant, version } => return (token(&mut call, tenant, *version), None),
        Route::Metadata { tenant, version } => return (metadata(&call, tenant, *version), None),
        Route::Identity(place) => return (identity(&mut call, *place), None),
        Route::Package => return (packages::download(config, call.state, request, now), None),
        Route::Machines => machines::list(&mut call),
        Route::Machine { device } => machines::get(&mut call, device),
        Route::Act { device, kind } => machines::act(&mut call, device, *kind),
        Route::Actions => actions::list(&mut call),
        Route::Action { id } => actions::get(&mut call, id),
        Route::PackageUri { id } => actions::package_uri(&mut call, id),
        Route::Cancel { id } => actions::cancel(&mut call, id),
        Route::Entity(route) => entity::answer(&mut call, route),
        Route::LiveResult { id, index } => live::result(&mut call, id, *index),
        Route::LibraryFiles => library::list(&mut call),
        Route::Upload => library::upload(&mut call),
        Route::LibraryFile { name } => library::delete(&mut call, name),
        Route::Investigate { device } => investigations::start(&mut call, device),
        Route::Investigations => investigations::list(&mut call),
        Route::Investigation { id } => investigations::get(&mut call, id),
        Route::Control(_) | Route::Unknown => Err(ApiError::no_route(&request.method, &request.path)),
    };
    match answered {
        Ok(Done { status, body: Json::Null, effect }) => (Reply::empty(status), effect),
        Ok(done) => (Reply::json(done.status, &done.body), done.effect),
        Err(error) => (error.into(), None),
    }
}

fn token(call: &mut Call<'_>, tenant: &str, version: Version) -> Reply {
    // A form too large to be read holds no parameter that anybody could find.
    let form = call.request.body.as_deref().unwrap_or_default();
    let base = call.base();
    match oauth::check(tenant, version, form, base, call.config.registration(), call.now) {
        Ok(resource) => {
            let answer = call.state.tokens.issue(call.config, version, &resource, base, call.now);
            Reply::json(200, &answer)
        }
        Err(refusal) => refused(&refusal, call.now),
    }
}

fn identity(call: &mut Call<'_>, place: Place) -> Reply {
    let query = call.request.query.as_deref().unwrap_or_default();
    let base = call.base();
    let is_direct = match place {
        Place::Vm => call.request.is_direct,
        Place::App => call.request.identity.as_ref() == Some(&call.config.identity_header),
    };
    match oauth::check_identity(place, query, is_direct, base, call.config) {
        Ok(resource) => {
            // Their answers have the older endpoint's form; an app is told the end of its token only.
            let mut answer = call.state.tokens.issue(call.config, Version::V1, &resource, base, call.now);
            if let (Place::App, Some(answer)) = (place, answer.as_object_mut()) {
                answer.retain(|name, _| !matches!(name.as_str(), "expires_in" | "ext_expires_in"));
            }
            Reply::json(200, &answer)
        }
        Err(body) => Reply::json(400, &body),
    }
}

fn metadata(call: &Call<'_>, tenant: &str, version: Version) -> Reply {
    match oauth::metadata(tenant, version, call.base(), call.config.registration()) {
        Ok(document) => Reply::json(200, &document),
        Err(refusal) => refused(&refusal, call.now),
    }
}

fn refused(refusal: &Refusal, now: DateTime<Utc>) -> Reply {
    Reply::json(refusal.status, &refusal.body(now))
}
