//! Making text from outside fit for a terminal.
//!
//! A device name and a path are what a stranger typed; neither may move the cursor or turn the reading direction.

/// Replaces control characters and the invisible ones that reorder text.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if is_unfit(c) { '\u{fffd}' } else { c }).collect()
}

fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// How many characters of an id stay when it is shortened for a line of log.
const SHORT_ID: usize = 8;
/// Text shorter than this is not an id that needs shortening.
const LONG_ID: usize = 20;

/// Shortens an id (a long run of hex digits, with or without dashes) to its beginning. Other text stays.
pub(crate) fn short(id: &str) -> String {
    let is_id = id.len() >= LONG_ID && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    if is_id { format!("{}…", &id[..SHORT_ID]) } else { clean(id) }
}

/// A path in which each id is shortened.
pub(crate) fn short_path(path: &str) -> String {
    path.split('/').map(short).collect::<Vec<_>>().join("/")
}

/// The beginning of a text, at most `limit` characters.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_pass() {
        assert_eq!(clean("a\x1b[31mb\nc\u{202e}d"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d");
    }

    #[test]
    fn only_ids_are_shortened() {
        assert_eq!(
            short_path("/api/machines/1e5bc9d7e413ddd7902c2932e418702b84d0cc07/isolate"),
            "/api/machines/1e5bc9d7…/isolate"
        );
        assert_eq!(
            short_path("/api/machines/desktop-39g9tgl.contoso.example"),
            "/api/machines/desktop-39g9tgl.contoso.example"
        );
    }
}
