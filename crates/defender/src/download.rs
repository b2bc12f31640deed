//! Files behind secret links: fetched in rounds, from where the last round ended, into a file that has its name only when
//! it is whole.
//!
//! ```text
//!   Linked ─► link (Defender, with the token) ─► GET (storage, without) ─► verdict ─► part ─► file
//!                 ▲                                                        │   │
//!                 └──────────── the link has expired ──────────────────────┘   └─ broken off: the next round
//! ```
//!
//! Owns what is asked of the storage and when to give up; `verdict` says what an answer means, `part` keeps what came. The
//! token never goes to the storage, which is another host, and nothing of its answers but bytes of the file is read: an
//! error of the storage may repeat the link.

mod error;
mod part;
mod place;
mod record;
mod trials;
mod verdict;

use std::{path::Path, time::Duration};

use reqwest::header::{ACCEPT_ENCODING, IF_RANGE, RANGE};
use tokio::time::{Instant, timeout_at};
use url::Url;

pub use error::DownloadError;
pub use part::Saved;
pub use place::{Linked, Place};

use crate::{
    client::Client,
    connection::host_of,
    error::{Error, Loss},
    request::InvalidRequest,
    resource::PackageUri,
    transport::Transport,
};
use part::{Opened, Part};
use trials::{End, Trials};
use verdict::{Head, Verdict};

/// Longest time for a whole download; a longer one is taken as this.
const MAX_DOWNLOAD: Duration = Duration::from_hours(24 * 7);

/// Longest wait for one link. Two packages a minute are allowed, so that the third has to wait for its turn.
const LINK_BUDGET: Duration = Duration::from_secs(180);

/// How one round ended.
enum Round {
    /// The file is whole.
    Whole,
    /// What came is kept.
    Cut(Loss, Option<Transport>),
    /// The link is not taken (any more).
    Expired(u16),
    /// Nothing of what there is can be continued.
    Void(&'static str),
}

impl Client {
    /// Downloads what an operation's link leads to into `folder`, at the operation's [place](Linked::place).
    ///
    /// The file gets its name when it is whole and on disk; until then it is a `.part` beside it, from which the next call
    /// goes on, also after a crash and as long as the storage's tag for it is the same. `.sha256` holds its digest. One that
    /// is there already is not asked for again: it is held against its digest. `limit` is in bytes. `deadline` covers
    /// everything; within it, [`Timeouts::silence`](crate::Timeouts::silence) is how long the storage may say nothing.
    ///
    /// A download that breaks off is continued at once as long as each round brings something, and an expired link is replaced
    /// by a fresh one, both a bounded number of times. Dropping the future keeps what came; a file is for one download at a
    /// time, in this process and in others.
    ///
    /// # Errors
    /// See [`DownloadError`]. After each of them but [`DownloadError::TooLarge`] the part that came is kept.
    pub async fn download<O: Linked>(
        &self,
        operation: &O,
        folder: &Path,
        limit: u64,
        deadline: Duration,
    ) -> Result<Saved, DownloadError> {
        let until = Instant::now() + deadline.min(MAX_DOWNLOAD);
        let place = operation.place().map_err(|invalid| DownloadError::Link(invalid.into()))?;
        let mut part = match Part::open(folder, &place).await? {
            Opened::Finished(saved) => return Ok(saved),
            Opened::Begun(part) => part,
        };
        match self.rounds(operation, &mut part, limit, until).await {
            Ok(()) => part.finish().await,
            Err(error @ DownloadError::TooLarge { .. }) => {
                part.discard().await;
                Err(error)
            }
            Err(error) => {
                part.keep().await;
                Err(error)
            }
        }
    }

    async fn rounds<O: Linked>(
        &self,
        operation: &O,
        part: &mut Part,
        limit: u64,
        until: Instant,
    ) -> Result<(), DownloadError> {
        let mut trials = Trials::default();
        let mut link = None;
        while !part.is_whole() {
            let answer = match link.take() {
                Some(answer) => answer,
                None => self.link(operation, until).await?,
            };
            let uri = O::link(&answer);
            let host = uri.url().as_ref().map(host_of).unwrap_or_default();
            let (begun, from) = (Instant::now(), part.bytes());
            let came = part.came();
            let round = self.round(uri, part, limit, until, &mut trials).await;
            let gained = part.came() - came;
            tracing::debug!(
                operation = O::NAME,
                host,
                from,
                bytes = gained,
                duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
                "download round ended"
            );
            let round = round?;
            if !matches!(round, Round::Whole) {
                part.keep().await;
            }
            let bytes = part.bytes();
            match round {
                Round::Whole => return Ok(()),
                Round::Cut(loss, source) => {
                    if !trials.may_go_on(End::Cut, gained) {
                        return Err(DownloadError::Lost { host, bytes, loss, source });
                    }
                    link = Some(answer);
                }
                Round::Expired(status) => {
                    if !trials.may_go_on(End::Expired, gained) {
                        return Err(DownloadError::LinkRefused { host, status });
                    }
                }
                Round::Void(problem) => {
                    part.restart(None, None).await?;
                    if !trials.may_go_on(End::Void, gained) {
                        return Err(DownloadError::Unusable { host, problem });
                    }
                    link = Some(answer);
                }
            }
        }
        Ok(())
    }

