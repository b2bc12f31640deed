//! What people should know of the daemon whatever they came for.

use crate::command::daemon::Daemon;
use crate::render::{clean, say};
use hyper::Method;
use serde_json::Value;
use std::path::Path;

/// Says on stderr that the daemon at this socket goes on with older playbooks, or does not go on at all, if there is one and it
/// is so. Whoever cannot ask it says nothing: this is not what was asked for.
pub(super) async fn show(socket: &Path) {
    let Ok(Some(mut daemon)) = Daemon::of(socket).await else { return };
    match daemon.ask(Method::GET, "/readyz", None).await {
        Ok(answer) => {
            let text = |place: &str| answer.pointer(place).and_then(Value::as_str).map(clean);
            if let (Some(why), Some(at)) = (text("/reload/failed/why"), text("/reload/failed/at")) {
                let since = text("/reload/loaded_at").unwrap_or_default();
                say!(
                    "warning: the daemon goes on with what it loaded at {since}: loading anew at {at} failed: {why}"
                );
            }
        }
        Err(error) => say!("warning: {error:#}"),
    }
}
