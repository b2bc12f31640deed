//! `riposte run`

mod dry;

use crate::cli::Run;
use crate::command::drive::to_its_end;
use crate::command::permissions::{GRANT, ungranted};
use crate::command::playbook::Opened;
use crate::command::{ask, configuration, playbook, scenario, simulated};
use crate::compose;
use crate::exit::{Exit, usage};
use crate::render;
use crate::render::say;
use anyhow::Result;
use riposte_executor::{Connections, NewRun};
use riposte_model::Effect;
use riposte_playbook::Playbook;

pub(crate) async fn run(arguments: Run) -> Result<Exit> {
    let opened = playbook::open(&arguments.playbook)?;
    let playbook = opened.playbook.clone();
    let new = match &arguments.event {
        None => playbook::from_pairs(playbook.clone(), &arguments.inputs)?,
        Some(path) => {
            let mut runs = playbook::from_event(&playbook, &playbook::read_event(path)?)?;
            match (runs.pop(), runs.len()) {
                (Some(run), 0) => run,
                (None, _) => {
                    say!("the trigger's condition is false for this alert: no run");
                    return Ok(Exit::Done);
                }
                (Some(_), more) => {
                    return Err(usage(format!(
                        "the alert asks for {} runs, and `riposte run` makes one: give one alert",
                        more + 1
                    )));
                }
            }
        }
    };
    // What is only tried out is not to be kept from it by a configuration.
    let config = if arguments.simulate { None } else { configuration::load(arguments.config.as_deref())? };
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), config.as_ref())?;
    let (tenant, connections) = match &config {
        Some(config) => (None, compose::connections(config, &data_dir, Some(&data_dir))?),
        None if arguments.simulate => {
            let tenant = match &arguments.scenario {
                Some(path) => scenario::load(path)?,
                None => riposte_tenant::Config::default(),
            };
            let (tenant, connections) = simulated::start(tenant, &data_dir).await?;
            (Some(tenant), connections)
        }
        None if opened.all().all(|playbook| playbook.actions().is_empty()) => (None, Connections::new()),
        None => {
            return Err(usage(
                "there is no tenant to act on: give --config FILE, or --simulate to try it out",
            ));
        }
    };
    if tenant.is_none() {
        warn_of_missing_permissions(&opened, &connections).await;
    }
    if arguments.dry_run {
        let exit = dry::run(connections, opened.called, new, arguments.output).await?;
        if let Some(tenant) = tenant {
            tenant.stop().await;
        }
        return Ok(exit);
    }
    if tenant.is_none() && !arguments.yes && !confirmed(&opened, &new, &connections)? {
        say!("nothing was run");
        return Ok(Exit::Failed);
    }
    let config = arguments.config.as_deref();
    let exit = to_its_end(&data_dir, connections, opened.called, new, config, arguments.output).await?.1;
    if let Some(tenant) = tenant {
        tenant.stop().await;
    }
    Ok(exit)
}

/// Says what the application may not do. Whether that matters is for whoever started this to say: a step may be skipped, and
/// isolating is worth more than the tag that comes after it.
async fn warn_of_missing_permissions(opened: &Opened, connections: &Connections) {
    let playbooks: Vec<&Playbook> = opened.all().map(AsRef::as_ref).collect();
    for action in connections.ungranted(&playbooks).await {
        say!("warning: {}; {GRANT}", ungranted(&action));
    }
}

/// Shows what would be done and asks, if there is somebody to ask.
fn confirmed(opened: &Opened, new: &NewRun, connections: &Connections) -> Result<bool> {
    let actions = opened.all().flat_map(|playbook| playbook.actions());
    let acting: Vec<_> = actions.filter(|(_, action)| action.spec.effect != Effect::Read).collect();
    if !ask::is_somebody_there() || acting.is_empty() {
        return Ok(true);
    }
    let inputs: Vec<String> = new.inputs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    say!("{} will act, with {}:", opened.playbook.name, render::clean(&inputs.join(" ")));
    for (step, action) in acting {
        say!("  {}: {} ({})", step.id, action.spec.name, action.spec.summary);
    }
    for (name, description) in connections.descriptions() {
        say!("on {name} {}", render::clean(description));
    }
    ask::go_on()
}
