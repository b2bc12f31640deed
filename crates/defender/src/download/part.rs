//! The file while it comes, and what stands beside it.
//!
//! | name | is | until |
//! |---|---|---|
//! | `NAME.part` | what came so far, locked by who writes it | it is whole |
//! | `NAME.part.record` | how much of the part is known to be good | it is whole |
//! | `NAME.sha256` | the digest of the whole, for `sha256sum -c` | stays |
//! | `NAME` | the whole | stays |
//!
//! The record holds a digest of the bytes that it speaks of, so a part is continued only if they are still what came. So no
//! order of writes has to be kept for the sake of a crash, nor for that of a power failure.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use ring::digest::{Context, SHA256};
use tokio::{io::AsyncWriteExt as _, task::spawn_blocking};

use super::{
    DownloadError, Place, Resumable,
    record::{Record, hex, sum, summed},
};

/// How much comes between two records: what a crash costs at most.
const RECORD_EVERY: u64 = 4 * 1024 * 1024;

/// How often a part that somebody else has just finished is opened again.
const MAX_OPENINGS: u32 = 3;

/// A file that is whole and on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Where it is, below the folder that was given: `packages/988cc94e-7a8f-4b28-ab65-54970c5d5018.zip`.
    pub file: String,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256, in 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// What is at a place before anything is asked for.
pub(super) enum Opened {
    Finished(Saved),
    Begun(Box<Part>),
}

/// A file on its way.
pub(super) struct Part {
    file: tokio::fs::File,
    paths: Paths,
    digest: Context,
    bytes: u64,
    tag: Option<String>,
    total: Option<u64>,
    /// Bytes that came, whether they were kept or not.
    came: u64,
    unrecorded: u64,
    /// Whether some of it was not written, so that it is not what its digest says.
    is_torn: bool,
}

#[derive(Debug, Clone)]
struct Paths {
    /// Relative to the folder that was given.
    shown: String,
    name: String,
    folder: PathBuf,
    whole: PathBuf,
    part: PathBuf,
    record: PathBuf,
    sum: PathBuf,
}

impl Part {
    /// Makes the folder, for its owner alone, and looks at what is there.
    pub(super) async fn open(folder: &Path, place: &Place) -> Result<Opened, DownloadError> {
        let paths = Paths::of(folder, place);
        let folder = paths.folder.clone();
        blocking("open", &folder, move || open(paths)).await
    }

