//! This process, as the kernel tells of it below `/proc` (proc(5)).

use std::fs;

/// What is known of a process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Process {
    /// When it started, in seconds since 1970.
    pub started_at: f64,
    /// How long it has been on processors, in seconds.
    pub cpu_seconds: f64,
    /// What it has in memory.
    pub resident_bytes: u64,
    /// How many files it has open.
    pub open_files: u64,
    /// How many it may have open, if that is limited.
    pub max_files: Option<u64>,
}

impl Process {
    /// This process now; nothing where there is no `/proc`.
    pub fn now() -> Option<Process> {
        let read = |path: &str| fs::read_to_string(path).ok();
        Process::of(
            &read("/proc/self/stat")?,
            &read("/proc/self/status")?,
            &read("/proc/self/limits")?,
            &read("/proc/stat")?,
            rustix::param::clock_ticks_per_second(),
            // One of them is this look itself.
            u64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()?.saturating_sub(1),
        )
    }

    fn of(
        stat: &str,
        status: &str,
        limits: &str,
        system: &str,
        ticks: u64,
        open_files: u64,
    ) -> Option<Process> {
        // The command stands in parentheses and may hold anything, parentheses too. Behind it is the third field.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let ticks = precise(ticks);
        let seconds = |field: usize| Some(precise(fields.get(field - 3)?.parse().ok()?) / ticks);
        let booted: u64 = value(system, "btime")?.parse().ok()?;
        let resident: u64 = value(status, "VmRSS:")?.parse().ok()?;
        Some(Process {
            started_at: precise(booted) + seconds(22)?,
            cpu_seconds: seconds(14)? + seconds(15)?,
            resident_bytes: resident.saturating_mul(1024),
            open_files,
            max_files: value(limits, "Max open files").and_then(|limit| limit.parse().ok()),
        })
    }
}

/// The first word behind a key that begins a line.
fn value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(key)).and_then(|rest| rest.split_ascii_whitespace().next())
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 and ticks are far below 2^52")]
fn precise(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_understood() {
        let stat =
            "42 (a) b) S 1 42 42 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 9 0 2500 1 1 18446744073709551615";
        let status = "Name:\tx\nVmRSS:\t    2048 kB\n";
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096   files\n";
        let process = Process::of(stat, status, limits, "cpu 1 2\nbtime 1700000000\n", 100, 7);
        let expected = Process {
            started_at: 1_700_000_025.0,
            cpu_seconds: 2.0,
            resident_bytes: 2 << 20,
            open_files: 7,
            max_files: Some(1024),
        };
        assert_eq!(process, Some(expected));
        assert_eq!(Process::of("", status, limits, "", 100, 7), None);
    }

    #[test]
    fn this_process_is_there() {
        let process = Process::now().unwrap();
        assert!(process.started_at > 1_600_000_000.0 && process.resident_bytes > 0 && process.open_files > 0);
    }
}
