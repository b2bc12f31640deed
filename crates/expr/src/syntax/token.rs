//! Cuts a source text into tokens, by the lexical rules of the CEL specification.
//!
//! The parser has a lexer of its own. This one exists because ours knows the place of every token (the parser's tree
//! keeps one token a node), says what is wrong with a character or an escape in words for people, and makes sure that
//! the parser only ever meets well-formed tokens. It also tells a template where an expression ends.

use std::ops::Range;

use crate::problem::{Problem, ProblemKind};

/// Problems with characters that are reported before we stop looking.
const MOST_PROBLEMS: usize = 10;

/// One token and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Lexeme,
    pub(crate) span: Range<usize>,
}

/// The kinds of token that we tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lexeme {
    Word,
    Number,
    Text,
    Bytes,
    /// An operator or a bracket: its first character, and whether there is a second one.
    Sign(u8, bool),
}

/// All tokens of a source, or everything wrong with its characters.
pub(crate) fn tokens(source: &str) -> Result<Vec<Token>, Vec<Problem>> {
    let mut scanner = Scanner::new(source, 0);
    let mut tokens = Vec::new();
    let mut problems = Vec::new();
    while let Some(next) = scanner.next_token() {
        match next {
            Ok(token) => tokens.push(token),
            Err(problem) => {
                problems.push(problem);
                if problems.len() == MOST_PROBLEMS {
                    break;
                }
            }
        }
    }
    if problems.is_empty() { Ok(tokens) } else { Err(problems) }
}

/// Reads one token after the other. After a problem it goes on behind it.
pub(crate) struct Scanner<'s> {
    source: &'s str,
    position: usize,
}

