//! Whether Defender lets us in, lets us do what playbooks do, and lives at the same time as we do.

use super::finding::Findings;
use crate::command::permissions::{GRANT, ungranted};
use crate::compose;
use riposte_actions::Downloads;
use riposte_defender::{Budget, Client, Credential, Error, ListMachineActions, Unmetered};
use riposte_engine::Clock;
use riposte_executor::{Connections, SystemClock};
use riposte_model::Timestamp;
use riposte_playbook::Playbook;
use riposte_server::config::DefenderConfig;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long before its end a certificate is told of.
const SOON: i64 = 30;

/// By how many seconds clocks may differ before it is told, and before it is wrong. Entra takes what was signed within five
/// minutes, and Defender's list of what was done carries its own time.
const APART: i64 = 60;
const TOO_FAR: i64 = 300;

pub(super) async fn look(
    name: &str,
    config: &DefenderConfig,
    playbooks: &[Arc<Playbook>],
    data_dir: &Path,
    found: &mut Findings,
) {
    let check = |what: &str| format!("{name}: {what}");
    let credential = match compose::credential(&config.auth) {
        Ok(credential) => credential,
        Err(error) => {
            found.error(
                &check("credential"),
                format!("{error:#}"),
                "correct how the connection proves who it is",
            );
            return;
        }
    };
    if let Credential::Certificate { certificate, .. } = &credential {
        expiry(&check("certificate"), certificate.not_after(), found);
    }
    // The daemon keeps count of its own calls; two more are within the limits.
    let client = match compose::defender_client(config, credential, Budget::documented(), Arc::new(Unmetered))
    {
        Ok(client) => client,
        Err(error) => {
            found.error(&check("connection"), format!("{error:#}"), "correct the connection");
            return;
        }
    };
    match client.roles(PATIENCE).await {
        Ok(roles) => {
            found.ok(&check("token"), "Entra gives one");
            let downloads = Downloads { data_dir: data_dir.to_owned(), limit: 0 };
            let connection = compose::defender_over(client.clone(), config, downloads);
            let connections = Connections::new().with(name, connection);
            permissions(&check("permissions"), roles.as_deref(), &connections, playbooks, found).await;
            api(&check("api"), &client, found).await;
        }
        Err(error) => {
            let advice = refused(&error);
            found.unreachable(&check("token"), chain(error), advice);
            found.skipped(&check("api"), "not asked without a token");
        }
    }
    let clocks = client.clocks();
    for (whose, ahead) in [("Entra", clocks.authority), ("Defender", clocks.api)] {
        clock(&check("clock"), whose, ahead, found);
    }
}

fn expiry(check: &str, not_after: Option<SystemTime>, found: &mut Findings) {
    let since_1970 = not_after.and_then(|end| end.duration_since(SystemTime::UNIX_EPOCH).ok());
    let Some(end) = since_1970.and_then(|since| i64::try_from(since.as_millis()).ok()) else {
        found.skipped(check, "it does not say in a way that is understood here until when it is good");
        return;
    };
    let days = (end - SystemClock.now().as_millis()).div_euclid(24 * 60 * 60 * 1000);
    let what = format!("good until {}", Timestamp::from_millis(end));
    let advice = "make a new one, add it to the application in Entra, then put it in place of this one";
    match days {
        ..0 => found.error(check, format!("it has expired: {what}"), advice),
        0..SOON => found.warning(check, format!("{what}, {days} days from now"), advice),
        _ => found.ok(check, what),
    }
}

async fn permissions(
    check: &str,
    roles: Option<&[String]>,
    connections: &Connections,
    playbooks: &[Arc<Playbook>],
    found: &mut Findings,
) {
    match roles {
        None => {
            found.skipped(check, "the token does not show them");
            return;
        }
        Some([]) => {
            let what = "the application has none: nobody has granted admin consent";
            found.error(check, what, "Entra, App registrations, API permissions: Grant admin consent");
            return;
        }
        Some(_) => {}
    }
    let playbooks: Vec<&Playbook> = playbooks.iter().map(AsRef::as_ref).collect();
    let lacking = connections.ungranted(&playbooks).await;
    for action in &lacking {
        found.error(check, ungranted(action), GRANT);
    }
    if lacking.is_empty() {
        let granted = format!("granted: {}", roles.unwrap_or_default().join(", "));
        found.ok(
            check,
            if playbooks.is_empty() { granted } else { format!("{granted}; the playbooks need no other") },
        );
    }
}

/// One harmless question: the list that tells whether something was done.
async fn api(check: &str, client: &Client, found: &mut Findings) {
    let first = ListMachineActions { filter: None, top: Some(1) };
    match client.send(&first, PATIENCE).await {
        Ok(_) => found.ok(check, format!("{} answers", client.host())),
        Err(error @ Error::Refused { status: 403, .. }) => found.error(
            check,
            chain(error),
            "riposte looks in the list of machine actions whether something was done: grant Machine.Read.All",
        ),
        Err(error) => found.unreachable(
            check,
            chain(error),
            "see whether this machine reaches that host: its name, a firewall, a proxy, `cloud` or `endpoint`",
        ),
    }
}

fn clock(check: &str, whose: &str, ahead: Option<i64>, found: &mut Findings) {
    let Some(ahead) = ahead else {
        found.skipped(check, format!("{whose} has not told its time"));
        return;
    };
    let apart = ahead.abs();
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let what = format!("this machine's clock is {apart}s {side} {whose}'s");
    let advice = "have it kept by NTP, like `timedatectl set-ntp true`: what is signed may be refused, schedules come early or \
                  late, and what was done is listed under another time";
    if apart > TOO_FAR {
        found.error(check, what, advice);
    } else if apart > APART {
        found.warning(check, what, advice);
    } else {
        found.ok(check, format!("within a minute of {whose}'s"));
    }
}

/// What to do about a token that is not given.
fn refused(error: &Error) -> &'static str {
    match error {
        Error::TokenRefused { .. } => {
            "correct the connection's tenant, application or credential; Entra's sign-in logs show the request"
        }
        Error::FederatedToken { .. } => "see that the file is there, and is kept fresh by whoever writes it",
        _ => {
            "see whether this machine reaches that host: its name, a firewall, a proxy, `cloud` or `authority`"
        }
    }
}

fn chain(error: Error) -> String {
    format!("{:#}", anyhow::Error::new(error))
}
