//! Reading JSON that is not quite.

use std::borrow::Cow;

use serde_json::Value;

/// Reads JSON; None when there is none. The parser's own message is dropped, for it may quote the body.
///
/// A byte order mark is skipped. Bytes that are no UTF-8 and halves of surrogate pairs are replaced: Windows allows both in
/// the names of files and in command lines, and whoever chose such a name must not make the whole answer unreadable by it.
pub(crate) fn json(body: &[u8]) -> Option<Value> {
    let body = without_mark(body);
    // Checked once, and by the quick check: from bytes, the parser would check each text by itself.
    let text = str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
    serde_json::from_str(&text).or_else(|_| serde_json::from_str(&without_halves(&text))).ok()
}

/// The body behind its byte order mark.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Replaces each `\ud83d` or `\ude00` that lacks its other half.
fn without_halves(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(escape) = text[at..].find('\\').map(|found| at + found) {
        let rest = &text[escape..];
        at = escape
            + match (unit(rest), rest.get(6..).and_then(unit)) {
                (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
                (Some(0xd800..=0xdfff), _) => {
                    kept.push_str(&text[copied..escape]);
                    kept.push_str("\\ufffd");
                    copied = escape + 6;
                    6
                }
                // A backslash and one character, whatever it is: the second of two backslashes begins nothing.
                _ => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            };
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    kept.push_str(&text[copied..]);
    Cow::Owned(kept)
}

/// The code unit that a text begins with, as `\u00e9`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::json as read;

    #[test]
    fn a_mark_is_skipped_and_what_is_no_json_is_none() {
        assert_eq!(read(b"\xef\xbb\xbf4"), Some(json!(4)));
        for odd in [&b""[..], b"{", b"<html>", b"\xef\xbb\xbf", b"\"\\", b"\"\\u", b"\"\\ud83d"] {
            assert_eq!(read(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn damaged_text_costs_only_itself() {
        assert_eq!(read(b"{\"name\": \"a\xff\", \"id\": 1}"), Some(json!({"name": "a\u{fffd}", "id": 1})));
        for (damaged, expected) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""x\uDE00y\ud83d\u0041""#, "x\u{fffd}y\u{fffd}A"),
            (r#""\ud83d\ud83d\ude00é\ud83d""#, "\u{fffd}\u{1f600}é\u{fffd}"),
            (r#""C:\\ud83d \ud83d\n""#, "C:\\ud83d \u{fffd}\n"),
            (r#""\ud83d\\""#, "\u{fffd}\\"),
        ] {
            assert_eq!(read(damaged.as_bytes()), Some(json!(expected)), "{damaged}");
        }
    }
}
