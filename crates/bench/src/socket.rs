//! The daemon's API on its socket, asked as plainly as can be.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// What is answered to a GET.
pub(crate) async fn get(socket: &Path, path: &str) -> Result<Value> {
    let mut stream = UnixStream::connect(socket).await.context("no daemon is at its socket")?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    body(&answer).with_context(|| format!("GET {path}"))
}

fn body(answer: &[u8]) -> Result<Value> {
    let text = std::str::from_utf8(answer)?;
    let (head, body) = text.split_once("\r\n\r\n").context("an answer without a head")?;
    if !head.starts_with("HTTP/1.1 200") {
        bail!("{text}");
    }
    Ok(serde_json::from_str(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_of_a_good_answer_is_read_and_any_other_is_an_error() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}";
        assert_eq!(body(answer).unwrap()["a"], 1);
        assert!(body(b"HTTP/1.1 404 Not Found\r\n\r\n{}").is_err());
        assert!(body(b"").is_err());
    }
}
