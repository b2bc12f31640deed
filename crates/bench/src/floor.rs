//! The floor: what no program can do without for the same load. It takes a webhook, looks at one condition, and carries out
//! the two actions one after the other; whatever has to be on disk before the next thing happens is on disk.
//!
//! ```text
//!   POST /hooks/bench ─► run_started, call_intended ─► 202
//!                        POST isolate ─► call_accepted ─► (poll)
//!                        call_succeeded, call_intended ─► POST scan ─► call_accepted ─► (poll)
//!                        call_succeeded, run_finished
//! ```
//!
//! Eight rows in five commits for a run that is alone, as riposte writes them, in one table, through the same driver. There is no
//! playbook, no expression, no schema, no retry, no recovery, no cancellation and no budget: that is the point.

mod calls;
mod follow;
mod journal;

pub(crate) use calls::Library;

use crate::http::{self, Answer};
use anyhow::{Context, Result};
use calls::Calls;
use follow::Follower;
use hyper::body::{Bytes, Incoming};
use hyper::header::AUTHORIZATION;
use hyper::{Method, Request, StatusCode};
use journal::{Journal, Row};
use serde::{Deserialize, Serialize};
use serde_json::value::Value;
use serde_json::{Map, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// What the floor works with.
pub(crate) struct Floor {
    journal: Journal,
    provider: Arc<Calls>,
    follower: Follower,
    bearer: String,
    next: AtomicI64,
    runs: TaskTracker,
}

/// What is read of an alert.
#[derive(Deserialize, Serialize)]
struct Alert {
    #[serde(rename = "machineId")]
    machine: String,
    severity: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// What is read of an action that was opened.
#[derive(Deserialize)]
struct Opened {
    id: String,
}

impl Floor {
    /// Over a journal in a folder, for a provider that it calls through a library, and asks at most every `pause` where actions are.
    pub(crate) async fn start(
        folder: &Path,
        provider: SocketAddr,
        library: Library,
        token: &str,
        pause: Duration,
    ) -> Result<Arc<Floor>> {
        let provider = Arc::new(Calls::new(library, provider)?);
        let path = "/11111111-2222-4333-8444-555555555555/oauth2/v2.0/token";
        provider.post(path, Bytes::new()).await.context("no token")?;
        let journal = Journal::open(&folder.join("journal.db")).await?;
        let follower = Follower::new(provider.clone(), pause);
        let bearer = format!("Bearer {token}");
        let next = AtomicI64::new(journal.last_run() + 1);
        Ok(Arc::new(Floor { journal, provider, follower, bearer, next, runs: TaskTracker::new() }))
    }

    /// Serves until the process ends.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener) -> Result<()> {
        http::serve(listener, move |request| {
            let floor = self.clone();
            async move { floor.answer(request).await }
        })
        .await
    }

    /// Waits for the runs under way and closes the journal.
    pub(crate) async fn close(&self) -> Result<()> {
        self.runs.close();
        self.runs.wait().await;
        self.journal.close().await
    }

    async fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answer {
        let proven = request.headers().get(AUTHORIZATION).is_some_and(|given| *given == *self.bearer);
        if request.method() != Method::POST || request.uri().path() != "/hooks/bench" || !proven {
            return http::text(StatusCode::NOT_FOUND, "nothing is here".to_owned());
        }
        let body = http::read(request.into_body()).await;
        let Ok(alert) = serde_json::from_slice::<Alert>(&body) else {
            return http::text(StatusCode::UNPROCESSABLE_ENTITY, "this is no alert".to_owned());
        };
        if alert.severity != "High" {
            return http::json(StatusCode::OK, json!({ "filtered": true }).to_string());
        }
        match self.begin(alert).await {
            Ok(run) => http::json(StatusCode::ACCEPTED, json!({ "run_id": run }).to_string()),
            Err(error) => http::text(StatusCode::SERVICE_UNAVAILABLE, format!("{error:#}")),
        }
    }

    async fn begin(self: &Arc<Self>, alert: Alert) -> Result<i64> {
        let run = self.next.fetch_add(1, Ordering::Relaxed);
        let machine = alert.machine.clone();
        let started = Row::new(run, 1, "run_started", &json!({ "playbook": "bench", "body": alert }));
        self.journal.append(vec![started, intended(run, 2, "isolate", &machine)]).await?;
        let floor = self.clone();
        self.runs.spawn(async move {
            if let Err(error) = floor.carry_out(run, &machine).await {
                complain(&format!("run {run}: {error:#}"));
            }
        });
        Ok(run)
    }

    async fn carry_out(&self, run: i64, machine: &str) -> Result<()> {
        let isolate = json!({ "IsolationType": "Full" });
        let isolated = self.act(run, 3, machine, "isolate", isolate).await?;
        let succeeded = Row::new(run, 4, "call_succeeded", &isolated);
        self.journal.append(vec![succeeded, intended(run, 5, "runAntiVirusScan", machine)]).await?;
        let scanned = self.act(run, 6, machine, "runAntiVirusScan", json!({ "ScanType": "Quick" })).await?;
        let succeeded = Row::new(run, 7, "call_succeeded", &scanned);
        let finished = Row::new(run, 8, "run_finished", &json!({ "status": "succeeded" }));
        self.journal.append(vec![succeeded, finished]).await
    }

    /// Makes one call whose intent is on disk, and follows it to its end.
    async fn act(&self, run: i64, seq: i64, machine: &str, operation: &str, body: Value) -> Result<Value> {
        let mut body = body;
        body["Comment"] = comment(run, operation).into();
        let path = format!("/api/machines/{machine}/{operation}");
        let opened = self.provider.post(&path, Bytes::from(body.to_string())).await?;
        let opened: Opened = serde_json::from_slice(&opened)?;
        let accepted = Row::new(run, seq, "call_accepted", &json!({ "provider_id": opened.id }));
        self.journal.append(vec![accepted]).await?;
        self.follower.end_of(opened.id).await
    }
}

fn comment(run: i64, operation: &str) -> String {
    format!("[riposte run_{run:032x} {operation} 1] Alert of the benchmark")
}

fn intended(run: i64, seq: i64, operation: &str, machine: &str) -> Row {
    let comment = comment(run, operation);
    Row::new(
        run,
        seq,
        "call_intended",
        &json!({ "action": operation, "machine_id": machine, "comment": comment }),
    )
}

#[expect(clippy::print_stderr, reason = "the benchmark reads this when something goes wrong")]
fn complain(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests;
