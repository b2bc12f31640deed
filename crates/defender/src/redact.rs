//! What may be shown of text that came from outside.

/// Longest text of the provider that an error repeats, in characters.
pub(crate) const MAX_MESSAGE_CHARS: usize = 500;
/// Longest code or id of the provider that an error repeats, in characters.
pub(crate) const MAX_CODE_CHARS: usize = 100;

const MASK: &str = "[redacted]";

/// Cleans the provider's text: one line, bounded, without the secrets that were sent, without the query of any address.
///
/// The secrets are masked because an answer may echo the request. A query is cut because it may be a signed link.
pub(crate) struct Censor<'a> {
    secrets: &'a [&'a str],
}

impl<'a> Censor<'a> {
    pub(crate) fn hiding(secrets: &'a [&'a str]) -> Censor<'a> {
        Censor { secrets }
    }

    pub(crate) fn message(&self, text: &str) -> String {
        self.clean(text, MAX_MESSAGE_CHARS)
    }

    pub(crate) fn code(&self, text: &str) -> String {
        self.clean(text, MAX_CODE_CHARS)
    }

    fn clean(&self, text: &str, limit: usize) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            text = text.replace(secret, MASK);
        }
        let text: String = text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
        let words: Vec<&str> = text.split_whitespace().map(without_query).collect();
        let line = words.join(" ");
        match line.char_indices().nth(limit) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}

fn without_query(word: &str) -> &str {
    match (word.find("://"), word.find('?')) {
        (Some(_), Some(query)) => &word[..query],
        _ => word,
    }
}

/// Control characters, the marks that reorder what a terminal shows, and what stands there without being seen.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_one_clean_line() {
        let censor = Censor::hiding(&["s3cret"]);
        assert_eq!(censor.message("a\r\nb\u{1b}[31m s3cret\u{202e}x"), "a b [31m [redacted] x");
        assert_eq!(censor.message("a\u{61c}b\u{2060}c\u{ad}d\u{e0041}e"), "a b c d e");
        assert_eq!(censor.message("see https://x.example/a?sig=1 now"), "see https://x.example/a now");
    }

    #[test]
    fn text_is_bounded_in_characters() {
        let cleaned = Censor::hiding(&[]).message(&"é".repeat(MAX_MESSAGE_CHARS + 5));
        assert_eq!(cleaned.chars().count(), MAX_MESSAGE_CHARS + 1);
        assert_eq!(Censor::hiding(&[]).code(&"x".repeat(MAX_CODE_CHARS)).len(), MAX_CODE_CHARS);
    }
}
