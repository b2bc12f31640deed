//! An engine that only takes notes, a clock that stands, and requests without a network.

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, Response};
use riposte_engine::{Begun, Clock, Delivery};
use riposte_executor::{HostError, NewRun};
use riposte_model::{Catalogue, RunId, Timestamp};
use riposte_playbook::{Playbook, Style, load};
use riposte_server::Intake;
use riposte_server::config::{Rate, SecretError, WebhooksConfig};
use riposte_server::hooks::{Hooks, HooksError};
use riposte_server::http::{Doors, Limits, router};
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;
use uuid::Uuid;

/// Midday of some day.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_764_158_400_000);

pub(crate) const TOKEN: &str = "correct horse battery staple";
/// 24 bytes, as Standard Webhooks writes its own example.
pub(crate) const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Default)]
pub(crate) struct Noted {
    pub(crate) runs: Vec<(RunId, String, Option<Delivery>)>,
    first: HashMap<(String, String), RunId>,
    /// What the next requests are refused with, the last first.
    pub(crate) refusals: Vec<HostError>,
}

/// An engine that takes notes, and knows deliveries as the journal does.
#[derive(Clone, Default)]
pub(crate) struct Notes(pub(crate) Arc<Mutex<Noted>>);

#[async_trait]
impl Intake for Notes {
    async fn begin(&self, new: Vec<(NewRun, Option<Delivery>)>) -> Result<Vec<(RunId, Begun)>, HostError> {
        let mut noted = self.0.lock().unwrap();
        if let Some(refusal) = noted.refusals.pop() {
            return Err(refusal);
        }
        let mut answer = Vec::new();
        for (new, delivery) in new {
            let id = RunId::from_uuid(Uuid::from_u128(noted.runs.len() as u128 + 1));
            let known = delivery.as_ref().map(|delivery| (delivery.source.clone(), delivery.key.clone()));
            if let Some(first) = known.as_ref().and_then(|known| noted.first.get(known)) {
                answer.push((id, Begun::Already(*first)));
                continue;
            }
            if let Some(known) = known {
                noted.first.insert(known, id);
            }
            noted.runs.push((id, new.playbook.name.to_string(), delivery));
            answer.push((id, Begun::New));
        }
        Ok(answer)
    }
}

/// A clock that stands until it is set.
pub(crate) struct StandingClock(pub(crate) Mutex<Timestamp>);

#[async_trait]
impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep_until(&self, _: Timestamp) {
        std::future::pending::<()>().await;
    }
}

pub(crate) fn playbook(name: &str, triggers: &str) -> Arc<Playbook> {
    let source = format!(
        "name: {name}\ninputs:\n  device: {{ type: string, pattern: \"^[0-9a-f]{{4}}$\" }}\n  alert: {{ type: string, default: \
         \"\" }}\ntriggers:\n{triggers}steps:\n  - stop: done\n"
    );
    let loaded = load("test.yaml", &source, &Catalogue::default());
    let report = loaded.report;
    loaded.playbook.unwrap_or_else(|| panic!("{}", report.render(Style::Plain)))
}

/// A trigger with this `auth`, and further lines.
pub(crate) fn trigger(hook: &str, auth: &str, lines: &[&str]) -> String {
    let mut text = format!("  - webhook: {hook}\n    auth: {auth}\n");
    for line in ["bind: { device: $.device, alert: { path: $.alert, optional: true } }"].iter().chain(lines) {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

pub(crate) const BEARER: &str = "{ bearer: { token: { credential: token } } }";
pub(crate) const HMAC: &str =
    "{ hmac_sha256: { secret: { credential: token }, header: X-Hub-Signature-256 } }";
pub(crate) const STANDARD: &str = "{ standard_webhooks: { secret: { credential: whsec } } }";

pub(crate) fn secret(name: &str) -> Result<SecretString, SecretError> {
    match name {
        "token" => Ok(TOKEN.into()),
        "whsec" => Ok(WHSEC.into()),
        "short" => Ok("hunter2".into()),
        _ => Err(SecretError::Env(name.to_owned())),
    }
}

pub(crate) fn rate(count: u32) -> Rate {
    Rate { count, per: Duration::from_secs(1) }
}

pub(crate) fn hooks(playbooks: &[Arc<Playbook>]) -> Result<Hooks, HooksError> {
    Hooks::new(playbooks, rate(100), &secret)
}

pub(crate) struct House {
    pub(crate) doors: Doors,
    pub(crate) notes: Notes,
    pub(crate) clock: Arc<StandingClock>,
}

impl House {
    pub(crate) fn new(playbooks: &[Arc<Playbook>]) -> House {
        House::with(hooks(playbooks).unwrap(), Limits::of(&WebhooksConfig::default()))
    }

    /// One playbook with one trigger without `auth`.
    pub(crate) fn open(lines: &[&str]) -> House {
        House::new(&[playbook("contain", &trigger("alert", "none", lines))])
    }

    pub(crate) fn with(hooks: Hooks, limits: Limits) -> House {
        let notes = Notes::default();
        let clock = Arc::new(StandingClock(Mutex::new(NOW)));
        let doors = Doors::new(hooks, Arc::new(notes.clone()), clock.clone(), limits);
        House { doors, notes, clock }
    }

    /// Status, the headers that say something, and the body.
    pub(crate) async fn ask(&self, request: Request<Body>) -> (u16, String) {
        let response = router(self.doors.clone()).oneshot(request).await.unwrap();
        said(response).await
    }

    pub(crate) async fn post(&self, body: &str) -> (u16, String) {
        self.ask(post("/hooks/alert", &[], body.to_owned())).await
    }

    pub(crate) fn begun(&self) -> usize {
        self.notes.0.lock().unwrap().runs.len()
    }
}

pub(crate) fn post(path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post(path);
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

async fn said(response: Response<Body>) -> (u16, String) {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let mut text = String::new();
    for name in ["content-type", "retry-after", "allow", "www-authenticate"] {
        if let Some(value) = headers.get(name) {
            text.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
        }
    }
    text.push_str(std::str::from_utf8(&body).unwrap());
    (status, text)
}
