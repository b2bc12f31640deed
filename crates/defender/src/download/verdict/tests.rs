use proptest::prelude::*;

use super::*;

const TAG: &str = "\"a\"";

fn part(range: (u64, u64, Option<u64>)) -> Head {
    let length = Some(range.1 - range.0 + 1);
    Head { status: 206, length, range: Some(range), tag: Some(TAG.into()), has_end: true, retry_after: None }
}

fn from(bytes: u64) -> Resumable {
    Resumable { bytes, tag: TAG.into() }
}

#[test]
fn the_part_that_was_asked_for_is_taken_and_no_other() {
    let ask = |head| verdict(Some(&from(4)), Some(10), head);
    let rest = Verdict::Take { at: 4, total: Some(10), tag: Some(TAG.into()) };
    assert_eq!(ask(part((4, 9, Some(10)))), rest);
    assert_eq!(ask(part((4, 6, None))), rest, "a shorter part is part of the rest");
    assert_eq!(ask(Head { tag: None, length: None, ..part((4, 9, Some(10))) }), rest);
    for wrong in [
        part((5, 9, Some(10))),
        part((0, 9, Some(10))),
        part((4, 10, Some(11))),
        part((4, 10, None)),
        Head { tag: Some("\"b\"".into()), ..part((4, 9, Some(10))) },
        Head { length: Some(5), ..part((4, 9, Some(10))) },
        Head { range: None, ..part((4, 9, Some(10))) },
        Head { status: 416, ..Head::default() },
    ] {
        assert!(matches!(ask(wrong.clone()), Verdict::Void(_)), "{wrong:?}");
    }
    assert!(matches!(verdict(None, None, part((0, 9, Some(10)))), Verdict::Void(_)));
    assert_eq!(verdict(None, None, Head { status: 416, ..Head::default() }), Verdict::Unexpected(416));
}

#[test]
fn all_of_it_begins_anew_if_its_end_can_be_told() {
    let all = Head { status: 200, length: Some(7), tag: Some(TAG.into()), has_end: true, ..Head::default() };
    let anew = Verdict::Take { at: 0, total: Some(7), tag: Some(TAG.into()) };
    assert_eq!(verdict(Some(&from(4)), Some(10), all.clone()), anew);
    assert_eq!(verdict(None, None, all.clone()), anew);
    let endless = Head { length: None, has_end: false, ..all };
    assert!(matches!(verdict(None, None, endless), Verdict::Unusable(_)));
}

#[test]
fn every_status_has_a_meaning() {
    let pause = Some(Duration::from_secs(7));
    for (status, expected) in [
        (401, Verdict::Expired(401)),
        (403, Verdict::Expired(403)),
        (429, Verdict::Throttled(pause)),
        (408, Verdict::Server { status: 408, retry_after: pause }),
        (503, Verdict::Server { status: 503, retry_after: pause }),
        (204, Verdict::Unexpected(204)),
        (302, Verdict::Unexpected(302)),
        (404, Verdict::Unexpected(404)),
    ] {
        let head = Head { status, retry_after: pause, ..Head::default() };
        assert_eq!(verdict(Some(&from(4)), None, head.clone()), expected);
        assert_eq!(verdict(None, None, head), expected);
    }
}

#[test]
fn headers_are_read_strictly() {
    for (range, expected) in [
        ("bytes 7-9/10", Some((7, 9, Some(10)))),
        ("bytes 7-9/*", Some((7, 9, None))),
        ("bytes */10", None),
        ("bytes 9-7/10", None),
        ("bytes 7-10/10", None),
        ("lines 7-9/10", None),
        ("bytes 7-9", None),
        ("bytes 7-18446744073709551616/*", None),
    ] {
        assert_eq!(content_range(range), expected, "{range}");
    }
    assert_eq!(strong("\"a\"").as_deref(), Some("\"a\""));
    for weak in ["W/\"a\"", "a", "\"", "", &format!("\"{}\"", "a".repeat(MAX_TAG_BYTES))] {
        assert_eq!(strong(weak), None, "{weak}");
    }
}

