//! Talking to the daemon that drives the runs of a journal, if there is one.

use crate::compose;
use anyhow::{Context, Result, bail};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A daemon that answers.
pub(super) struct Daemon {
    client: Client,
}

impl Daemon {
    /// The daemon of this folder, if one is there.
    pub(super) async fn of(data_dir: &Path) -> Result<Option<Daemon>> {
        let socket = compose::socket(data_dir);
        match tokio::net::UnixStream::connect(&socket).await {
            Ok(_) => {}
            // None has ever been there, or it has ended.
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused
                ) =>
            {
                return Ok(None);
            }
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot speak to the daemon at {}", socket.display()));
            }
        }
        let client = Client::builder().unix_socket(socket).timeout(PATIENCE).no_proxy().build()?;
        Ok(Some(Daemon { client }))
    }

    /// Asks for something, and gives what is answered; what is refused is the error.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let request = self.client.request(method, format!("http://riposte{path}"));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let response = request.send().await.context("the daemon does not answer")?;
        let status = response.status();
        let answer: Value = response.json().await.context("the daemon's answer cannot be read")?;
        if status.is_success() {
            return Ok(answer);
        }
        let detail = answer.get("detail").and_then(Value::as_str).unwrap_or("it does not say why");
        match status {
            StatusCode::SERVICE_UNAVAILABLE => bail!("the daemon cannot do that now: {detail}"),
            _ => bail!("the daemon refuses: {detail}"),
        }
    }
}
