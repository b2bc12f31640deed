//! `riposte serve`: the daemon.

mod counted;
mod log;
mod notify;
mod observers;
mod reload;
mod retention;
mod signals;
mod socket;
mod watch;
mod working;

use crate::cli::Serve;
use crate::command::{configuration, scenario, simulated};
use crate::compose;
use crate::exit::{Exit, usage};
use crate::render::say;
use anyhow::{Context, Result};
use counted::Counted;
use observers::Observers;
use reload::{Reloader, Takers};
use riposte_actions::catalogue;
use riposte_executor::{Connections, Executor, Host, Library, SystemClock};
use riposte_journal::Journal;
use riposte_server::api::{self, Api, Health, News, Tokens};
use riposte_server::config::{ApiConfig, RetentionConfig};
use riposte_server::http::{self, Doors, Limits};
use riposte_server::metrics::{self, Page};
use riposte_server::reload::Reload;
use riposte_server::schedule::Scheduler;
use riposte_tenant::Tenant;
use signals::{Signals, Told};
use socket::Socket;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use working::{Snapshot, Sources, Working};

/// Longest wait for those who are still being answered when it ends.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Runs until it is told to end.
pub(crate) async fn run(mut arguments: Serve, verbose: u8) -> Result<Exit> {
    // Of what is said about a real tenant and its journal, nothing counts for a simulated one.
    let practice = if arguments.simulate { configuration::load(arguments.config.as_deref())? } else { None };
    arguments.listen = arguments.listen.or(practice.as_ref().map(|config| config.listen));
    let sources = Sources::of(&arguments);
    let seen = sources.look();
    let telemetry = log::start(sources.configuration(&seen).as_ref().or(practice.as_ref()), verbose)?;
    let counted = Counted::new();
    let working = sources.load(&seen)?;
    let config = working.config.clone();
    let tokens = config.as_ref().or(practice.as_ref()).map(|config| config.api.clone()).unwrap_or_default();
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), config.as_ref())?;
    // The lock first: a second daemon must not even begin to connect.
    let journal = Arc::new(compose::daemon_journal(&data_dir).await?);
    journal.metered_by(Arc::new(counted.clone()));
    let meter: Arc<dyn riposte_defender::Meter> = Arc::new(counted.clone());
    let (tenant, connections) = connections(&arguments, config.as_ref(), &data_dir, &meter).await?;
    let retention =
        tokio::sync::watch::Sender::new(config.as_ref().map(|config| config.retention).unwrap_or_default());
    let (file, kept) = (data_dir.join(compose::JOURNAL), retention.subscribe());
    let start = Start { sources, seen, working, retention, tokens, counted };
    let served = tokio::select! {
        served = serve(&data_dir, journal.clone(), connections, start) => served,
        never = retention::keep(&file, kept) => match never {},
    };
    journal.close().await;
    if let Some(tenant) = tenant {
        tenant.stop().await;
    }
    if let Some(telemetry) = telemetry {
        telemetry.close().await;
    }
    served
}

async fn connections(
    arguments: &Serve,
    config: Option<&riposte_server::config::Config>,
    data_dir: &Path,
    meter: &Arc<dyn riposte_defender::Meter>,
) -> Result<(Option<Tenant>, Connections)> {
    match config {
        Some(config) => Ok((None, compose::metered_connections(config, data_dir, Some(data_dir), meter)?)),
        None if arguments.simulate => {
            let tenant = match &arguments.scenario {
                Some(path) => scenario::load(path)?,
                None => riposte_tenant::Config::default(),
            };
            let (tenant, connections) = simulated::start_metered(tenant, data_dir, meter).await?;
            Ok((Some(tenant), connections))
        }
        None => Err(usage("there is no tenant to act on: give --config FILE, or --simulate to try it out")),
    }
}

/// What a daemon begins with.
struct Start {
    sources: Sources,
    seen: Snapshot,
    working: Working,
    retention: tokio::sync::watch::Sender<RetentionConfig>,
    tokens: ApiConfig,
    counted: Counted,
}