    /// How much there is.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How long the file is, as far as that is known.
    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }

    /// How much came since it was opened.
    pub(super) fn came(&self) -> u64 {
        self.came
    }

    /// Where the whole will be.
    pub(super) fn file(&self) -> PathBuf {
        self.paths.whole.clone()
    }

    pub(super) fn is_whole(&self) -> bool {
        self.total == Some(self.bytes)
    }

    /// Says that nothing more comes.
    pub(super) fn ends_here(&mut self) {
        self.total = Some(self.bytes);
    }

    /// From where the storage may be asked to go on. Without its tag nothing tells whether it is still the same file.
    pub(super) fn resumable(&self) -> Option<Resumable> {
        let tag = self.tag.clone()?;
        (self.bytes > 0).then_some(Resumable { bytes: self.bytes, tag })
    }

    /// Begins anew, with a file of this tag and length.
    pub(super) async fn restart(
        &mut self,
        tag: Option<String>,
        total: Option<u64>,
    ) -> Result<(), DownloadError> {
        if self.bytes > 0 {
            let cut = async {
                self.file.flush().await?;
                self.file.set_len(0).await?;
                tokio::io::AsyncSeekExt::rewind(&mut self.file).await
            };
            cut.await.map_err(|error| DownloadError::disk("empty", &self.paths.part, error))?;
        }
        (self.tag, self.total, self.bytes) = (tag, total, 0);
        self.digest = Context::new(&SHA256);
        self.record().await
    }

    /// Adds what came.
    pub(super) async fn append(&mut self, chunk: &[u8]) -> Result<(), DownloadError> {
        let written = self.file.write_all(chunk).await;
        self.taken(written)?;
        self.digest.update(chunk);
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(length);
        self.came = self.came.saturating_add(length);
        self.unrecorded = self.unrecorded.saturating_add(length);
        if self.unrecorded >= RECORD_EVERY { self.record().await } else { Ok(()) }
    }

    /// Writes down how far it is.
    async fn record(&mut self) -> Result<(), DownloadError> {
        // Only what the system has taken is recorded: an error of an earlier write shows here at the latest.
        let flushed = self.file.flush().await;
        self.taken(flushed)?;
        self.unrecorded = 0;
        let record = Record {
            bytes: self.bytes,
            sha256: hex(self.digest.clone().finish().as_ref()),
            tag: self.tag.clone(),
            total: self.total,
        };
        let path = self.paths.record.clone();
        blocking("write", &self.paths.record, move || replace(&path, &record.to_text(), false)).await
    }

    /// Leaves it for the next download. What goes wrong here costs only what came since the last record.
    pub(super) async fn keep(&mut self) {
        // The last record still holds.
        if self.is_torn {
            return;
        }
        if let Err(error) = self.record().await {
            tracing::warn!(%error, "the end of a download is not recorded");
        }
    }

    /// Leaves nothing of it.
    pub(super) async fn discard(self) {
        for path in [&self.paths.part, &self.paths.record] {
            match tokio::fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, file = %path.display(), "a download that was given up is not removed");
                }
                Ok(()) | Err(_) => {}
            }
        }
    }

    /// Brings it to disk and gives it its name.
    pub(super) async fn finish(mut self) -> Result<Saved, DownloadError> {
        let flushed = self.file.flush().await;
        self.taken(flushed)?;
        let synced = self.file.sync_all().await;
        self.taken(synced)?;
        let sha256 = hex(self.digest.finish().as_ref());
        let saved = Saved { file: self.paths.shown.clone(), bytes: self.bytes, sha256 };
        let (file, paths) = (self.file.into_std().await, self.paths);
        let name = paths.whole.clone();
        blocking("finish", &name, move || {
            name_it(&paths, &saved)?;
            // It was locked until here.
            drop(file);
            Ok(saved)
        })
        .await
    }

    /// What became of a write. The system tells of an error later than of the write, and only once.
    fn taken(&mut self, written: io::Result<()>) -> Result<(), DownloadError> {
        self.is_torn |= written.is_err();
        written.map_err(|error| DownloadError::disk("write", &self.paths.part, error))
    }
}

impl Paths {
    fn of(folder: &Path, place: &Place) -> Paths {
        let name = place.name().to_owned();
        let folder_of_kind = folder.join(place.folder());
        let beside = |ending: &str| folder_of_kind.join(format!("{name}{ending}"));
        Paths {
            shown: format!("{}/{name}", place.folder()),
            whole: beside(""),
            part: beside(".part"),
            record: beside(".part.record"),
            sum: beside(".sha256"),
            name,
            folder: folder_of_kind,
        }
    }
}

async fn blocking<T: Send + 'static>(
    doing: &'static str,
    path: &Path,
    work: impl FnOnce() -> Result<T, DownloadError> + Send + 'static,
) -> Result<T, DownloadError> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(panic) => Err(DownloadError::disk(doing, path, io::Error::other(panic))),
    }
}

fn open(paths: Paths) -> Result<Opened, DownloadError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&paths.folder)
        .map_err(|error| DownloadError::disk("make the folder", &paths.folder, error))?;
    for _ in 0..MAX_OPENINGS {
        if let Some(saved) = finished(&paths)? {
            return Ok(Opened::Finished(saved));
        }
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&paths.part);
        let file = open.map_err(|error| DownloadError::disk("open", &paths.part, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DownloadError::Busy { file: paths.whole }),
            Err(TryLockError::Error(error)) => return Err(DownloadError::disk("lock", &paths.part, error)),
        }
        // Between opening and locking somebody may have finished it: then this is the whole, under a name that it had.
        let is_ours =
            is_at(&file, &paths.part).map_err(|error| DownloadError::disk("look at", &paths.part, error))?;
        if !is_ours {
            continue;
        }
        if paths.whole.symlink_metadata().is_ok() {
            fs::remove_file(&paths.part)
                .map_err(|error| DownloadError::disk("remove", &paths.part, error))?;
            continue;
        }
        return resume(file, paths).map(|part| Opened::Begun(Box::new(part)));
    }
    Err(DownloadError::Busy { file: paths.whole })
}

