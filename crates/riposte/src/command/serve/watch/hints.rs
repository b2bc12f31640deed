//! Being told by the kernel that something changed, by inotify(7).

use super::places::Places;
use rustix::fs::inotify::{self, CreateFlags, Event, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// What is told: that a name is another file, that a file was written to its end, that it may be read, and that the folder
/// itself is gone. Never each write: the journal may be in the same folder, and the kernel would wake us for every one. Reading
/// is no change either, least of all our own.
const TOLD: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF);

/// Room for a read, which is many events: the longest has 272 bytes.
const READ: usize = 4096;

/// Hints that something has changed.
pub(super) struct Hints {
    inotify: AsyncFd<OwnedFd>,
    places: Places,
    /// The folders, by the number that the kernel has given to each. Two names may lead to one.
    watched: HashMap<i32, Vec<PathBuf>>,
}

impl Hints {
    /// Of nothing yet.
    #[expect(
        deprecated,
        reason = "what replaces it is unsafe, for descriptors that may be closed by others: an owned one is not"
    )]
    pub(super) fn new() -> std::io::Result<Hints> {
        let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let inotify = AsyncFd::with_interest(inotify, Interest::READABLE)?;
        Ok(Hints { inotify, places: Places::default(), watched: HashMap::new() })
    }

    /// Of these places from now on, and no others. What is watched already goes on without a gap.
    pub(super) fn watch(&mut self, places: Places) {
        let before = std::mem::take(&mut self.watched);
        for folder in &places.inside {
            if let Err(error) = self.add(folder) {
                tracing::warn!(folder = %folder.display(), %error, "not watched: it is looked at once a minute, and at SIGHUP");
            }
        }
        for folder in &places.above {
            // Nobody may be allowed to look at what is above, and it changes seldom.
            let _ = self.add(folder);
        }
        for gone in before.keys().filter(|number| !self.watched.contains_key(number)) {
            // The kernel forgets a folder by itself that was deleted.
            let _ = inotify::remove_watch(&self.inotify, *gone);
        }
        self.places = places;
    }

    fn add(&mut self, folder: &Path) -> Result<(), Errno> {
        let number = inotify::add_watch(&self.inotify, folder, TOLD)?;
        self.watched.entry(number).or_default().push(folder.to_owned());
        Ok(())
    }

    /// Waits until something has changed that matters.
    pub(super) async fn next(&self) {
        loop {
            let Ok(mut ready) = self.inotify.readable().await else {
                // There is no runtime any more.
                return std::future::pending().await;
            };
            let read = self.read();
            if read.is_err() {
                ready.clear_ready();
            }
            // An error is a hint too: something was not told.
            if !matches!(read, Ok(false) | Err(Errno::AGAIN)) {
                return;
            }
        }
    }

    /// Reads once what was told, and whether any of it matters.
    fn read(&self) -> Result<bool, Errno> {
        let mut room = [MaybeUninit::uninit(); READ];
        let mut told = Reader::new(&self.inotify, &mut room);
        let mut matters = self.matters(&told.next()?);
        while !told.is_buffer_empty() {
            matters |= self.matters(&told.next()?);
        }
        Ok(matters)
    }

    fn matters(&self, event: &Event<'_>) -> bool {
        if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
            return true;
        }
        let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()));
        let folders = self.watched.get(&event.wd()).into_iter().flatten();
        folders.into_iter().any(|folder| match name {
            Some(name) => self.places.concern(&folder.join(name)),
            None => self.places.concern(folder),
        })
    }
}

#[cfg(test)]
mod tests;
