//! Where in the file a part of a text stands, through quotes, escapes, folded lines and indentation.

use super::{Form, Text};
use std::ops::Range;

/// The place of every character of one text.
#[derive(Clone, Debug)]
pub struct Places {
    whole: Range<usize>,
    /// For each byte of the value: where its character begins in the file, and where it ends. Empty: not known.
    bytes: Vec<(usize, usize)>,
}

impl Places {
    /// Finds the places of a text's characters. `span` is where the whole of it stands in `source`.
    pub fn new(source: &str, span: &Range<usize>, text: &Text) -> Places {
        let raw = source.get(span.clone()).unwrap_or_default();
        let bytes = Walk { raw, at: 0, form: text.form }.align(&text.value, span.start).unwrap_or_default();
        Places { whole: span.clone(), bytes }
    }

    /// The place of these bytes of the text; the whole text where that cannot be told.
    pub fn of(&self, part: &Range<usize>) -> Range<usize> {
        if self.bytes.is_empty() {
            return self.whole.clone();
        }
        // At the very end of the text: right behind its last character.
        let start = match self.bytes.get(part.start) {
            Some((start, _)) => *start,
            None => self.bytes.last().map_or(self.whole.start, |(_, end)| *end),
        };
        let end = match part.end.checked_sub(1).and_then(|last| self.bytes.get(last)) {
            Some((_, end)) if part.end > part.start => *end,
            _ => start,
        };
        start..end.max(start)
    }
}

/// Walks through the file's text and the value side by side.
struct Walk<'s> {
    raw: &'s str,
    at: usize,
    form: Form,
}

impl Walk<'_> {
    fn align(mut self, value: &str, offset: usize) -> Option<Vec<(usize, usize)>> {
        if self.form != Form::Bare {
            self.at = 1;
        }
        let mut bytes = Vec::with_capacity(value.len());
        let mut characters = value.chars().peekable();
        while let Some(&character) = characters.peek() {
            let (start, written, end) = self.next();
            if written == Some(character) {
                characters.next();
                bytes.extend(std::iter::repeat_n((offset + start, offset + end), character.len_utf8()));
                self.at = end;
            } else if written.is_none() && end > start {
                // An escaped line break: it is nothing, and neither is the indentation behind it.
                self.at = end;
                self.skip_blank();
            } else {
                // A folded line: blank on one side is blank on the other, in other numbers.
                let before = (self.at, bytes.len());
                self.skip_blank();
                while let Some(blank) = characters.next_if(|next| matches!(next, ' ' | '\n' | '\t')) {
                    bytes.extend(std::iter::repeat_n((offset + start, offset + start), blank.len_utf8()));
                }
                if before == (self.at, bytes.len()) {
                    return None;
                }
            }
        }
        Some(bytes)
    }

    /// The character here as it counts in the value (`None` for nothing or the end), and its place.
    fn next(&self) -> (usize, Option<char>, usize) {
        let rest = self.raw.get(self.at..).unwrap_or_default();
        let mut characters = rest.chars();
        let Some(first) = characters.next() else { return (self.at, None, self.at) };
        match (self.form, first, characters.next()) {
            (Form::Single, '\'', Some('\'')) => (self.at, Some('\''), self.at + 2),
            (Form::Double, '\\', Some(second)) => {
                let (character, length) = escape(rest, second);
                (self.at, character, self.at + length)
            }
            _ => (self.at, Some(first), self.at + first.len_utf8()),
        }
    }

    fn skip_blank(&mut self) {
        let rest = self.raw.get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }
}

/// What the escape at the start of `rest` stands for, and its length. YAML 1.2.2, section 5.7.
fn escape(rest: &str, second: char) -> (Option<char>, usize) {
    let hexadecimal = |from: usize, digits: usize| {
        rest.get(from..from + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    let simple = match second {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return (hexadecimal(2, 2).and_then(char::from_u32), 4),
        'U' => return (hexadecimal(2, 8).and_then(char::from_u32), 10),
        'u' => {
            // Two halves of a surrogate pair are one character.
            let (first, second) = (hexadecimal(2, 4), hexadecimal(8, 4));
            return match (first, second) {
                (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
                    (char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 12)
                }
                (first, _) => (first.and_then(char::from_u32), 6),
            };
        }
        '\n' => return (None, 2),
        '\r' => return (None, if rest.as_bytes().get(2) == Some(&b'\n') { 3 } else { 2 }),
        other => other,
    };
    (Some(simple), 1 + second.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, Node, read};
    use super::*;

    /// The file's own text at the place of `part`, which stands once in the value of `a`.
    fn at(source: &str, part: &str) -> String {
        let root = read(source, &Limits::default()).unwrap();
        let Node::Map(entries) = root.value else { panic!("not a mapping") };
        let Node::Str(text) = &entries[0].1.value else { panic!("not a text") };
        let start = text.value.find(part).unwrap();
        let place = Places::new(source, &entries[0].1.span, text).of(&(start..start + part.len()));
        source[place].to_owned()
    }

    #[test]
    fn plain_text_stands_as_it_is() {
        assert_eq!(at("a: é x.y z", "x.y"), "x.y");
        assert_eq!(at("a: one\n  two\n\n  three é four", "é four"), "é four");
        assert_eq!(at("a: one\n  two", "two"), "two");
    }

    #[test]
    fn quotes_are_counted() {
        assert_eq!(at("a: 'it''s é x.y'", "x.y"), "x.y");
        assert_eq!(at("a: 'it''s'", "it's"), "it''s");
        assert_eq!(at(r#"a: "\u00e9 \"q\" \x41 \U0001F600 x.y""#, "x.y"), "x.y");
        assert_eq!(at(r#"a: "\uD83D\uDE00 x.y""#, "x.y"), "x.y");
        assert_eq!(at(r#"a: "b\nc""#, "\n"), "\\n");
        assert_eq!(at("a: \"one\n  two \\\n   three x.y\"", "x.y"), "x.y");
        assert_eq!(at("a: \"one\\\n   \\ two\"", "two"), "two");
    }

    #[test]
    fn blocks_lose_their_indentation() {
        assert_eq!(at("a: |\n    é one\n      two x.y\n", "x.y"), "x.y");
        assert_eq!(at("a: |\n    \"one\n    x.y\n", "x.y"), "x.y");
        assert_eq!(at("a: >-\n    é one\n    two\n\n\n    three x.y\n", "x.y"), "x.y");
        assert_eq!(at("a: >\n    one\n      more\n    less x.y\n", "x.y"), "x.y");
        assert_eq!(at("a: |\r\n  one\r\n  two x.y\r\n", "x.y"), "x.y");
        assert_eq!(at("a: |2\n    one\n  x.y\n", "x.y"), "x.y");
    }
}