/// Whether this is the file that has this name now.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match path.symlink_metadata() {
        Ok(there) => Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What an earlier download has left here, if it is still that.
fn finished(paths: &Paths) -> Result<Option<Saved>, DownloadError> {
    let unread = |error| DownloadError::disk("read", &paths.whole, error);
    let mut file = match File::open(&paths.whole) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unread(error)),
    };
    let bytes = file.metadata().map_err(unread)?.len();
    let sha256 = hex(digest(&mut file, bytes).map_err(unread)?.finish().as_ref());
    match fs::read_to_string(&paths.sum) {
        Ok(text) if summed(&text) == Some(&sha256) => {
            Ok(Some(Saved { file: paths.shown.clone(), bytes, sha256 }))
        }
        _ => Err(DownloadError::Altered { file: paths.whole.clone() }),
    }
}

/// Goes on behind the bytes that are recorded, if they are still there.
fn resume(mut file: File, paths: Paths) -> Result<Part, DownloadError> {
    let unread = |error| DownloadError::disk("read", &paths.part, error);
    let record = fs::read_to_string(&paths.record).ok().and_then(|text| Record::read(&text));
    let good = match record {
        Some(record) if record.bytes <= file.metadata().map_err(unread)?.len() => {
            let digest = digest(&mut file, record.bytes).map_err(unread)?;
            (hex(digest.clone().finish().as_ref()) == record.sha256).then_some((record, digest))
        }
        _ => None,
    };
    let (bytes, tag, total, digest) = match good {
        Some((record, digest)) => (record.bytes, record.tag, record.total, digest),
        None => (0, None, None, Context::new(&SHA256)),
    };
    file.set_len(bytes).and_then(|()| file.seek(SeekFrom::Start(bytes))).map_err(unread)?;
    let file = tokio::fs::File::from_std(file);
    Ok(Part { file, paths, digest, bytes, tag, total, came: 0, unrecorded: 0, is_torn: false })
}

/// The digest of the first bytes of a file.
fn digest(file: &mut File, bytes: u64) -> io::Result<Context> {
    file.rewind()?;
    let mut digest = Context::new(&SHA256);
    let mut rest = file.take(bytes);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match rest.read(&mut buffer)? {
            0 => return Ok(digest),
            read => digest.update(&buffer[..read]),
        }
    }
}

/// The digest first: a file that has its name has its digest beside it.
fn name_it(paths: &Paths, saved: &Saved) -> Result<(), DownloadError> {
    if paths.whole.symlink_metadata().is_ok() {
        return Err(DownloadError::Altered { file: paths.whole.clone() });
    }
    replace(&paths.sum, &sum(&saved.sha256, &paths.name), true)?;
    let named = fs::rename(&paths.part, &paths.whole)
        // The name is on disk once its folder is.
        .and_then(|()| File::open(&paths.folder)?.sync_all());
    named.map_err(|error| DownloadError::disk("name", &paths.whole, error))?;
    if let Err(error) = fs::remove_file(&paths.record) {
        tracing::debug!(%error, "the record of a download that has ended stays");
    }
    Ok(())
}

/// Writes a small file whole or not at all.
fn replace(path: &Path, text: &str, on_disk: bool) -> Result<(), DownloadError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        if on_disk {
            file.sync_all()?;
        }
        fs::rename(&new, path)
    };
    write().map_err(|error| DownloadError::disk("write", path, error))
}

#[cfg(test)]
mod tests;
