//! Whether the daemon runs, is up to date, and has its address.

use super::finding::Findings;
use crate::command::daemon::Daemon;
use crate::command::place::Place;
use crate::render::clean;
use hyper::Method;
use serde_json::Value;
use std::io::ErrorKind;
use std::net::SocketAddr;
use tokio::net::TcpListener;

const CHECK: &str = "daemon";
const LISTEN: &str = "address";

pub(super) async fn look(place: &Place, found: &mut Findings) {
    let runs = match Daemon::of(&place.socket).await {
        Ok(None) => {
            found.skipped(CHECK, format!("none serves {}", place.data_dir.display()));
            false
        }
        Ok(Some(mut daemon)) => {
            match daemon.ask(Method::GET, "/readyz", None).await {
                Ok(answer) => told(&answer, found),
                Err(error) => {
                    found.error(CHECK, format!("{error:#}"), "its log says more: `journalctl -u riposte`");
                }
            }
            true
        }
        Err(error) => {
            found.unreachable(
                CHECK,
                format!("{error:#}"),
                "ask as root, as its user, or as one of its group",
            );
            true
        }
    };
    if let Some(config) = &place.config {
        address(config.listen, runs, found).await;
    }
}

/// What it says of itself.
fn told(answer: &Value, found: &mut Findings) {
    let text = |place: &str| answer.pointer(place).and_then(Value::as_str).map(clean);
    let since = text("/reload/started_at").unwrap_or_default();
    let loaded = answer.pointer("/reload/playbooks").and_then(Value::as_u64).unwrap_or_default();
    found.ok(CHECK, format!("runs since {since}; playbooks: {loaded}"));
    if let (Some(why), Some(at)) = (text("/reload/failed/why"), text("/reload/failed/at")) {
        let since = text("/reload/loaded_at").unwrap_or_default();
        found.error(
            CHECK,
            format!("it goes on with what it loaded at {since}: loading anew at {at} failed: {why}"),
            "correct that; it is loaded as soon as the file changes",
        );
    }
    let keys = answer.pointer("/reload/needs_restart").and_then(Value::as_array);
    let keys: Vec<&str> = keys.into_iter().flatten().filter_map(Value::as_str).collect();
    if !keys.is_empty() {
        let what = format!("the configuration has changed what counts after a restart: {}", keys.join(", "));
        found.warning(CHECK, what, "restart it: runs go on where they are");
    }
    let troubled = answer.pointer("/runs/troubled").and_then(Value::as_u64).unwrap_or_default();
    if troubled > 0 {
        let what = format!("{troubled} runs are left alone: with what there is now they cannot be driven");
        found.warning(CHECK, what, "`/readyz` and the log say why of each");
    }
}

async fn address(listen: SocketAddr, runs: bool, found: &mut Findings) {
    match (TcpListener::bind(listen).await, runs) {
        (Ok(_), false) => found.ok(LISTEN, format!("{listen} is free")),
        (Err(error), true) if error.kind() == ErrorKind::AddrInUse => {
            found.ok(LISTEN, format!("{listen} is in use, as it is when the daemon listens there"));
        }
        (Ok(_), true) => found.warning(
            LISTEN,
            format!("the daemon does not listen on {listen}"),
            "it was started with another address: --listen, or an older configuration",
        ),
        (Err(error), _) => found.error(
            LISTEN,
            format!("{listen} cannot be listened on: {error}"),
            "`ss -ltnp` shows who does; `listen` names another address",
        ),
    }
}
