//! When calls left, on disk, so that a program that is started anew does not begin with budgets that are spent.
//!
//! One line for each call, `milliseconds-since-1970 class`. What is lost with the machine's memory is not missed: starting the
//! machine takes longer than a line takes to reach the disk.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::class::{Class, HOUR};

/// Lines of one file. All limits together allow fewer calls an hour, so this file and the one before it hold the last hour.
const MAX_LINES: usize = 10_000;

/// Most bytes that are read of a file; what we write is less.
const MAX_BYTES: u64 = 1 << 20;

/// The file that calls are written to.
#[derive(Debug)]
pub(super) struct Record {
    path: PathBuf,
    file: File,
    lines: usize,
    /// Whether writing has failed, so that it is said once.
    failed: bool,
}

impl Record {
    /// Opens a record, and gives the calls of the last hour with their ages.
    pub(super) fn open(path: &Path, now: SystemTime) -> io::Result<(Record, Vec<(Class, Duration)>)> {
        let (older, newer) = (read(&before(path))?, read(path)?);
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        let calls = older.lines().chain(newer.lines()).filter_map(|line| call(line, now)).collect();
        let lines = newer.lines().count();
        Ok((Record { path: path.to_owned(), file, lines, failed: false }, calls))
    }

    /// Writes a call down. A disk that does not take it must not keep a device from being isolated, so it is only said.
    pub(super) fn write(&mut self, class: Class, now: SystemTime) {
        let result = self.turn_over().and_then(|()| {
            // In one write, so that the lines of two programs do not mix.
            self.file.write_all(format!("{} {}\n", since_1970(now).as_millis(), class.name()).as_bytes())
        });
        match result {
            Ok(()) => self.lines += 1,
            Err(error) if !self.failed => {
                self.failed = true;
                tracing::warn!(
                    file = %self.path.display(),
                    %error,
                    "calls are not written down: after a restart more may be sent than Defender allows"
                );
            }
            Err(_) => {}
        }
    }

    /// Begins a new file when this one is full.
    fn turn_over(&mut self) -> io::Result<()> {
        if self.lines < MAX_LINES {
            return Ok(());
        }
        std::fs::rename(&self.path, before(&self.path))?;
        self.file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        self.lines = 0;
        Ok(())
    }
}

/// Where the lines before those of `path` are.
fn before(path: &Path) -> PathBuf {
    path.with_extension("before")
}

fn read(path: &Path) -> io::Result<String> {
    use io::Read as _;
    let mut text = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(MAX_BYTES).read_to_end(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The call of a line and its age; none when it is over an hour old, or no line of ours. What the clock says is still to come has
/// just been: somebody has set the clock.
fn call(line: &str, now: SystemTime) -> Option<(Class, Duration)> {
    let (millis, class) = line.split_once(' ')?;
    let age = since_1970(now).saturating_sub(Duration::from_millis(millis.parse().ok()?));
    Some((Class::named(class)?, age)).filter(|(_, age)| *age < HOUR)
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn what_is_written_is_read_for_an_hour() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("defender.calls");
        let (mut record, calls) = Record::open(&path, at(10_000)).unwrap();
        assert_eq!(calls, []);
        record.write(Class::General, at(10_000));
        record.write(Class::PackageUri, at(10_060));
        let read = |seconds| Record::open(&path, at(seconds)).unwrap().1;
        let second = Duration::from_secs;
        assert_eq!(read(10_100), [(Class::General, second(100)), (Class::PackageUri, second(40))]);
        assert_eq!(read(13_650), [(Class::PackageUri, second(3590))]);
        assert_eq!(read(9_000), [(Class::General, second(0)), (Class::PackageUri, second(0))]);
    }

    #[test]
    fn lines_that_are_not_ours_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("defender.calls");
        std::fs::write(&path, b"\xff\xfe\n\n12\n99 general\nx general\n9000000 gen\n9900000 general")
            .unwrap();
        let (mut record, calls) = Record::open(&path, at(10_000)).unwrap();
        assert_eq!(calls, [(Class::General, Duration::from_secs(100))]);
        // The last line was cut off with its end; the next one makes it unreadable, and is lost with it.
        record.write(Class::General, at(10_000));
        record.write(Class::General, at(10_000));
        assert_eq!(Record::open(&path, at(10_000)).unwrap().1.len(), 1);
    }

    #[test]
    fn a_full_file_makes_room_and_the_last_hour_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("defender.calls");
        let (mut record, _) = Record::open(&path, at(10_000)).unwrap();
        for call in 0..2 * MAX_LINES + 1 {
            record.write(Class::General, at(10_000 + u64::try_from(call).unwrap() / 1000));
        }
        let (record, calls) = Record::open(&path, at(10_020)).unwrap();
        assert_eq!((record.lines, calls.len()), (1, MAX_LINES + 1));
    }

    #[test]
    fn a_disk_that_takes_nothing_stops_nobody() {
        let (mut record, _) = Record::open(Path::new("/dev/full"), at(10_000)).unwrap();
        record.write(Class::General, at(10_000));
        record.write(Class::General, at(10_000));
        assert!(record.failed);
    }
}
