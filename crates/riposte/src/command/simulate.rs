//! `riposte simulate`

use crate::cli::Simulate;
use crate::command::scenario;
use crate::exit::{Exit, usage};
use crate::render::say;
use anyhow::{Context, Result};
use riposte_model::parse_duration;
use riposte_tenant::{Config, Fault, Tenant};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

pub(crate) async fn run(arguments: Simulate) -> Result<Exit> {
    let faults = arguments
        .faults
        .iter()
        .map(|text| text.parse::<Fault>().map_err(|error| usage(format!("--fault {text}: {error}"))))
        .collect::<Result<Vec<_>>>()?;
    let mut config = match &arguments.scenario {
        Some(path) => scenario::load(path)?,
        None => Config::default(),
    };
    if let Some(seed) = arguments.seed {
        config.seed = seed;
    }
    if let Some(text) = &arguments.token_lifetime {
        config.token_lifetime =
            parse_duration(text).map_err(|error| usage(format!("--token-lifetime {text}: {error}")))?;
    }
    config.faults.extend(faults);
    config.on_request = Some(Arc::new(|entry| {
        // One line for each request, as it happens; who has stopped reading does not stop the tenant.
        let _ = writeln!(std::io::stdout().lock(), "{entry}");
    }));
    let (tenant_id, client_id, secret) =
        (config.tenant_id.clone(), config.client_id.clone(), config.client_secret.clone());
    if let Some(path) = &arguments.write_config {
        refuse_to_overwrite(path)?;
    }
    let tenant = Tenant::start(arguments.listen, config).await?;
    let url = tenant.url();
    say!("a simulated Defender tenant listens on {} (Ctrl-C ends it)", tenant.address());
    if !tenant.address().ip().is_loopback() {
        say!("  WARNING     everybody who reaches this machine can use it, its control API included");
    }
    say!("  token       POST {url}/{tenant_id}/oauth2/v2.0/token");
    say!("  API         {url}/api");
    say!("  client      {client_id}, secret {secret}");
    say!("  its truth   GET {url}/_tenant/log, GET {url}/_tenant/devices, POST {url}/_tenant/faults");
    if let Some(path) = &arguments.write_config {
        write_config(path, &url, &tenant_id, &client_id, &secret)?;
        say!("  try         riposte run playbooks/contain-device.yaml --config {} \\", path.display());
        say!(
            "                --input device_id=1e5bc9d7e413ddd7902c2932e418702b84d0cc07 --input alert_id=test"
        );
    }
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    say!("{} requests, {} changes", tenant.log().len(), tenant.effects().len());
    tenant.stop().await;
    Ok(Exit::Done)
}

/// The first line of what [`write_config`] writes.
const HEAD: &str = "# A simulated tenant, as `riposte simulate` started it.";

/// Only what was written here before is written over.
fn refuse_to_overwrite(path: &Path) -> Result<()> {
    match std::fs::read_to_string(path) {
        Ok(text) if !text.starts_with(HEAD) => Err(usage(format!(
            "{} is there already, and is not a configuration that this wrote",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// Writes a configuration for this tenant, and its secret beside it, as a real one would be.
fn write_config(path: &Path, url: &str, tenant_id: &str, client_id: &str, secret: &str) -> Result<()> {
    let secret_path = std::path::absolute(path)?.with_extension("secret");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&secret_path)
        .with_context(|| format!("cannot write {}", secret_path.display()))?;
    file.write_all(secret.as_bytes())?;
    let quoted = serde_json::to_string(&secret_path.display().to_string())?;
    let text = format!(
        "{HEAD}\nconnections:\n  defender:\n    kind: defender\n    tenant_id: {tenant_id}\n    client_id: {client_id}\n    \
         client_secret: {{ file: {quoted} }}\n    endpoint: {url}\n    authority: {url}\n    \
         visibility_delay: 1s\n    poll: {{ shortest: 250ms, longest: 2s }}\n"
    );
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