async fn serve(
    data_dir: &Path,
    journal: Arc<Journal>,
    connections: Connections,
    start: Start,
) -> Result<Exit> {
    let Start { sources, seen, working, retention, tokens, counted } = start;
    let library = Library { playbooks: working.playbooks.clone(), catalogue: catalogue() };
    let clock = Arc::new(SystemClock);
    let news = Arc::new(News::default());
    let observers = Arc::new(Observers(vec![Arc::new(log::Log), counted.metrics.clone(), news.clone()]));
    let executor = Executor::new(journal.clone(), clock.clone(), observers, connections, library);
    let signals = Signals::new()?;
    // Whoever cannot listen must not have begun to act.
    let listen = sources.listen(working.config.as_ref());
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}: `listen` or --listen names another address"))?;
    let address = listener.local_addr()?;
    let socket = Socket::bind(data_dir)?;
    let host = Host::start(executor, journal.clone()).await.context("cannot take up what the journal has")?;
    let counts = host.counts();
    let loaded = reload::count(&working, Vec::new());
    let Working { config, playbooks, hooks } = working;
    let webhooks = config.as_ref().map(|config| config.webhooks).unwrap_or_default();
    let doors = Doors::new(hooks, Arc::new(host.clone()), clock.clone(), Limits::of(&webhooks));
    let scheduler = Scheduler::start(host.clone(), journal.clone(), clock.clone(), playbooks.clone())
        .await
        .context("cannot read how far schedules are")?;
    let scheduler = Arc::new(scheduler);
    counted.loaded(&playbooks);
    let page = metrics::router(Arc::new(Page {
        metrics: counted.metrics.clone(),
        host: host.clone(),
        doors: doors.clone(),
        schedules: scheduler.meter(),
        journal: data_dir.join(compose::JOURNAL),
    }));
    let playbooks = Arc::new(RwLock::new(playbooks));
    let takers = Takers {
        host: host.clone(),
        playbooks: playbooks.clone(),
        doors: doors.clone(),
        scheduler: scheduler.clone(),
        retention,
        counted,
    };
    let reloader = Reloader::new(sources, seen, config, loaded, takers);
    let stop = CancellationToken::new();
    let api = Arc::new(Api {
        host: host.clone(),
        store: journal,
        clock,
        playbooks,
        reload: reloader.clone(),
        health: Health::default(),
        news,
        stop: stop.clone(),
    });
    say!("riposte takes webhooks at http://{address}/hooks, and commands at {}", socket.path().display());
    let control = socket.serve(api.clone(), stop.clone());
    if counts.parked + counts.ready > 0 {
        say!("  {} runs wait, {} go on", counts.parked, counts.ready);
    }
    let routes = http::router(doors.clone()).merge(api::over_network(api.clone(), Tokens::of(&tokens)));
    let routes = routes.merge(page);
    let ends = stop.clone();
    let intake = async {
        http::serve(listener, routes, *doors.limits(), ends).await;
        doors.settle().await;
    };
    let watched = watch::keep(reloader.clone());
    notify::ready();
    tokio::select! {
        _ = async { tokio::join!(intake, obey(signals, reloader, stop)) } => {}
        never = watched => match never {},
        never = notify::keep_alive(async || host.beats().await) => match never {},
    }
    scheduler.close().await;
    // Whoever has sent half a request does not keep the daemon from ending.
    let _ = tokio::join!(host.close(), tokio::time::timeout(LAST_ANSWERS, control));
    Ok(Exit::Done)
}

/// Does what signals say, until one says to end; then nothing more is taken in.
async fn obey(mut signals: Signals, reloader: Arc<Reloader>, stop: CancellationToken) {
    while let Told::Reload = signals.next().await {
        notify::reloading();
        let reloader = reloader.clone();
        // What came of it is in the log, and in what `readyz` answers.
        let _ = tokio::task::spawn_blocking(move || reloader.reload()).await;
        notify::ready();
    }
    notify::stopping();
    say!("stopping: calls in flight are waited for, and what waits goes on with the next start");
    stop.cancel();
}
