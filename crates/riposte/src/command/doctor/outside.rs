//! Whether the hosts of other services have addresses. Nothing is sent to them.

use super::finding::Findings;
use riposte_server::config::HttpConfig;
use std::time::Duration;

/// Longest wait for a name's addresses.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn look(name: &str, config: &HttpConfig, found: &mut Findings) {
    let check = format!("{name}: hosts");
    let names = config.allow_hosts.iter().filter_map(|host| host.name());
    let mut resolved = 0;
    for host in names {
        let addresses = async { anyhow::Ok(tokio::net::lookup_host((host, 443)).await?.count()) };
        let looked_up = tokio::time::timeout(PATIENCE, addresses).await;
        match looked_up {
            Ok(Ok(1..)) => resolved += 1,
            Ok(Ok(0)) => found.unreachable(&check, format!("{host} has no address"), ADVICE),
            Ok(Err(error)) => {
                found.unreachable(&check, format!("{host} cannot be looked up: {error}"), ADVICE);
            }
            Err(_) => found.unreachable(&check, format!("nobody says in time where {host} is"), ADVICE),
        }
    }
    if resolved > 0 {
        found.ok(&check, format!("names that have an address: {resolved}; nothing was sent to them"));
    }
}

const ADVICE: &str = "correct `allow_hosts`, or this machine's DNS";
