//! The loader: alerts over a few connections, as fast as they are taken or at a rate. It writes what it sends byte by byte and
//! reads no more of an answer than it must, so that the machine's cores are left to what is measured.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What is to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) to: SocketAddr,
    pub(crate) token: String,
    /// How many alerts.
    pub(crate) count: usize,
    /// The number of the first device; each alert is about one of its own.
    pub(crate) first: usize,
    pub(crate) connections: usize,
    /// How many in a second; none: as many as are taken.
    pub(crate) rate: Option<u32>,
}

/// What came of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// When each was sent, in microseconds since 1970, by its place.
    pub(crate) at: Vec<u64>,
    /// How long its answer took, in microseconds.
    pub(crate) took: Vec<u64>,
    /// How many were not answered by 202.
    pub(crate) refused: usize,
}

/// The device of an alert.
pub(crate) fn device(number: usize) -> String {
    format!("{number:040x}")
}

/// An alert about a device, of the size that such things have.
pub(crate) fn alert(number: usize) -> String {
    json!({
        "id": format!("da{number:018}_-1234567890"),
        "incidentId": 1000 + number,
        "severity": "High",
        "status": "New",
        "category": "CommandAndControl",
        "title": "Suspicious connection to a known command and control server",
        "detectionSource": "WindowsDefenderAtp",
        "machineId": device(number),
        "computerDnsName": format!("desktop-{number}.example.com"),
        "alertCreationTime": "2026-01-02T03:04:05.6789012Z",
        "relatedUser": { "userName": "ada", "domainName": "EXAMPLE" },
        "mitreTechniques": ["T1071", "T1105"],
    })
    .to_string()
}

/// Sends all of it.
pub(crate) async fn run(load: Load) -> Result<Sent> {
    let (load, next, began) = (Arc::new(load), Arc::new(AtomicUsize::new(0)), Instant::now());
    let mut senders = JoinSet::new();
    for _ in 0..load.connections {
        senders.spawn(sender(load.clone(), next.clone(), began));
    }
    let mut sent = Sent { at: vec![0; load.count], took: vec![0; load.count], refused: 0 };
    while let Some(ended) = senders.join_next().await {
        for (place, at, took, taken) in ended?? {
            sent.at[place] = at;
            sent.took[place] = took;
            sent.refused += usize::from(!taken);
        }
    }
    Ok(sent)
}

type One = (usize, u64, u64, bool);

async fn sender(load: Arc<Load>, next: Arc<AtomicUsize>, began: Instant) -> Result<Vec<One>> {
    let mut stream = TcpStream::connect(load.to).await.context("nobody takes webhooks there")?;
    stream.set_nodelay(true)?;
    let (mut sent, mut buffer) = (Vec::new(), Vec::with_capacity(4096));
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        if place >= load.count {
            return Ok(sent);
        }
        let request = request(&load.token, &alert(load.first + place));
        if let Some(rate) = load.rate {
            let after = Duration::from_secs_f64(place as f64 / f64::from(rate));
            tokio::time::sleep_until(began + after).await;
        }
        let (at, begun) = (crate::clock::wall_micros(), Instant::now());
        stream.write_all(request.as_bytes()).await?;
        let taken = answer(&mut stream, &mut buffer).await?;
        let took = u64::try_from(begun.elapsed().as_micros())?;
        sent.push((place, at, took, taken));
    }
}

/// A request, whole.
pub(crate) fn request(token: &str, body: &str) -> String {
    format!(
        "POST /hooks/bench HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads one answer; whether it was a 202.
pub(crate) async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<bool> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the other side has hung up");
        }
        if let Some(whole) = length(buffer)?
            && buffer.len() >= whole
        {
            return Ok(buffer.starts_with(b"HTTP/1.1 202"));
        }
    }
}

/// How long the answer is, once its head is there.
fn length(buffer: &[u8]) -> Result<Option<usize>> {
    let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&buffer[..head])?;
    let length = text.lines().filter_map(|line| line.split_once(':'));
    let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let body: usize = length.next().context("an answer without a length")?.1.trim().parse()?;
    Ok(Some(head + 4 + body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        assert_eq!(length(b"HTTP/1.1 202 Accepted\r\nContent-Le").unwrap(), None);
        let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 3\r\n\r\nab";
        assert_eq!(length(answer).unwrap(), Some(answer.len() + 1));
        assert!(length(b"HTTP/1.1 202 Accepted\r\n\r\n").is_err());
    }

    #[test]
    fn every_alert_is_about_a_device_of_its_own() {
        let alert: serde_json::Value = serde_json::from_str(&alert(77)).unwrap();
        assert_eq!(alert["machineId"], device(77));
        assert_ne!(device(77), device(78));
        assert_eq!(device(77).len(), 40);
    }
}