    async fn link<O: Linked>(&self, operation: &O, until: Instant) -> Result<O::Answer, DownloadError> {
        let left = until.saturating_duration_since(Instant::now());
        self.send(operation, left.min(LINK_BUDGET)).await.map_err(DownloadError::Link)
    }

    /// One request to the storage, and what it brings.
    async fn round(
        &self,
        uri: &PackageUri,
        part: &mut Part,
        limit: u64,
        until: Instant,
        trials: &mut Trials,
    ) -> Result<Round, DownloadError> {
        let url = uri.url().ok_or(DownloadError::Link(Error::Invalid(InvalidRequest::Http)))?;
        let host = host_of(&url);
        let from = part.resumable();
        let response = match self.ask(url, from.as_ref(), until).await {
            Ok(response) => response,
            Err(NoAnswer::OutOfTime) => return Err(DownloadError::OutOfTime { bytes: part.bytes() }),
            Err(NoAnswer::Silent) => return Ok(Round::Cut(Loss::TimedOut, None)),
            Err(NoAnswer::Unreachable(source)) => return Err(DownloadError::Unreachable { host, source }),
            Err(NoAnswer::Broken(source)) => return Ok(Round::Cut(Loss::Broken, Some(source))),
        };
        let head = Head::read(&response);
        let (at, total, tag) = match verdict::verdict(from.as_ref(), part.total(), head) {
            Verdict::Take { at, total, tag } => (at, total, tag),
            Verdict::Expired(status) => return Ok(Round::Expired(status)),
            Verdict::Void(problem) => return Ok(Round::Void(problem)),
            Verdict::Throttled(retry_after) => return Err(DownloadError::Throttled { host, retry_after }),
            Verdict::Server { status, retry_after } => {
                return Err(DownloadError::Server { host, status, retry_after });
            }
            Verdict::Unexpected(status) => return Err(DownloadError::Unexpected { host, status }),
            Verdict::Unusable(problem) => return Err(DownloadError::Unusable { host, problem }),
        };
        if total.is_some_and(|total| total > limit) {
            return Err(DownloadError::TooLarge { file: part.file(), limit, size: total });
        }
        if at == 0 {
            if part.bytes() > 0 && !trials.may_restart() {
                return Err(DownloadError::Unusable { host, problem: "it keeps changing" });
            }
            part.restart(tag, total).await?;
        }
        self.take(response, part, limit, until).await
    }

    async fn ask(
        &self,
        url: Url,
        from: Option<&Resumable>,
        until: Instant,
    ) -> Result<reqwest::Response, NoAnswer> {
        let storage = self.storage();
        let mut request = storage.http.get(url).header(ACCEPT_ENCODING, "identity");
        if let Some(Resumable { bytes, tag }) = from {
            request = request.header(RANGE, format!("bytes={bytes}-")).header(IF_RANGE, tag);
        }
        match within(storage.silence, until, request.send()).await? {
            Ok(response) => Ok(response),
            Err(error) if error.is_connect() => Err(NoAnswer::Unreachable(error.into())),
            Err(error) => Err(NoAnswer::Broken(error.into())),
        }
    }

    /// Reads a body to its end, or as far as it comes.
    async fn take(
        &self,
        mut response: reqwest::Response,
        part: &mut Part,
        limit: u64,
        until: Instant,
    ) -> Result<Round, DownloadError> {
        let silence = self.storage().silence;
        loop {
            let chunk = match within(silence, until, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Ok(Round::Cut(Loss::Broken, Some(error.into()))),
                Err(NoAnswer::OutOfTime) => return Err(DownloadError::OutOfTime { bytes: part.bytes() }),
                Err(_) => return Ok(Round::Cut(Loss::TimedOut, None)),
            };
            let after = part.bytes().saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if after > limit {
                return Err(DownloadError::TooLarge { file: part.file(), limit, size: part.total() });
            }
            if part.total().is_some_and(|total| after > total) {
                return Ok(Round::Void("it is longer than it was said to be"));
            }
            part.append(&chunk).await?;
        }
        // Without a length, the end of the body is the end of the file.
        match part.total() {
            Some(total) if part.bytes() < total => Ok(Round::Cut(Loss::Broken, None)),
            Some(_) => Ok(Round::Whole),
            None => {
                part.ends_here();
                Ok(Round::Whole)
            }
        }
    }
}

/// Where a download can go on: behind this many bytes of what has this tag.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Resumable {
    bytes: u64,
    tag: String,
}

/// Why the storage did not answer.
enum NoAnswer {
    OutOfTime,
    Silent,
    Unreachable(Transport),
    Broken(Transport),
}

/// Waits for the next sign of life.
async fn within<T>(silence: Duration, until: Instant, work: impl Future<Output = T>) -> Result<T, NoAnswer> {
    let silent = Instant::now() + silence;
    timeout_at(silent.min(until), work).await.map_err(|_| match silent < until {
        true => NoAnswer::Silent,
        false => NoAnswer::OutOfTime,
    })
}
