//! `riposte demo`: the main job, end to end, against a simulated tenant over real HTTP.

use crate::cli::{Demo, Output};
use crate::command::drive::to_its_end;
use crate::command::{playbook, simulated};
use crate::compose::{self, JOURNAL};
use crate::exit::{Exit, usage};
use crate::render::clean;
use crate::render::style::Style;
use anyhow::Result;
use riposte_tenant::Tenant;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const PLAYBOOK_NAME: &str = "playbooks/contain-device.yaml";
const PLAYBOOK: &str = include_str!("../../../../playbooks/contain-device.yaml");
const ALERT: &[u8] = include_bytes!("../../assets/defender_alert.json");

pub(crate) async fn run(arguments: Demo) -> Result<Exit> {
    let alert = match &arguments.alert {
        Some(path) => playbook::read_event(path)?,
        None => ALERT.to_vec(),
    };
    let playbook = playbook::check(PLAYBOOK_NAME, PLAYBOOK)?;
    let mut runs = playbook::from_event(&playbook, &alert)?;
    let Some(new) = runs.pop() else {
        return Err(usage(format!("{PLAYBOOK_NAME} filters this alert: its severity is below Medium")));
    };
    // A folder of its own: a demonstration does not belong among records of real responses.
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), None)?.join("demo");
    let (tenant, connections) = simulated::start().await?;
    introduce(&alert, &new, &tenant, &data_dir);
    let (id, exit) = to_its_end(&data_dir, connections, new, arguments.output).await?;
    if arguments.output == Output::Table {
        let show = format!("{} runs show {id} --data-dir {}", program(), quoted(&data_dir));
        eprintln!("\n{}", seen(&tenant));
        eprintln!("journal  {}", data_dir.join(JOURNAL).display());
        eprintln!("again    {show}");
    }
    tenant.stop().await;
    Ok(exit)
}

/// What is about to happen, before it does.
fn introduce(alert: &[u8], new: &riposte_executor::NewRun, tenant: &Tenant, data_dir: &Path) {
    let style = Style::stderr();
    let alert: Value = serde_json::from_slice(alert).unwrap_or_default();
    let field = |name: &str| clean(alert[name].as_str().unwrap_or("?"));
    let inputs: Vec<String> = new.inputs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    eprintln!("{}", style.strong("An alert arrives, and a playbook contains the device."));
    eprintln!(
        "alert    {} {}: {} on {}",
        field("id"),
        field("severity"),
        field("title"),
        field("computerDnsName")
    );
    eprintln!("playbook {PLAYBOOK_NAME}, webhook {}", new.trigger.name);
    eprintln!("inputs   {}", clean(&inputs.join(" ")));
    eprintln!("tenant   simulated, {}", tenant.url());
    eprintln!("journal  {}", data_dir.join(JOURNAL).display());
    eprintln!();
}

/// What the tenant itself says was done.
fn seen(tenant: &Tenant) -> String {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for effect in tenant.effects() {
        *kinds.entry(effect.kind.to_string()).or_default() += 1;
    }
    let list: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} {count}x")).collect();
    format!("the tenant saw {} requests and did: {}", tenant.log().len(), list.join(", "))
}

/// How this program was called, for a command that can be pasted.
fn program() -> String {
    let here = std::env::current_dir().ok();
    std::env::current_exe().map_or_else(
        |_| "riposte".to_owned(),
        |path| quoted(here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(&path)),
    )
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
