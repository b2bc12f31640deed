//! Talking to the daemon that drives the runs of a journal, if there is one.

use crate::command::place::Place;
use crate::exit::no_daemon;
use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use riposte_model::RunId;
use serde_json::Value;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;
use tokio::net::UnixStream;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most bytes of an answer.
const MAX_ANSWER: usize = 64 << 20;

/// What a daemon would not do.
#[derive(Debug, thiserror::Error)]
#[error("{}{detail}", Refused::before(*status))]
pub(crate) struct Refused {
    pub(super) status: StatusCode,
    detail: String,
}

impl Refused {
    /// What stands before the detail.
    fn before(status: StatusCode) -> &'static str {
        match status {
            StatusCode::NOT_FOUND => "",
            StatusCode::SERVICE_UNAVAILABLE => "the daemon cannot do that now: ",
            _ => "the daemon refuses: ",
        }
    }

    /// Whether it is the order that has to be another one.
    pub(crate) fn is_wrong(&self) -> bool {
        let wrong = [StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::UNPROCESSABLE_ENTITY];
        wrong.contains(&self.status)
    }
}

/// A daemon that answers.
pub(super) struct Daemon {
    connection: SendRequest<Full<Bytes>>,
}

impl Daemon {
    /// The daemon of this folder, if one is there.
    pub(super) async fn of(socket: &Path) -> Result<Option<Daemon>> {
        let unreachable = || format!("cannot speak to the daemon at {}", socket.display());
        let stream = match UnixStream::connect(socket).await {
            Ok(stream) => stream,
            // None has ever been there, or it has ended.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(no_daemon(format!(
                    "the daemon at {} takes orders from root, its own user and its group only",
                    socket.display()
                )));
            }
            Err(error) => return Err(error).with_context(unreachable),
        };
        let (connection, driver) = handshake(TokioIo::new(stream)).await.with_context(unreachable)?;
        // Ends with the connection; what goes wrong there, whoever asks is told.
        tokio::spawn(driver);
        Ok(Some(Daemon { connection }))
    }

    /// The daemon of a place, which must be there.
    pub(super) async fn expect(place: &Place) -> Result<Daemon> {
        Daemon::of(&place.socket).await?.ok_or_else(|| {
            no_daemon(format!(
                "no daemon serves {}: start one with `riposte serve`, or name its folder by --data-dir",
                place.data_dir.display()
            ))
        })
    }

    /// Asks for a stream of events, each a line of JSON.
    pub(super) async fn follow(&mut self, path: &str) -> Result<Told> {
        let response = self.send(Method::GET, path, None, "text/event-stream").await?;
        let status = response.status();
        if status.is_success() {
            return Ok(Told { body: response.into_body(), heard: Vec::new() });
        }
        Err(refused(status, &read(response.into_body()).await?))
    }

    /// Asks for something, and gives what is answered; what is refused is the error.
    pub(super) async fn ask(&mut self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let answered = async {
            let response = self.send(method, path, body, "application/json").await?;
            let status = response.status();
            anyhow::Ok((status, read(response.into_body()).await?))
        };
        let (status, answer) =
            tokio::time::timeout(PATIENCE, answered).await.context("the daemon does not answer")??;
        if status.is_success() { Ok(answer) } else { Err(refused(status, &answer)) }
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        accept: &str,
    ) -> Result<Response<Incoming>> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "riposte")
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?;
        self.connection.ready().await.context(WENT_AWAY)?;
        self.connection.send_request(request).await.context(WENT_AWAY)
    }
}

const WENT_AWAY: &str = "the daemon went away";

async fn read(body: Incoming) -> Result<Value> {
    let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(anyhow::Error::from_boxed);
    serde_json::from_slice(&body.context(WENT_AWAY)?.to_bytes()).context("the daemon's answer cannot be read")
}

fn refused(status: StatusCode, answer: &Value) -> anyhow::Error {
    let detail = answer.get("detail").and_then(Value::as_str).unwrap_or("it does not say why");
    Refused { status, detail: detail.to_owned() }.into()
}

/// What a daemon tells as it happens: server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), of
/// which only the data counts here.
pub(super) struct Told {
    body: Incoming,
    heard: Vec<u8>,
}

impl Told {
    /// The data of the next event; none when the daemon has ended the stream.
    pub(super) async fn next(&mut self) -> Result<Option<String>> {
        loop {
            while let Some(end) = self.heard.windows(2).position(|bytes| bytes == b"\n\n") {
                let event: Vec<u8> = self.heard.drain(..end + 2).collect();
                let event =
                    String::from_utf8(event).context("the daemon tells of something that is no text")?;
                let data: Vec<&str> = event
                    .lines()
                    .filter_map(|line| line.strip_prefix("data:"))
                    .map(str::trim_start)
                    .collect();
                if !data.is_empty() {
                    return Ok(Some(data.join("\n")));
                }
            }
            anyhow::ensure!(self.heard.len() <= MAX_ANSWER, "the daemon tells of too much at once");
            match self.body.frame().await.transpose().context(WENT_AWAY)? {
                Some(frame) => self.heard.extend(frame.into_data().unwrap_or_default()),
                None => return Ok(None),
            }
        }
    }
}

/// The run that an answer is about.
pub(super) fn run_of(answer: &Value) -> Result<RunId> {
    let id = answer.get("run_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    id.context("the daemon does not say which run it is")
}