impl<'s> Scanner<'s> {
    pub(crate) fn new(source: &'s str, position: usize) -> Self {
        Scanner { source, position }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.position + ahead).copied()
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.position..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.byte(0) {
                Some(b' ' | b'\t' | b'\r' | b'\n' | 0x0c) => self.position += 1,
                Some(b'/') if self.byte(1) == Some(b'/') => {
                    self.position += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                _ => return,
            }
        }
    }

    /// The next token; `None` at the end.
    pub(crate) fn next_token(&mut self) -> Option<Result<Token, Problem>> {
        self.skip_blanks();
        let first = self.byte(0)?;
        let start = self.position;
        if let Some(prefix) = self.quote_prefix() {
            return Some(self.quoted(start, prefix));
        }
        let kind = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                Lexeme::Word
            }
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) => self.number(),
            b'=' | b'!' | b'<' | b'>' if self.byte(1) == Some(b'=') => self.sign(first, true),
            b'&' | b'|' if self.byte(1) == Some(first) => self.sign(first, true),
            b'!' | b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'.' | b',' | b'-' | b'+'
            | b'*' | b'/' | b'%' | b'?' | b':' => self.sign(first, false),
            _ => return Some(Err(self.stray())),
        };
        Some(Ok(Token { kind, span: start..self.position }))
    }

    fn sign(&mut self, first: u8, double: bool) -> Lexeme {
        self.position += if double { 2 } else { 1 };
        Lexeme::Sign(first, double)
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&wanted) {
            self.position += 1;
        }
    }

    fn number(&mut self) -> Lexeme {
        if self.byte(0) == Some(b'0') && self.byte(1) == Some(b'x') {
            self.position += 2;
            self.skip_while(|byte| byte.is_ascii_hexdigit());
        } else {
            self.skip_while(|byte| byte.is_ascii_digit());
            if self.byte(0) == Some(b'.') && self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) {
                self.position += 1;
                self.skip_while(|byte| byte.is_ascii_digit());
            }
            if matches!(self.byte(0), Some(b'e' | b'E')) {
                let signed = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
                if self.byte(1 + signed).is_some_and(|byte| byte.is_ascii_digit()) {
                    self.position += 1 + signed;
                    self.skip_while(|byte| byte.is_ascii_digit());
                }
            }
        }
        if matches!(self.byte(0), Some(b'u' | b'U')) {
            self.position += 1;
        }
        Lexeme::Number
    }

    /// How many letters stand before an opening quote here: `"`, `r"`, `b"`, `br"`.
    fn quote_prefix(&self) -> Option<usize> {
        let letters = match (self.byte(0)?, self.byte(1).unwrap_or(b' ')) {
            (b'"' | b'\'', _) => 0,
            (b'r' | b'R' | b'b' | b'B', b'"' | b'\'') => 1,
            (b'b' | b'B', b'r' | b'R') if matches!(self.byte(2), Some(b'"' | b'\'')) => 2,
            _ => return None,
        };
        Some(letters)
    }

    fn quoted(&mut self, start: usize, prefix: usize) -> Result<Token, Problem> {
        let letters = self.source.get(start..start + prefix).unwrap_or_default().to_ascii_lowercase();
        let raw = letters.contains('r');
        let bytes = letters.contains('b');
        self.position += prefix;
        let quote = self.byte(0).unwrap_or(b'"');
        let triple = self.byte(1) == Some(quote) && self.byte(2) == Some(quote);
        let width = if triple { 3 } else { 1 };
        self.position += width;
        let mut wrong_escape = None;
        loop {
            let closed = (0..width).all(|ahead| self.byte(ahead) == Some(quote));
            match self.byte(0) {
                _ if closed => {
                    self.position += width;
                    break;
                }
                None => return Err(unclosed(start..self.source.len())),
                Some(b'\n' | b'\r') if !triple => return Err(unclosed(start..self.position)),
                Some(b'\\') if !raw => {
                    let length = escape_length(self.rest());
                    // A wrong escape: go on behind its backslash and the character after it.
                    let taken =
                        length.unwrap_or_else(|| 1 + self.rest().chars().nth(1).map_or(0, char::len_utf8));
                    if length.is_none() && wrong_escape.is_none() {
                        wrong_escape = Some(self.position..self.position + taken);
                    }
                    self.position += taken;
                }
                Some(_) => self.position += self.rest().chars().next().map_or(1, char::len_utf8),
            }
        }
        if let Some(span) = wrong_escape {
            return Err(Problem::new(
                ProblemKind::Syntax,
                span,
                "a string holds an escape that does not exist",
                "not an escape",
            )
            .with_help("write `\\\\` for a backslash, or r\"...\" for text without escapes"));
        }
        let kind = if bytes { Lexeme::Bytes } else { Lexeme::Text };
        Ok(Token { kind, span: start..self.position })
    }

    fn stray(&mut self) -> Problem {
        let start = self.position;
        let character = self.rest().chars().next().unwrap_or(' ');
        self.position += character.len_utf8();
        let problem = Problem::new(
            ProblemKind::Syntax,
            start..self.position,
            format!("`{}` is not part of the language", character.escape_debug()),
            "unexpected character",
        );
        match character {
            '=' => problem.with_help("compare with `==`"),
            '&' => problem.with_help("write `&&`"),
            '|' => problem.with_help("write `||`"),
            '`' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => {
                problem.with_help("strings stand in \"...\" or '...'")
            }
            _ => problem,
        }
    }
}

fn unclosed(span: Range<usize>) -> Problem {
    Problem::new(ProblemKind::Syntax, span, "a string is not closed", "this string has no end")
}

/// The length of the escape at the start of a text, if it is one.
fn escape_length(text: &str) -> Option<usize> {
    let digits = |from: usize, count: usize, radix: u32| {
        let digits = text.get(from..from + count)?;
        // `from_str_radix` would take a sign.
        digits.bytes().all(|byte| char::from(byte).is_digit(radix)).then_some(())?;
        char::from_u32(u32::from_str_radix(digits, radix).ok()?).map(|_| from + count)
    };
    match text.as_bytes().get(1)? {
        b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' | b'\'' | b'"' | b'`' | b'?' => Some(2),
        b'x' | b'X' => digits(2, 2, 16),
        b'u' => digits(2, 4, 16),
        b'U' => digits(2, 8, 16),
        b'0'..=b'3' => digits(1, 3, 8),
        _ => None,
    }
}
