//! `riposte serve`: the daemon.

mod log;
mod notify;
mod reloads;
mod retention;
mod socket;
mod working;

use crate::cli::Serve;
use crate::command::{configuration, scenario, simulated};
use crate::compose;
use crate::exit::{Exit, usage};
use crate::render::say;
use anyhow::{Context, Result};
use reloads::{Reloaded, reloads};
use riposte_actions::catalogue;
use riposte_executor::{Connections, Executor, Host, Library, SystemClock};
use riposte_journal::Journal;
use riposte_server::api::{self, Api, Tokens};
use riposte_server::config::ApiConfig;
use riposte_server::http::{self, Doors};
use riposte_server::schedule::Scheduler;
use riposte_tenant::Tenant;
use socket::Socket;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use working::{Sources, Working};

/// Longest wait for those who are still being answered when it ends.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Runs until it is told to end.
pub(crate) async fn run(mut arguments: Serve) -> Result<Exit> {
    let config = configuration::load(arguments.config.as_deref())?;
    let api = config.as_ref().map(|config| config.api.clone()).unwrap_or_default();
    arguments.listen = arguments.listen.or(config.as_ref().map(|config| config.listen));
    // Of what is said about a real tenant and its journal, nothing counts for a simulated one.
    let config = config.filter(|_| !arguments.simulate);
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), config.as_ref())?;
    let working = Working::load(&arguments, config.as_ref())?;
    // The lock first: a second daemon must not even begin to connect.
    let journal = Arc::new(compose::daemon_journal(&data_dir).await?);
    let (tenant, connections) = connections(&arguments, config.as_ref(), &data_dir).await?;
    let retention = config.as_ref().map(|config| config.retention).unwrap_or_default();
    let file = data_dir.join(compose::JOURNAL);
    let served = tokio::select! {
        served = serve(&data_dir, journal.clone(), connections, working, &api) => served,
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
    data_dir: &Path,
    journal: Arc<Journal>,
    connections: Connections,
    working: Working,
    tokens: &ApiConfig,
) -> Result<Exit> {
    let library = Library { playbooks: working.playbooks.clone(), catalogue: catalogue() };
    let clock = Arc::new(SystemClock);
    let executor = Executor::new(journal.clone(), clock.clone(), Arc::new(log::Log), connections, library);
    let mut signals = Signals::new()?;
    // Whoever cannot listen must not have begun to act.
    let listener = TcpListener::bind(working.sources.listen).await.with_context(|| {
        format!("cannot listen on {}: `listen` or --listen names another address", working.sources.listen)
    })?;
    let address = listener.local_addr()?;
    let socket = Socket::bind(data_dir)?;
    let host = Host::start(executor, journal.clone()).await.context("cannot take up what the journal has")?;
    let counts = host.counts();
    let Working { sources, playbooks, hooks } = working;
    let doors = Doors::new(hooks, Arc::new(host.clone()), clock.clone(), sources.limits());
    let scheduler = Scheduler::start(host.clone(), journal.clone(), clock.clone(), playbooks.clone())
        .await
        .context("cannot read how far schedules are")?;
    let (asking, mut asked) = reloads();
    let playbooks = RwLock::new(playbooks);
    let api =
        Arc::new(Api { host: host.clone(), store: journal, clock, playbooks, reload: Arc::new(asking) });
    let stop = CancellationToken::new();
    say!("riposte takes webhooks at http://{address}/hooks, and commands at {}", socket.path().display());
    let control = socket.serve(api.clone(), stop.clone());
    if counts.parked + counts.ready > 0 {
        say!("  {} runs wait, {} go on", counts.parked, counts.ready);
    }
    let routes = http::router(doors.clone()).merge(api::over_network(api.clone(), Tokens::of(tokens)));
    let intake = async {
        http::serve(listener, routes, *doors.limits(), stop.clone()).await;
        doors.settle().await;
    };
    let orders = async {
        loop {
            let asked = tokio::select! {
                told = signals.next() => match told {
                    Told::Stop => break,
                    Told::Reload => None,
                },
                asked = asked.next() => Some(asked),
            };
            notify::reloading();
            let reloaded = reload(&sources, &api, &doors, &scheduler);
            notify::ready();
            // Whoever asked may have gone.
            let _ = asked.map(|asked| asked.send(reloaded));
        }
        notify::stopping();
        say!("stopping: calls in flight are waited for, and what waits goes on with the next start");
        stop.cancel();
    };
    notify::ready();
    tokio::select! {
        _ = async { tokio::join!(intake, orders) } => {}
        never = notify::keep_alive(async || host.beats().await) => match never {},
    }
    scheduler.close().await;
    // Whoever has sent half a request does not keep the daemon from ending.
    let _ = tokio::join!(host.close(), tokio::time::timeout(LAST_ANSWERS, control));
    Ok(Exit::Done)
}

/// Takes playbooks, webhooks and schedules in anew: all of them, or none.
fn reload(sources: &Sources, api: &Api, doors: &Doors, scheduler: &Scheduler) -> Reloaded {
    match sources.load() {
        Ok((playbooks, hooks)) => {
            let count = playbooks.len();
            say!("{count} playbooks loaded");
            api.host.replace(playbooks.clone());
            doors.replace(hooks);
            scheduler.replace(playbooks.clone());
            *api.playbooks.write().unwrap_or_else(PoisonError::into_inner) = playbooks;
            Ok(count)
        }
        Err(error) => {
            say!("error: not reloaded, and what was loaded stays: {error:#}");
            Err(format!("{error:#}"))
        }
    }
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
