//! Where a workload is played: a folder, the provider, and the subjects with what they need.

use crate::floor::Library;
use crate::http::Client;
use crate::load::{Load, Sent};
use crate::process::{Process, size};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// How long an action of the provider takes.
const ACTION: Duration = Duration::from_millis(20);

/// How long nothing may happen before a workload counts as stuck.
const STUCK: Duration = Duration::from_secs(120);

/// What proves a webhook's sender.
pub(crate) const TOKEN: &str = "only-for-the-benchmark";

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Riposte,
    Floor(Library),
}

impl Who {
    /// Everyone that there is.
    pub(crate) const ALL: [Who; 3] = [Who::Riposte, Who::Floor(Library::Hyper), Who::Floor(Library::Reqwest)];
}

/// What everything is played with.
pub(crate) struct Stage {
    riposte: PathBuf,
    this: PathBuf,
    folder: TempDir,
    provider: SocketAddr,
    /// Asks the provider.
    client: Client,
    _process: Process,
    next_folder: u32,
}

/// How a subject is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup<'s> {
    pub(crate) playbook: &'s str,
    /// Shortest pause between two looks at an action.
    pub(crate) pause: Duration,
    /// Counts how often it syncs; nothing else is worth measuring then.
    pub(crate) counting: bool,
}

/// A subject that is set up in a folder of its own, and may be started more than once.
pub(crate) struct Subject {
    pub(crate) who: Who,
    folder: PathBuf,
    command: Vec<std::ffi::OsString>,
    counting: bool,
}

