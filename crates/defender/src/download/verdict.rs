//! What an answer of the storage means for the bytes that are there. Pure. Source: RFC 9110, 13.1.5 and 14.

use std::time::Duration;

use reqwest::{
    Version,
    header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, TRANSFER_ENCODING},
};

use super::Resumable;
use crate::answer::retry_after;

/// Longest tag that is kept.
const MAX_TAG_BYTES: usize = 256;

/// What is read of an answer before its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// `Content-Length`.
    pub(super) length: Option<u64>,
    /// `Content-Range`, if it is one of bytes that can be: first byte, last byte, and of how many.
    pub(super) range: Option<(u64, u64, Option<u64>)>,
    /// `ETag`, if it is a strong one: a weak one does not say that the bytes are the same.
    pub(super) tag: Option<String>,
    /// Whether a body that is cut off can be told from one that ends.
    pub(super) has_end: bool,
    pub(super) retry_after: Option<Duration>,
}

/// What to do with an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its body goes behind the first `at` bytes: all that are there, or none.
    Take {
        at: u64,
        /// How long the file is.
        total: Option<u64>,
        tag: Option<String>,
    },
    /// The link is not taken (any more).
    Expired(u16),
    /// Nothing of it, and nothing of what is there: it does not go together.
    Void(&'static str),
    Throttled(Option<Duration>),
    Server {
        status: u16,
        retry_after: Option<Duration>,
    },
    Unexpected(u16),
    /// Its body cannot be trusted.
    Unusable(&'static str),
}

impl Head {
    pub(super) fn read(response: &reqwest::Response) -> Head {
        let headers = response.headers();
        let length = text(headers, CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let is_chunked = text(headers, TRANSFER_ENCODING)
            .is_some_and(|codings| codings.to_ascii_lowercase().ends_with("chunked"));
        let is_framed = matches!(response.version(), Version::HTTP_2 | Version::HTTP_3);
        Head {
            status: response.status().as_u16(),
            length,
            range: text(headers, CONTENT_RANGE).and_then(content_range),
            tag: text(headers, ETAG).and_then(strong),
            has_end: length.is_some() || is_chunked || is_framed,
            retry_after: retry_after(headers),
        }
    }
}

fn text(headers: &HeaderMap, name: reqwest::header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

fn strong(tag: &str) -> Option<String> {
    let quoted = tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"');
    (quoted && tag.len() <= MAX_TAG_BYTES).then(|| tag.to_owned())
}

/// `bytes 7-9/10`, or with `*` for the length.
fn content_range(range: &str) -> Option<(u64, u64, Option<u64>)> {
    let (part, total) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = part.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let total: Option<u64> = match total {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    (first <= last && total.is_none_or(|total| last < total)).then_some((first, last, total))
}

/// What an answer means. `from` is what was asked to be continued, `known` how long that is.
pub(super) fn verdict(from: Option<&Resumable>, known: Option<u64>, head: Head) -> Verdict {
    match (head.status, from) {
        // The file is another one than before, or the storage does not know ranges: this is all of it.
        (200, _) if head.has_end => Verdict::Take { at: 0, total: head.length, tag: head.tag },
        (200, _) => Verdict::Unusable("it does not say where it ends"),
        (206, Some(from)) => continued(from, known, head),
        (206, None) => Verdict::Void("it is a part that was not asked for"),
        (416, Some(_)) => Verdict::Void("it is shorter than before"),
        (401 | 403, _) => Verdict::Expired(head.status),
        (429, _) => Verdict::Throttled(head.retry_after),
        (status @ (408 | 500..=599), _) => Verdict::Server { status, retry_after: head.retry_after },
        (status, _) => Verdict::Unexpected(status),
    }
}

fn continued(from: &Resumable, known: Option<u64>, head: Head) -> Verdict {
    let Some((first, last, total)) = head.range else {
        return Verdict::Void("it is a part that does not say which");
    };
    if first != from.bytes {
        return Verdict::Void("it is another part than was asked for");
    }
    if head.tag.is_some_and(|tag| tag != from.tag)
        || known.zip(total).is_some_and(|(known, said)| known != said)
    {
        return Verdict::Void("it is a part of another file");
    }
    if head.length.is_some_and(|length| length != last - first + 1) {
        return Verdict::Void("its length is not that of its part");
    }
    match (total.or(known), head.has_end) {
        (Some(total), _) if last < total => {
            Verdict::Take { at: first, total: Some(total), tag: Some(from.tag.clone()) }
        }
        (Some(_), _) => Verdict::Void("it reaches behind its end"),
        (None, true) => Verdict::Take { at: first, total: None, tag: Some(from.tag.clone()) },
        (None, false) => Verdict::Unusable("it does not say where it ends"),
    }
}

#[cfg(test)]
mod tests;
