//! `POST /hooks/{name}`, from the first header to the answer.
//!
//! In the order of what it costs us: the address, a place among the requests in flight, what the headers claim, the kind of
//! body, the body, whether the claim is true, the rate, the JSON, the binding, and the runs. Strangers get no further than the
//! claim; they cannot use up a webhook's rate.

use super::answer::{Answer, Heard};
use super::limits::Limits;
use super::meter::Meter;
use super::receive;
use crate::api::Refused;
use crate::hooks::{Bucket, Hook, Hooks, Order, REFUSED_IN_LOG, Unproven, orders};
use crate::http::Peer;
use crate::intake::Intake;
use crate::problem::{Kind, Problem};
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::Extensions;
use axum::response::{IntoResponse, Response};
use riposte_engine::{Begun, Clock, Delivery};
use riposte_executor::{BeginError, GateError, HostError, NewRun};
use riposte_model::RunId;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// Longest token of a handshake.
const MAX_TOKEN: usize = 2048;

/// What stands behind the doors. Clones are the same.
#[derive(Clone)]
pub struct Doors {
    shared: Arc<Shared>,
}

struct Shared {
    hooks: RwLock<Arc<Hooks>>,
    intake: Arc<dyn Intake>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    /// Most bytes of a body, which may change meanwhile.
    body: AtomicU64,
    room: Arc<Semaphore>,
    /// How many of those are logged who did not prove who they are.
    logged: Bucket,
    meter: Meter,
    beginnings: TaskTracker,
}

impl Doors {
    /// With these webhooks, until they are replaced.
    pub fn new(hooks: Hooks, intake: Arc<dyn Intake>, clock: Arc<dyn Clock>, limits: Limits) -> Doors {
        let shared = Shared {
            hooks: RwLock::new(Arc::new(hooks)),
            intake,
            clock,
            room: Arc::new(Semaphore::new(limits.in_flight)),
            body: AtomicU64::new(limits.body),
            limits,
            logged: Bucket::new(REFUSED_IN_LOG),
            meter: Meter::default(),
            beginnings: TaskTracker::new(),
        };
        Doors { shared: Arc::new(shared) }
    }

    /// Replaces all webhooks at once. Requests under way end with those that they began with.
    pub fn replace(&self, hooks: Hooks) {
        *self.shared.hooks.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(hooks);
    }

    /// Changes how large bodies may be, for requests that come from now on.
    pub fn limit_bodies(&self, bytes: u64) {
        self.shared.body.store(bytes, Ordering::Relaxed);
    }