/// A file of the storage that keeps to the rules: its bytes, and the tag that they have.
fn version(number: usize) -> (Vec<u8>, String) {
    let length = 20 + number * 7 % 11;
    let bytes =
        (0..length).map(|at| u8::try_from((at * 31 + number * 97) % 251).unwrap_or_default()).collect();
    (bytes, format!("\"{number}\""))
}

/// What such a storage answers, and the bytes that follow.
fn answer(from: Option<&Resumable>, (bytes, tag): &(Vec<u8>, String)) -> (Head, Vec<u8>) {
    let total = bytes.len() as u64;
    let (status, first) = match from {
        Some(from) if from.tag == *tag && from.bytes >= total => (416, total),
        Some(from) if from.tag == *tag => (206, from.bytes),
        _ => (200, 0),
    };
    let head = Head {
        status,
        length: Some(total - first),
        range: (status == 206).then_some((first, total - 1, Some(total))),
        tag: (status != 416).then(|| tag.clone()),
        has_end: true,
        retry_after: None,
    };
    (head, bytes[first as usize..].to_vec())
}

/// Any part that a header can name.
fn part_of_a_file() -> impl Strategy<Value = (u64, u64, Option<u64>)> {
    (0..20_u64, 0..20_u64, prop::option::of(1..20_u64))
        .prop_map(|(first, more, rest)| (first, first + more, rest.map(|rest| first + more + rest)))
}

proptest! {
    /// However often it breaks off, and however often the file changes in between: what is there is always the beginning of
    /// one file, and whole when it is called whole.
    #[test]
    fn what_is_there_is_never_a_mixture(rounds in prop::collection::vec((0..3_usize, 0..40_usize), 1..30)) {
        let (mut have, mut tag, mut total) = (Vec::new(), None::<String>, None);
        for (number, comes) in rounds {
            let from = tag.clone().filter(|_| !have.is_empty()).map(|tag| Resumable { bytes: have.len() as u64, tag });
            let (head, body) = answer(from.as_ref(), &version(number));
            match verdict(from.as_ref(), total, head) {
                Verdict::Take { at, total: said, tag: of } => {
                    prop_assert!(at == 0 || at == have.len() as u64);
                    have.truncate(at as usize);
                    (tag, total) = (of, said);
                    have.extend(body.into_iter().take(comes));
                }
                other => prop_assert!(false, "{:?}", other),
            }
            let one = (0..3).map(version).find(|(_, known)| Some(known) == tag.as_ref()).map(|(bytes, _)| bytes);
            let one = one.unwrap_or_default();
            prop_assert!(one.starts_with(&have));
            if total == Some(have.len() as u64) {
                prop_assert_eq!(&one, &have);
                return Ok(());
            }
        }
    }

    /// Whatever an answer says, its body goes nowhere but behind what is there, or over all of it.
    #[test]
    fn no_answer_puts_bytes_where_they_do_not_belong(
        status in prop::sample::select(vec![200, 204, 206, 301, 401, 403, 404, 416, 429, 500]),
        length in prop::option::of(0..20_u64),
        range in prop::option::of(part_of_a_file()),
        other_tag in any::<bool>(),
        has_end in any::<bool>(),
        bytes in 1..20_u64,
        known in prop::option::of(0..20_u64),
        asks in any::<bool>(),
    ) {
        let tag = Some(if other_tag { "\"b\"".to_owned() } else { TAG.to_owned() });
        let head = Head { status, length, range, tag, has_end, retry_after: None };
        let asked = from(bytes);
        let asked = asks.then_some(&asked);
        if let Verdict::Take { at, total, tag } = verdict(asked, known, head) {
            prop_assert!(has_end || total.is_some());
            match status {
                200 => prop_assert_eq!((at, total), (0, length)),
                _ => {
                    prop_assert_eq!((status, at, tag.as_deref()), (206, bytes, Some(TAG)));
                    prop_assert_eq!(range.map(|(first, ..)| first), Some(bytes));
                    prop_assert!(known.is_none() || total == known);
                }
            }
        }
    }

    #[test]
    fn a_range_is_read_as_it_is_written(first in 0..1_000_u64, more in 0..1_000_u64, rest in 1..1_000_u64) {
        let (last, total) = (first + more, first + more + rest);
        let read = content_range(&format!("bytes {first}-{last}/{total}"));
        prop_assert_eq!(read, Some((first, last, Some(total))));
    }
}
