//! `riposte serve`: the daemon.

mod log;
mod retention;

use crate::cli::Serve;
use crate::command::{configuration, library, scenario, simulated};
use crate::compose;
use crate::exit::{Exit, usage};
use crate::files;
use crate::render::say;
use crate::render::style::Style;
use anyhow::{Context, Result};
use riposte_actions::catalogue;
use riposte_executor::{Connections, Executor, Host, Library, SystemClock};
use riposte_journal::Journal;
use riposte_playbook::{Loaded, MAX_SOURCE, Playbook};
use riposte_server::api::{self, Api};
use riposte_server::schedule::Scheduler;
use riposte_tenant::Tenant;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Runs until it is told to end.
pub(crate) async fn run(arguments: Serve) -> Result<Exit> {
    let config = configuration::load(arguments.config.as_deref().filter(|_| !arguments.simulate))?;
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), config.as_ref())?;
    let playbooks = playbooks(&arguments.playbooks)?;
    // The lock first: a second daemon must not even begin to connect.
    let journal = Arc::new(compose::daemon_journal(&data_dir).await?);
    let (tenant, connections) = connections(&arguments, config.as_ref(), &data_dir).await?;
    let retention = config.as_ref().map(|config| config.retention).unwrap_or_default();
    let file = data_dir.join(compose::JOURNAL);
    let served = tokio::select! {
        served = serve(&arguments, &data_dir, journal.clone(), connections, playbooks) => served,
        never = retention::keep(&file, retention) => match never {},
    };
    journal.close().await;
    if let Some(tenant) = tenant {
        tenant.stop().await;
    }
    served
}

async fn connections(
    arguments: &Serve,
    config: Option<&riposte_server::config::Config>,
    data_dir: &Path,
) -> Result<(Option<Tenant>, Connections)> {
    match config {
        Some(config) => Ok((None, compose::connections(config, data_dir, Some(data_dir))?)),
        None if arguments.simulate => {
            let tenant = match &arguments.scenario {
                Some(path) => scenario::load(path)?,
                None => riposte_tenant::Config::default(),
            };
            let (tenant, connections) = simulated::start(tenant, data_dir).await?;
            Ok((Some(tenant), connections))
        }
        None => Err(usage("there is no tenant to act on: give --config FILE, or --simulate to try it out")),
    }
}

async fn serve(
    arguments: &Serve,
    data_dir: &Path,
    journal: Arc<Journal>,
    connections: Connections,
    playbooks: Vec<Arc<Playbook>>,
) -> Result<Exit> {
    let library = Library { playbooks: playbooks.clone(), catalogue: catalogue() };
    let clock = Arc::new(SystemClock);
    let executor = Executor::new(journal.clone(), clock.clone(), Arc::new(log::Log), connections, library);
    let mut signals = Signals::new()?;
    let host = Host::start(executor, journal.clone()).await.context("cannot take up what the journal has")?;
    let counts = host.counts();
    let scheduler = Scheduler::start(host.clone(), journal.clone(), clock.clone(), playbooks.clone())
        .await
        .context("cannot read how far schedules are")?;
    let api = Arc::new(Api { host: host.clone(), store: journal, clock, playbooks: RwLock::new(playbooks) });
    let stop = CancellationToken::new();
    let control = control(data_dir, api.clone(), stop.clone())?;
    say!("riposte serves {} (Ctrl-C ends it)", compose::socket(data_dir).display());
    if counts.parked + counts.ready > 0 {
        say!("  {} runs wait, {} go on", counts.parked, counts.ready);
    }
    loop {
        match signals.next().await {
            Told::Stop => break,
            Told::Reload => reload(&arguments.playbooks, &api, &scheduler),
        }
    }
    say!("stopping: calls in flight are waited for, and what waits goes on with the next start");
    stop.cancel();
    scheduler.close().await;
    let _ = control.await;
    host.close().await;
    let _ = std::fs::remove_file(compose::socket(data_dir));
    Ok(Exit::Done)
}

/// Takes the playbooks in anew: all of them, or none.
fn reload(paths: &[PathBuf], api: &Api, scheduler: &Scheduler) {
    match playbooks(paths) {
        Ok(playbooks) => {
            say!("{} playbooks loaded", playbooks.len());
            api.host.replace(playbooks.clone());
            scheduler.replace(playbooks.clone());
            *api.playbooks.write().unwrap_or_else(PoisonError::into_inner) = playbooks;
        }
        Err(error) => say!("error: not reloaded, and what was loaded stays: {error:#}"),
    }
}

/// The playbooks at these paths, if none has an error.
fn playbooks(paths: &[PathBuf]) -> Result<Vec<Arc<Playbook>>> {
    let mut sources = Vec::new();
    for path in paths {
        for file in files::playbooks(path)? {
            let source = files::read_text(&file, MAX_SOURCE)?;
            sources.push((file, source));
        }
    }
    if sources.is_empty() {
        return Err(usage("no playbooks there: a playbook is a file that ends in .yaml or .yml"));
    }
    let mut loaded = Vec::new();
    let mut broken = 0_usize;
    for Loaded { report, playbook } in library::load(sources, &catalogue()).asked {
        if report.has_errors() {
            broken += 1;
            say!("{}", report.render(Style::stderr().into()));
        }
        loaded.extend(playbook);
    }
    if broken > 0 {
        return Err(usage(format!("{broken} playbooks have errors: all are loaded, or none")));
    }
    Ok(loaded)
}

/// Serves the API on a socket for this user alone.
fn control(
    data_dir: &Path,
    api: Arc<Api>,
    stop: CancellationToken,
) -> Result<JoinHandle<std::io::Result<()>>> {
    let path = compose::socket(data_dir);
    // Whoever left it there is gone: there is one daemon for a journal, and that is this one.
    let _ = std::fs::remove_file(&path);
    let listener =
        UnixListener::bind(&path).with_context(|| format!("cannot listen on {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .with_context(|| format!("cannot keep {} from others", path.display()))?;
    let routes = api::router(api);
    Ok(tokio::spawn(async move {
        axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned()).await
    }))
}

/// What a daemon is told.
enum Told {
    Stop,
    Reload,
}

struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupt.recv() => Told::Stop,
            _ = self.terminate.recv() => Told::Stop,
            _ = self.hangup.recv() => Told::Reload,
        }
    }
}
