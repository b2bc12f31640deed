//! A file as it travels: all of it, or a part (RFC 9110, 14).

use std::ops::Range;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};

use super::content::File;

/// A file, or some of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) kind: &'static str,
    tag: String,
    /// What is said to follow, in bytes from the beginning of the file.
    range: Range<usize>,
    total: usize,
    pub(super) bytes: Bytes,
}

impl Part {
    pub(super) fn of(file: &File, range: Range<usize>) -> Self {
        let bytes = file.bytes.slice(range.clone());
        Self { kind: file.kind, tag: file.tag.clone(), bytes, range, total: file.bytes.len() }
    }

    /// What lies behind the end of a file.
    pub(super) fn behind(total: usize) -> Self {
        Self { kind: "application/xml", tag: String::new(), range: total..total, total, bytes: Bytes::new() }
    }

    /// The status of such an answer.
    pub(super) fn status(&self) -> u16 {
        if self.range == (0..self.total) { 200 } else { 206 }
    }

    /// The part that begins one byte later than the one that was asked for.
    pub(super) fn shifted(self) -> Self {
        if self.bytes.is_empty() {
            return self;
        }
        let (range, bytes) = (self.range.start + 1..self.range.end, self.bytes.slice(1..));
        Self { range, bytes, ..self }
    }

    /// Says in the headers what `body` is, or would be if it did not end early.
    pub(super) fn describe(self, status: u16, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.bytes.len()));
        let mut say = |name, value: String| {
            // Made of digits and hexadecimal digits here, so it can always be said.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        if status != 416 {
            say(header::ACCEPT_RANGES, "bytes".to_owned());
            say(header::ETAG, self.tag);
        }
        match status {
            206 => say(
                header::CONTENT_RANGE,
                format!("bytes {}-{}/{}", self.range.start, self.range.end.saturating_sub(1), self.total),
            ),
            416 => say(header::CONTENT_RANGE, format!("bytes */{}", self.total)),
            _ => {}
        }
    }
}
