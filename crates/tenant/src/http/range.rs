//! A file, or the part of it that was asked for. Source: RFC 9110, 13.1.5 and 14.

use super::content::File;
use super::reply::Reply;
use super::state::Incoming;

/// Answers the `GET` of a file.
pub(super) fn serve(file: &File, request: &Incoming) -> Reply {
    let total = file.bytes.len();
    // A part is wanted only of what it was a part of.
    let same = request.if_range.as_ref().is_none_or(|tag| *tag == file.tag);
    match request.range.as_deref().filter(|_| same).and_then(wanted) {
        // What is no range, or several, may be ignored.
        None => Reply::file(file, 0..total),
        Some((from, _)) if from >= total => Reply::no_such_range(total),
        Some((from, to)) => Reply::file(file, from..to.map_or(total, |to| total.min(to.saturating_add(1)))),
    }
}

/// The first byte and the last one in `bytes=7-` or `bytes=7-9`.
fn wanted(range: &str) -> Option<(usize, Option<usize>)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let from: usize = from.parse().ok()?;
    match to {
        "" => Some((from, None)),
        to => to.parse().ok().filter(|to| *to >= from).map(|to| (from, Some(to))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_a_beginning_and_perhaps_an_end() {
        for (range, expected) in [
            ("bytes=0-", Some((0, None))),
            ("bytes=7-9", Some((7, Some(9)))),
            ("bytes=9-7", None),
            ("bytes=-5", None),
            ("bytes=1-2,4-", None),
            ("lines=1-", None),
            ("", None),
        ] {
            assert_eq!(wanted(range), expected, "{range}");
        }
    }
}