impl Stage {
    /// A stage in a folder below this one, on the disk that is to be measured.
    pub(crate) async fn open(riposte: PathBuf, below: &Path) -> Result<Stage> {
        let folder = TempDir::new_in(below).context("no folder to work in")?;
        let this = std::env::current_exe()?;
        let mut process = Process::start(
            Command::new(&this).args(["provider", "--time-ms", &ACTION.as_millis().to_string()]),
            folder.path().join("provider.log"),
        )?;
        let provider = process.address().await.context("the provider")?;
        let client = Client::new(provider, 4);
        Ok(Stage { riposte, this, folder, provider, client, _process: process, next_folder: 0 })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the folder to whoever wants to know what went wrong.
    pub(crate) fn keep(self) -> PathBuf {
        self.folder.keep()
    }

    pub(crate) fn riposte(&self) -> &Path {
        &self.riposte
    }

    /// A folder of one's own.
    pub(crate) fn fresh_folder(&mut self) -> Result<PathBuf> {
        self.next_folder += 1;
        let folder = self.folder.path().join(self.next_folder.to_string());
        std::fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// Sets a subject up, with an empty journal.
    pub(crate) fn set_up(&mut self, who: Who, setup: Setup<'_>) -> Result<Subject> {
        let folder = self.fresh_folder()?;
        let command = match who {
            Who::Riposte => self.riposte_command(&folder, setup)?,
            Who::Floor(library) => vec![
                self.this.clone().into(),
                "floor".into(),
                "--data-dir".into(),
                folder.clone().into(),
                "--provider".into(),
                self.provider.to_string().into(),
                "--library".into(),
                library.name().into(),
                "--token".into(),
                TOKEN.into(),
                "--pause-ms".into(),
                setup.pause.as_millis().to_string().into(),
            ],
        };
        Ok(Subject { who, folder, command, counting: setup.counting })
    }

    fn riposte_command(&self, folder: &Path, setup: Setup<'_>) -> Result<Vec<std::ffi::OsString>> {
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text);
        std::fs::create_dir(folder.join("credentials"))?;
        write("credentials/bench", TOKEN)?;
        write("secret", "only-for-the-benchmark-too")?;
        std::fs::create_dir(playbooks(folder))?;
        write("playbooks/bench.yaml", setup.playbook)?;
        let config = format!(
            "listen: 127.0.0.1:0\nplaybooks: {folder}/playbooks\ndata_dir: {folder}\n\
             webhooks: {{ rate: 1000000/s }}\n\
             connections:\n  defender:\n    kind: defender\n    tenant_id: 11111111-2222-4333-8444-555555555555\n    \
             client_id: 66666666-7777-4888-9999-000000000000\n    client_secret: {{ file: {folder}/secret }}\n    \
             endpoint: http://{0}\n    authority: http://{0}\n    rate_limits: none\n    \
             poll: {{ shortest: {1}ms, longest: 60s }}\n",
            self.provider,
            setup.pause.as_millis(),
            folder = folder.display(),
        );
        write("riposte.yaml", &config)?;
        let config = folder.join("riposte.yaml");
        Ok(vec![self.riposte.clone().into(), "serve".into(), "--config".into(), config.into()])
    }

    /// Has a process of its own send alerts.
    pub(crate) async fn load(&self, load: &Load) -> Result<Sent> {
        let mut command = Command::new(&self.this);
        command.args(["load", "--to", &load.to.to_string(), "--token", &load.token]);
        command.args(["--count", &load.count.to_string(), "--first", &load.first.to_string()]);
        command.args(["--connections", &load.connections.to_string()]);
        if let Some(rate) = load.rate {
            command.args(["--rate", &rate.to_string()]);
        }
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        if !output.status.success() {
            bail!("the loader failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        let sent: Sent = serde_json::from_slice(&output.stdout)?;
        if sent.refused > 0 {
            bail!("{} of {} alerts were not taken", sent.refused, load.count);
        }
        Ok(sent)
    }

    /// Gives the provider an order.
    pub(crate) async fn order(&self, order: &str) -> Result<()> {
        self.client.post(&format!("/bench/{order}"), hyper::body::Bytes::new()).await?;
        Ok(())
    }

    /// What the provider knows.
    pub(crate) async fn ask(&self, what: &str) -> Result<Value> {
        Ok(serde_json::from_slice(&self.client.get(&format!("/bench/{what}")).await?)?)
    }

    /// Waits until the provider's count of something is so high.
    pub(crate) async fn until(&self, count: &str, least: usize) -> Result<()> {
        let mut patience = Patience::new();
        loop {
            let now = self.ask("counts").await?[count].as_u64().context("there is no such count")?;
            if now >= least as u64 {
                return Ok(());
            }
            patience
                .wait(now, Duration::from_millis(20))
                .await
                .with_context(|| format!("{count}: {now} of {least}"))?;
        }
    }
}

fn playbooks(folder: &Path) -> PathBuf {
    folder.join("playbooks")
}

/// Waits as long as something changes.
struct Patience {
    last: u64,
    changed: Instant,
}

impl Patience {
    fn new() -> Patience {
        Patience { last: 0, changed: Instant::now() }
    }

    async fn wait(&mut self, now: u64, pause: Duration) -> Result<()> {
        if now != self.last {
            (self.last, self.changed) = (now, Instant::now());
        }
        if self.changed.elapsed() > STUCK {
            bail!("nothing has happened for {} s", STUCK.as_secs());
        }
        sleep(pause).await;
        Ok(())
    }
}

impl Subject {
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts it; it may not listen yet.
    pub(crate) fn spawn(&self) -> Result<Process> {
        let words: Vec<_> = if self.counting { self.watched() } else { self.command.clone() };
        let (program, arguments) = words.split_first().context("an empty command")?;
        let mut command = Command::new(program);
        command.args(arguments).env("CREDENTIALS_DIRECTORY", self.folder.join("credentials"));
        Process::start(&mut command, self.folder.join("log"))
    }

    /// Starts it and waits until it listens.
    pub(crate) async fn start(&self) -> Result<(Process, SocketAddr)> {
        let mut process = self.spawn()?;
        let address = process.address().await.with_context(|| format!("{:?}", self.who))?;
        if self.counting {
            process.look_through()?;
        }
        Ok((process, address))
    }

    fn watched(&self) -> Vec<std::ffi::OsString> {
        let strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fdatasync,fsync", "-o"];
        let words = strace.into_iter().map(Into::into).chain([self.folder.join("syncs").into()]);
        words.chain(self.command.iter().cloned()).collect()
    }

    /// How often it has synced, after its end.
    pub(crate) fn syncs(&self) -> Result<usize> {
        let trace = std::fs::read_to_string(self.folder.join("syncs")).context("no trace of strace")?;
        Ok(trace.lines().filter(|line| line.contains("sync(")).count())
    }

    /// Where riposte finds its playbooks.
    pub(crate) fn playbooks(&self) -> PathBuf {
        playbooks(&self.folder)
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.folder.join("journal.db")
    }

    /// Bytes of the journal with its log.
    pub(crate) fn journal_bytes(&self) -> u64 {
        size(&self.journal()) + size(&self.folder.join("journal.db-wal"))
    }

    /// Waits until so many runs have ended well; when the last one did, in milliseconds since 1970. Both subjects say so in the
    /// same table. What is looked through is long: wait for something cheaper first.
    pub(crate) async fn until_over(&self, runs: usize) -> Result<u64> {
        let mut journal = self.look().await?;
        let mut patience = Patience::new();
        loop {
            let statement = "SELECT count(*), max(at_ms) FROM events
                WHERE kind = 'run_finished' AND CAST(payload AS TEXT) ->> 'status' = 'succeeded'";
            let row = sqlx::query(statement).fetch_one(&mut journal).await?;
            let over: i64 = row.try_get(0)?;
            if usize::try_from(over)? >= runs {
                return Ok(u64::try_from(row.try_get::<i64, _>(1)?)?);
            }
            let over = u64::try_from(over)?;
            patience
                .wait(over, Duration::from_millis(100))
                .await
                .with_context(|| format!("{over} of {runs} runs"))?;
        }
    }

    /// The journal, to look into it.
    pub(crate) async fn look(&self) -> Result<SqliteConnection> {
        let options = SqliteConnectOptions::new().filename(self.journal()).read_only(true);
        Ok(options.connect().await?)
    }
}
