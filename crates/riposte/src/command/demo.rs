//! `riposte demo`: the main job, end to end, against a simulated tenant over real HTTP.

use crate::cli::{Demo, Output};
use crate::command::drive::{show_again, to_its_end};
use crate::command::{playbook, simulated};
use crate::compose::{self, JOURNAL};
use crate::exit::Exit;
use crate::render::clean;
use crate::render::say;
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
        say!("the condition of {PLAYBOOK_NAME}'s trigger is false for this alert: no run");
        return Ok(Exit::Done);
    };
    // A folder of its own: a demonstration does not belong among records of real responses.
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), None)?.join("demo");
    let (tenant, connections) = simulated::start(riposte_tenant::Config::default(), &data_dir).await?;
    introduce(&alert, &new, &tenant, &data_dir);
    let (id, exit) = to_its_end(&data_dir, connections, Vec::new(), new, None, arguments.output).await?;
    if arguments.output == Output::Table {
        say!("\n{}", seen(&tenant));
        say!("journal  {}", data_dir.join(JOURNAL).display());
        say!("again    {}", show_again(id, &data_dir));
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
    say!("{}", style.strong("An alert arrives, and a playbook contains the device."));
    say!(
        "alert    {} {}: {} on {}",
        field("id"),
        field("severity"),
        field("title"),
        field("computerDnsName")
    );
    say!("playbook {PLAYBOOK_NAME} (built in), webhook {}", new.trigger.name);
    say!("inputs   {}", clean(&inputs.join(" ")));
    say!("tenant   simulated, {}", tenant.url());
    say!("journal  {}", data_dir.join(JOURNAL).display());
    say!("");
}

/// What the tenant itself says was done.
fn seen(tenant: &Tenant) -> String {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for effect in tenant.effects() {
        *kinds.entry(effect.kind.to_string()).or_default() += 1;
    }
    let list: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} {count}x")).collect();
    let done = if list.is_empty() { "nothing".to_owned() } else { list.join(", ") };
    format!("the tenant saw {} requests and did: {done}", tenant.log().len())
}
