//! Processes that the benchmark starts, and what the system says of them.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a process may take until it listens.
const START: Duration = Duration::from_secs(60);

/// How long it may take to end.
const END: Duration = Duration::from_secs(120);

/// What times in `/proc` are counted in: `USER_HZ` is 100 on every architecture that Linux runs on today.
const TICK: f64 = 0.01;

/// A process that listens somewhere. Killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    /// That of the process itself, should it run below another one.
    pid: u32,
    log: PathBuf,
    /// When it was started.
    pub(crate) began: Instant,
}

/// What a process has used since it began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) cpu_seconds: f64,
    /// What lies in memory now, and the most that ever did.
    pub(crate) resident: u64,
    pub(crate) resident_most: u64,
    /// What was sent to the disk.
    pub(crate) written: u64,
}

impl Process {
    /// Starts a process whose stderr goes into a file.
    pub(crate) fn start(command: &mut Command, log: PathBuf) -> Result<Process> {
        let file = File::create(&log).with_context(|| format!("no log at {}", log.display()))?;
        let began = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn();
        let child = child.with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let pid = child.id();
        Ok(Process { child, pid, log, began })
    }

    /// Where it says that it listens: the first `http://ADDRESS/` of its log.
    pub(crate) async fn address(&mut self) -> Result<SocketAddr> {
        loop {
            let log = std::fs::read_to_string(&self.log)?;
            if let Some(address) = address(&log) {
                return Ok(address);
            }
            if self.child.try_wait()?.is_some() || self.began.elapsed() > START {
                bail!("it does not listen; it says: {log}");
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Has the figures be those of the process that this one has started, not of the one that watches it.
    pub(crate) fn look_through(&mut self) -> Result<()> {
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        let children = std::fs::read_to_string(children)?;
        self.pid =
            children.split(' ').next().unwrap_or_default().parse().context("it has started nothing")?;
        Ok(())
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", self.pid));
        let (status, io) = (read("status")?, read("io")?);
        let kib = |name: &str| field(&status, name).map(|kib| kib * 1024).context("it has ended");
        Ok(Usage {
            cpu_seconds: ticks(&read("stat")?).context("no times")? * TICK,
            resident: kib("VmRSS")?,
            resident_most: kib("VmHWM")?,
            written: field(&io, "write_bytes").context("nothing says what it has written")?,
        })
    }

    /// Tells it to end, and waits until it has.
    pub(crate) async fn end(mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("it had ended before, with {status}: {}", std::fs::read_to_string(&self.log)?);
        }
        Command::new("kill").args(["-TERM", &self.pid.to_string()]).status()?;
        let told = Instant::now();
        while told.elapsed() < END {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("it ended with {status}: {}", std::fs::read_to_string(&self.log)?),
                None => {}
            }
            sleep(Duration::from_millis(5)).await;
        }
        bail!("it does not end")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended is not there any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(log: &str) -> Option<SocketAddr> {
    let (_, rest) = log.split_once("http://")?;
    // A line that is not whole yet would give a part of the port.
    let (address, _) = rest.split_once('/')?;
    address.parse().ok()
}

fn field(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.split_whitespace().next()?.parse().ok()
}

/// User and system time of a process with all of its threads, in ticks. Its name may have blanks and brackets in it.
fn ticks(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut times = rest.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (times.next()?.parse().ok()?, times.next()?.parse().ok()?);
    Some((user + system) as f64)
}

/// Bytes of a file; of none, none.
pub(crate) fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map(|file| file.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_once_its_line_goes_on() {
        let line = "riposte takes webhooks at http://127.0.0.1:4321/hooks, and commands at x";
        assert_eq!(address(line), Some("127.0.0.1:4321".parse().unwrap()));
        assert_eq!(address("… http://127.0.0.1:43"), None);
        assert_eq!(address("error: nothing"), None);
    }

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "42 (a b) c) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0";
        assert_eq!(ticks(stat), Some(175.0));
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let status = "VmPeak:\t  10 kB\nVmRSS:\t  2048 kB\n";
        assert_eq!(field(status, "VmRSS"), Some(2048));
        assert_eq!(field(status, "VmR"), None);
    }
}
