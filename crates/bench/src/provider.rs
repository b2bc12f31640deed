//! A Defender that costs next to nothing: it takes what riposte's client really asks, and every action ends after a fixed
//! time. It is no model of the service (that is `riposte-tenant`): nothing ever fails, and nothing is checked.

mod actions;

use crate::http::{self, Answer};
use actions::{Actions, Kind};
use anyhow::Result;
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, StatusCode};
use serde_json::json;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

/// The provider's state.
pub(crate) struct Provider {
    actions: Mutex<Actions>,
}

impl Provider {
    /// One whose actions end after `time`.
    pub(crate) fn new(time: Duration) -> Arc<Provider> {
        Arc::new(Provider { actions: Mutex::new(Actions::new(time)) })
    }

    /// Serves until the process ends.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener) -> Result<()> {
        http::serve(listener, move |request| {
            let provider = self.clone();
            async move { provider.answer(request).await }
        })
        .await
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        if head.method == Method::GET {
            return self.look(path, head.uri.query().unwrap_or_default());
        }
        // When the request came, not when its body was read.
        let at = crate::clock::wall_micros();
        if path.ends_with("/oauth2/v2.0/token") {
            return token();
        }
        match path.strip_prefix("/bench/") {
            Some(order) => self.order(order),
            None => {
                let body = http::read(body).await;
                self.open(path, &body, at)
            }
        }
    }

    /// `POST /api/machines/{id}/{operation}`
    fn open(&self, path: &str, body: &Bytes, at: u64) -> Answer {
        let mut parts = path.strip_prefix("/api/machines/").unwrap_or_default().split('/');
        let (machine, operation) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let kind = match operation {
            "isolate" => Kind::Isolate,
            "runAntiVirusScan" => Kind::Scan,
            _ => return http::text(StatusCode::NOT_FOUND, "there is no such operation".to_owned()),
        };
        http::json(StatusCode::CREATED, self.actions().open(kind, machine, body, at))
    }

    fn look(&self, path: &str, query: &str) -> Answer {
        match path {
            "/api/machineactions" => http::json(StatusCode::OK, self.actions().list(query)),
            "/bench/counts" => http::json(StatusCode::OK, self.actions().counts().to_string()),
            "/bench/arrivals" => http::json(StatusCode::OK, json!(self.actions().arrivals()).to_string()),
            _ => match path.strip_prefix("/api/machineactions/").and_then(|id| self.actions().one(id)) {
                Some(action) => http::json(StatusCode::OK, action),
                None => http::text(StatusCode::NOT_FOUND, "nothing is here".to_owned()),
            },
        }
    }

    /// What the benchmark asks for, beside what Defender knows.
    fn order(&self, order: &str) -> Answer {
        match order {
            "reset" => self.actions().reset(),
            "hold" => self.actions().hold(true),
            "release" => self.actions().hold(false),
            _ => return http::text(StatusCode::NOT_FOUND, "there is no such order".to_owned()),
        }
        http::json(StatusCode::OK, "{}".to_owned())
    }

    fn actions(&self) -> MutexGuard<'_, Actions> {
        self.actions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn token() -> Answer {
    let body = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": "only.a.benchmark" });
    http::json(StatusCode::OK, body.to_string())
}
