//! Talking to the daemon that drives the runs of a journal, if there is one.

use crate::compose;
use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
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
#[error("{}: {detail}", if *.status == StatusCode::SERVICE_UNAVAILABLE { "the daemon cannot do that now" } else { "the daemon refuses" })]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    detail: String,
}

/// A daemon that answers.
pub(super) struct Daemon {
    connection: SendRequest<Full<Bytes>>,
}

impl Daemon {
    /// The daemon of this folder, if one is there.
    pub(super) async fn of(data_dir: &Path) -> Result<Option<Daemon>> {
        let socket = compose::socket(data_dir);
        let unreachable = || format!("cannot speak to the daemon at {}", socket.display());
        let stream = match UnixStream::connect(&socket).await {
            Ok(stream) => stream,
            // None has ever been there, or it has ended.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(error) => return Err(error).with_context(unreachable),
        };
        let (connection, driver) = handshake(TokioIo::new(stream)).await.with_context(unreachable)?;
        // Ends with the connection; what goes wrong there, whoever asks is told.
        tokio::spawn(driver);
        Ok(Some(Daemon { connection }))
    }

    /// Asks for something, and gives what is answered; what is refused is the error.
    pub(super) async fn ask(mut self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "riposte")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let answer = async {
            let response = self.connection.send_request(request).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
            anyhow::Ok((status, body.map_err(anyhow::Error::from_boxed)?.to_bytes()))
        };
        let answered = tokio::time::timeout(PATIENCE, answer).await;
        let (status, body) =
            answered.context("the daemon does not answer")?.context("the daemon went away")?;
        let answer: Value = serde_json::from_slice(&body).context("the daemon's answer cannot be read")?;
        if status.is_success() {
            return Ok(answer);
        }
        let detail = answer.get("detail").and_then(Value::as_str).unwrap_or("it does not say why");
        Err(Refused { status, detail: detail.to_owned() }.into())
    }
}
