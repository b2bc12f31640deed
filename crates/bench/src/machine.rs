//! What it was measured on.

use anyhow::Result;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use tokio::time::Instant;

/// Syncs that are timed.
const SYNCS: usize = 200;

/// The machine's facts, with what a sync costs in the folder where journals are put.
pub(crate) async fn facts(folder: &Path) -> Result<Value> {
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
        let facts = facts(folder.path()).await.unwrap();
        for name in ["cores", "kernel", "sqlite", "sync_us"] {
            assert!(!facts[name].is_null(), "{name}: {facts}");
        }
    }

    #[test]
    fn the_disk_is_that_of_the_innermost_mount() {
        let mounts = "/dev/a / ext4 rw 0 0\n/dev/b /tmp xfs rw 0 0\n/dev/c /tmpfs ext4 rw 0 0\n";
        assert_eq!(disk(Path::new("/tmp"), mounts).as_deref(), Some("/dev/b (xfs)"));
        assert_eq!(disk(Path::new("/"), mounts).as_deref(), Some("/dev/a (ext4)"));
    }
}