    /// How often what was answered.
    pub fn meter(&self) -> &Meter {
        &self.shared.meter
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Waits for runs that are on their way to the disk, also those whose senders have gone. Comes after the last request.
    pub async fn settle(&self) {
        self.shared.beginnings.close();
        self.shared.beginnings.wait().await;
    }

    /// The names of the webhooks that are there now.
    pub fn names(&self) -> Vec<String> {
        let hooks = self.shared.hooks.read().unwrap_or_else(PoisonError::into_inner);
        hooks.iter().map(|hook| hook.name.clone()).collect()
    }

    fn hook(&self, name: &str) -> Option<Arc<Hook>> {
        self.shared.hooks.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Whoever runs the daemon learns why, whoever knocks does not.
    fn unproven(&self, hook: &Hook, extensions: &Extensions, why: Unproven) -> Problem {
        if self.shared.logged.take(self.shared.clock.now()).is_ok() {
            let from = extensions.get::<Peer>().map(ToString::to_string);
            tracing::warn!(hook = hook.name, from, why = why.why(), "a webhook refused somebody");
        }
        Problem::new(Kind::Unproven)
    }

    async fn knock(&self, hook: &Arc<Hook>, request: Request<Body>) -> Result<Answer, Problem> {
        let room = self.shared.room.clone().try_acquire_owned().map_err(|_| Problem::new(Kind::Busy))?;
        if let Some(token) = validation_token(request.uri().query()) {
            return token.map(Answer::Handshake);
        }
        let (head, body) = request.into_parts();
        let now = self.shared.clock.now();
        let unproven = |why: Unproven| self.unproven(hook, &head.extensions, why);
        if let Some(limit) = hook.guard.long_id(&head.headers) {
            return Err(Problem::with(Kind::LongId, format!("at most {limit} bytes are kept of it")));
        }
        let proof = hook.guard.receive(&head.headers, now).map_err(unproven)?;
        receive::check_kind(&head.headers)?;
        let limits = Limits { body: self.shared.body.load(Ordering::Relaxed), ..self.shared.limits };
        let body = receive::read(&head.headers, body, &limits).await?;
        let id = hook.guard.verify(&proof, &body).map_err(unproven)?;
        let now = self.shared.clock.now();
        hook.bucket.take(now).map_err(Problem::rate)?;
        // The parser itself goes no deeper than 127 levels.
        let parsed: Arc<Value> = serde_json::from_slice(&body)
            .map_err(|error| Problem::malformed(error.line(), error.column()))?;
        drop(body);
        let Order { runs, filtered } = orders(hook, &parsed, id, now).map_err(Problem::unfit)?;
        if filtered > 0 {
            self.shared.meter.filter(&hook.name, filtered);
            tracing::debug!(hook = hook.name, filtered, "events that no trigger wants");
        }
        if runs.is_empty() {
            return Ok(Answer::Filtered);
        }
        let begun = self.begin(hook, runs, room).await?;
        match begun[..] {
            [(run, begun)] if !hook.is_many() => Ok(Answer::One(run, begun)),
            _ => Ok(Answer::Many(begun, filtered)),
        }
    }

    /// Begins runs in a task of its own: a sender that goes away takes with it the answer, and not what stands between a run
    /// on disk and somebody who drives it.
    async fn begin(
        &self,
        hook: &Arc<Hook>,
        runs: Vec<(NewRun, Option<Delivery>)>,
        room: OwnedSemaphorePermit,
    ) -> Result<Vec<(RunId, Begun)>, Problem> {
        let (intake, name) = (self.shared.intake.clone(), hook.name.clone());
        let begun = self.shared.beginnings.spawn(async move {
            let _room = room;
            let begun = intake.begin(runs).await;
            begun.map_err(|error| {
                tell(&name, &error);
                Problem::of_intake(&error)
            })
        });
        begun.await.unwrap_or_else(|panicked| {
            tracing::error!(
                hook = hook.name,
                error = &panicked as &dyn std::error::Error,
                "beginning runs panicked"
            );
            Err(Problem::new(Kind::Journal))
        })
    }

    fn answer(&self, hook: &str, answer: impl IntoResponse) -> Response {
        let response = answer.into_response();
        self.shared.meter.count(hook, response.status().as_u16());
        response
    }
}

/// Says in the log that nothing was begun. A key of `concurrency`, and what is wrong with computing one, come from the body,
/// which is not for the log.
fn tell(hook: &str, error: &HostError) {
    match error {
        HostError::Begin(BeginError::Gate(GateError::Full { playbook, limit, .. })) => {
            tracing::warn!(hook, %playbook, limit, "a webhook started nothing: the playbook is under way, and says `when_full: skip`");
        }
        HostError::Begin(BeginError::Gate(GateError::Key(_))) => {
            tracing::warn!(hook, "a webhook started nothing: the key of `concurrency` cannot be computed");
        }
        HostError::Begin(_) | HostError::Store(_) | HostError::Busy | HostError::Closing => {
            tracing::warn!(hook, error = error as &dyn std::error::Error, "a webhook started nothing");
        }
    }
}

/// The routes of the doors.
pub fn router(doors: Doors) -> Router {
    let (router, _) = described().split_for_parts();
    router.fallback(nowhere).with_state(doors)
}

/// The routes, each with its description.
pub(crate) fn described() -> OpenApiRouter<Doors> {
    OpenApiRouter::default().routes(routes!(knock).map(|methods| methods.fallback(other_method)))
}

/// Tell of an event
///
/// Who tells proves who it is, as the playbook's `auth` says: by a signature over the body, or by a token. Runs that are named in
/// the answer are on disk. A delivery that comes again is answered with what it began the first time.
#[utoipa::path(
    post, path = "/hooks/{name}", operation_id = "tell", tag = "webhooks",
    params(
        ("name" = String, Path, description = "The webhook's name"),
        ("validationToken" = Option<String>, Query, nullable = false, min_length = 1, max_length = 2048,
         pattern = r"^[ !#$%()*+,\-./0-9:;=?@A-Z\[\\\]^_a-z{|}~]*$", description = "Microsoft Graph's question whether somebody \
         is here: answered with the token alone"),
    ),
    request_body(content = Value, description = "The event, as its sender has it; the playbook says where its inputs are"),
    responses(
        (status = 202, description = "Runs have begun", body = Heard),
        (status = 200, description = "Nothing new has begun: they had begun before, or no trigger wants the event; or it was the \
         question of Microsoft Graph", content((Heard = "application/json"), (String = "text/plain"))),
        Refused<400>, Refused<401>, Refused<404>, Refused<408>, Refused<409>, Refused<413>, Refused<415>, Refused<422>,
        Refused<429>, Refused<503>,
    ),
)]
async fn knock(
    State(doors): State<Doors>,
    name: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let hook = name.ok().and_then(|Path(name)| doors.hook(&name));
    let Some(hook) = hook else { return doors.answer("", Problem::new(Kind::NotFound)) };
    match doors.knock(&hook, request).await {
        Ok(answer) => doors.answer(&hook.name, answer),
        Err(problem) => doors.answer(&hook.name, problem),
    }
}

async fn other_method(State(doors): State<Doors>, name: Result<Path<String>, PathRejection>) -> Response {
    match name.ok().and_then(|Path(name)| doors.hook(&name)) {
        Some(hook) => doors.answer(&hook.name, Problem::with(Kind::Method, "a webhook takes POST")),
        None => doors.answer("", Problem::new(Kind::NotFound)),
    }
}

async fn nowhere(State(doors): State<Doors>) -> Response {
    doors.answer("", Problem::new(Kind::NotFound))
}

/// Microsoft Graph's question whether somebody is here, before it sends anything: `?validationToken=…`.
///
/// It is answered to anybody, so that nothing is given back that a browser or a log could take for more than text.
fn validation_token(query: Option<&str>) -> Option<Result<String, Problem>> {
    let mut pairs = url::form_urlencoded::parse(query?.as_bytes());
    let token = pairs.find(|(key, _)| key == "validationToken").map(|(_, token)| token.into_owned())?;
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && !b"<>&\"'`".contains(&byte);
    let fits = (1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(plain);
    Some(if fits { Ok(token) } else { Err(Problem::new(Kind::Handshake)) })
}
