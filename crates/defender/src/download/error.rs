//! Every way in which a download can fail.

use std::{io, path::PathBuf, time::Duration};

use crate::{
    error::{Error, Loss},
    transport::Transport,
};

/// Why there is no file. Each variant is another decision for the caller. None of them holds the link.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// Defender gave no link.
    #[error(transparent)]
    Link(Error),

    /// The storage cannot be reached: name, connection, TLS or proxy. Try again later.
    #[error("cannot reach the storage at {host}")]
    Unreachable {
        /// The storage's host.
        host: String,
        /// What the network said.
        #[source]
        source: Transport,
    },

    /// The download broke off, and going on at once brought nothing more. Try again later.
    #[error("the download from {host} broke off after {bytes} bytes: {loss}")]
    Lost {
        /// The storage's host.
        host: String,
        /// How much of the file there is.
        bytes: u64,
        /// How it broke off.
        loss: Loss,
        /// What the network said, when it was the network.
        #[source]
        source: Option<Transport>,
    },

    /// The deadline passed. Give it more time: the next download goes on from here.
    #[error("the time was over after {bytes} bytes of the download, which are kept for the next attempt")]
    OutOfTime {
        /// How much of the file there is.
        bytes: u64,
    },

    /// The storage takes no link, fresh ones included.
    #[error("the storage at {host} does not take the links that defender gives ({status})")]
    LinkRefused {
        /// The storage's host.
        host: String,
        /// HTTP status: 401 or 403.
        status: u16,
    },

    /// Too many requests. Wait, then try again.
    #[error("the storage at {host} asks to slow down")]
    Throttled {
        /// The storage's host.
        host: String,
        /// How long to wait, when it said so.
        retry_after: Option<Duration>,
    },

    /// The storage failed. Try again later.
    #[error("the storage at {host} failed ({status})")]
    Server {
        /// The storage's host.
        host: String,
        /// HTTP status.
        status: u16,
        /// How long to wait, when it said so.
        retry_after: Option<Duration>,
    },

    /// The storage answered with something else than the file: 404 and 410 when it is not there, 300 to 399 when it is said to
    /// be elsewhere, which is not followed.
    #[error("the storage at {host} answered with status {status} and not with the file")]
    Unexpected {
        /// The storage's host.
        host: String,
        /// HTTP status.
        status: u16,
    },

    /// What the storage sends cannot be trusted to be the file.
    #[error("the storage at {host} sends what cannot be used: {problem}")]
    Unusable {
        /// The storage's host.
        host: String,
        /// What is wrong with it.
        problem: &'static str,
    },

    /// The file is too large; nothing of it is kept. Raise the limit, if there is room.
    #[error("{} is larger than the limit of {limit} bytes{}", file.display(), said(*size))]
    TooLarge {
        /// Where it would be.
        file: PathBuf,
        /// The limit, in bytes.
        limit: u64,
        /// How large it is said to be.
        size: Option<u64>,
    },

    /// Another download of the same file is under way.
    #[error("{} is being downloaded already", file.display())]
    Busy {
        /// Where it will be.
        file: PathBuf,
    },

    /// A file is there, and not as it was when its download ended. It is never written over.
    #[error(
        "{} is there and is not what was downloaded: it does not fit its .sha256; move both away to download it again",
        file.display()
    )]
    Altered {
        /// Where it is.
        file: PathBuf,
    },

    /// The disk is full. Free some room: the next download goes on from what was recorded last.
    #[error("no room for {}: the disk is full", file.display())]
    NoRoom {
        /// Where it would be.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },

    /// The folder or the file cannot be used.
    #[error("cannot {doing} {}", file.display())]
    Disk {
        /// What could not be done, as a verb.
        doing: &'static str,
        /// With what.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl DownloadError {
    /// What an error of the file system means.
    pub(super) fn disk(doing: &'static str, file: impl Into<PathBuf>, source: io::Error) -> DownloadError {
        let file = file.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                DownloadError::NoRoom { file, source }
            }
            _ => DownloadError::Disk { doing, file, source },
        }
    }

    /// How long the other side asks to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            DownloadError::Link(error) => error.retry_after(),
            DownloadError::Throttled { retry_after, .. } | DownloadError::Server { retry_after, .. } => {
                *retry_after
            }
            DownloadError::Unreachable { .. }
            | DownloadError::Lost { .. }
            | DownloadError::OutOfTime { .. }
            | DownloadError::LinkRefused { .. }
            | DownloadError::Unexpected { .. }
            | DownloadError::Unusable { .. }
            | DownloadError::TooLarge { .. }
            | DownloadError::Busy { .. }
            | DownloadError::Altered { .. }
            | DownloadError::NoRoom { .. }
            | DownloadError::Disk { .. } => None,
        }
    }

    /// HTTP status of the answer that made this error, when there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            DownloadError::Link(error) => error.status(),
            DownloadError::LinkRefused { status, .. }
            | DownloadError::Server { status, .. }
            | DownloadError::Unexpected { status, .. } => Some(*status),
            DownloadError::Throttled { .. } => Some(429),
            DownloadError::Unreachable { .. }
            | DownloadError::Lost { .. }
            | DownloadError::OutOfTime { .. }
            | DownloadError::Unusable { .. }
            | DownloadError::TooLarge { .. }
            | DownloadError::Busy { .. }
            | DownloadError::Altered { .. }
            | DownloadError::NoRoom { .. }
            | DownloadError::Disk { .. } => None,
        }
    }
}

fn said(size: Option<u64>) -> String {
    size.map_or_else(String::new, |size| format!(": it has {size}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_trouble_with_files() {
        let full = DownloadError::disk("write", "/data/a.zip.part", io::ErrorKind::StorageFull.into());
        assert_eq!(full.to_string(), "no room for /data/a.zip.part: the disk is full");
        let quota = DownloadError::disk("write", "/data/a.zip.part", io::ErrorKind::QuotaExceeded.into());
        assert!(matches!(quota, DownloadError::NoRoom { .. }));
        let other = DownloadError::disk("write", "/data/a.zip.part", io::ErrorKind::PermissionDenied.into());
        assert_eq!(other.to_string(), "cannot write /data/a.zip.part");
    }

    #[test]
    fn the_limit_is_named() {
        let large = |size| DownloadError::TooLarge { file: "/data/a.zip".into(), limit: 9, size }.to_string();
        assert_eq!(large(Some(10)), "/data/a.zip is larger than the limit of 9 bytes: it has 10");
        assert_eq!(large(None), "/data/a.zip is larger than the limit of 9 bytes");
    }
}
