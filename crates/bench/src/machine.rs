//! What it was measured on.

use crate::clock::wall_millis;
use crate::stage::Stage;
use crate::work::Size;
use anyhow::{Context, Result};
use riposte_model::Timestamp;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use tokio::time::Instant;

/// Syncs that are timed.
const SYNCS: usize = 200;

/// When and of what, and the machine's facts, with what a sync costs in the folder where journals are put.
pub(crate) async fn facts(stage: &Stage, size: Size) -> Result<Value> {
    let version = Command::new(stage.riposte()).arg("--version").output();
    let version = version.with_context(|| format!("cannot start {}", stage.riposte().display()))?;
    let mut facts = of_machine(stage.folder()).await?;
    facts["began"] = json!(Timestamp::from_millis(i64::try_from(wall_millis())?).to_string());
    facts["version"] = json!(String::from_utf8_lossy(&version.stdout).trim());
    facts["rounds"] = json!(size.rounds);
    facts["quick"] = json!(size.quick);
    Ok(facts)
}

async fn of_machine(folder: &Path) -> Result<Value> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let (cpus, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    Ok(json!({
        "cpu": field(&cpus, "model name"),
        "cores": std::thread::available_parallelism()?.get(),
        "memory": field(&memory, "MemTotal"),
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "disk": disk(folder, &read("/proc/mounts")),
        "sqlite": sqlite().await?,
        "sync_us": sync_cost(folder)?,
        "load": read("/proc/loadavg").trim(),
    }))
}

/// How busy the processors have been.
pub(crate) struct Busy {
    all: u64,
    stolen: u64,
}

impl Busy {
    /// Since the machine began.
    pub(crate) fn now() -> Busy {
        Busy::of(&std::fs::read_to_string("/proc/stat").unwrap_or_default())
    }

    /// User, nice, system, idle, waiting, two kinds of interrupts, stolen; what follows is in the first two too.
    fn of(stat: &str) -> Busy {
        let ticks = stat.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8);
        let ticks: Vec<u64> = ticks.map(|ticks| ticks.parse().unwrap_or_default()).collect();
        Busy { all: ticks.iter().sum(), stolen: ticks.get(7).copied().unwrap_or_default() }
    }

    /// The share of all time that went to other machines since then, from 0 to 1.
    pub(crate) fn stolen_since(&self) -> f64 {
        let now = Busy::now();
        let (all, stolen) = (now.all.saturating_sub(self.all), now.stolen.saturating_sub(self.stolen));
        stolen as f64 / all.max(1) as f64
    }
}

/// Device and file system of the mount that a folder is in.
fn disk(folder: &Path, mounts: &str) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (device, point, kind) = (words.next()?, words.next()?, words.next()?);
        folder.starts_with(point).then(|| (point.len(), format!("{device} ({kind})")))
    });
    mounts.max_by_key(|(length, _)| *length).map(|(_, text)| text)
}

async fn sqlite() -> Result<String> {
    use sqlx::{ConnectOptions, Row};
    let mut memory = sqlx::sqlite::SqliteConnectOptions::new().in_memory(true).connect().await?;
    Ok(sqlx::query("SELECT sqlite_version()").fetch_one(&mut memory).await?.try_get(0)?)
}

/// What overwriting a page and fdatasync cost, in microseconds: the median.
fn sync_cost(folder: &Path) -> Result<Option<f64>> {
    use std::os::unix::fs::FileExt;
    let path = folder.join("sync");
    let mut file = File::create(&path)?;
    file.write_all(&[0; 1 << 20])?;
    file.sync_all()?;
    let mut times = Vec::with_capacity(SYNCS);
    for number in 0..SYNCS {
        let begun = Instant::now();
        file.write_all_at(&[1; 4096], (number as u64 % 256) * 4096)?;
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    std::fs::remove_file(path)?;
    Ok(crate::stats::median(&times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_facts_say_what_the_figures_depend_on() {
        let folder = tempfile::tempdir().unwrap();
        let facts = of_machine(folder.path()).await.unwrap();
        for name in ["cores", "kernel", "sqlite", "sync_us"] {
            assert!(!facts[name].is_null(), "{name}: {facts}");
        }
    }

    #[test]
    fn what_was_stolen_is_the_eighth_of_a_processors_times() {
        let busy = Busy::of("cpu  100 1 20 300 4 5 6 70 80 90\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
        assert_eq!((busy.all, busy.stolen), (506, 70));
    }

    #[test]
    fn the_disk_is_that_of_the_innermost_mount() {
        let mounts = "/dev/a / ext4 rw 0 0\n/dev/b /tmp xfs rw 0 0\n/dev/c /tmpfs ext4 rw 0 0\n";
        assert_eq!(disk(Path::new("/tmp"), mounts).as_deref(), Some("/dev/b (xfs)"));
        assert_eq!(disk(Path::new("/"), mounts).as_deref(), Some("/dev/a (ext4)"));
    }
}
