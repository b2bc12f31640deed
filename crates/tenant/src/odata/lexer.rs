//! Filter text into tokens.

use super::{BadFilter, MAX_LENGTH};

/// One token and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Open,
    Close,
    Comma,
    /// Behind the variable of a lambda.
    Colon,
    /// A text in single quotes, with doubled quotes undone.
    Text(String),
    /// A name, a keyword or an unquoted literal; the parser knows which.
    Word(String),
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, BadFilter> {
    if text.len() > MAX_LENGTH {
        return Err(BadFilter {
            message: format!("the filter is longer than {MAX_LENGTH} bytes"),
            at: MAX_LENGTH,
        });
    }
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let kind = match c {
            c if c.is_whitespace() => continue,
            '(' => TokenKind::Open,
            ')' => TokenKind::Close,
            ',' => TokenKind::Comma,
            ':' => TokenKind::Colon,
            '\'' => {
                let mut value = String::new();
                loop {
                    match chars.next() {
                        Some((_, '\'')) if chars.next_if(|(_, c)| *c == '\'').is_some() => value.push('\''),
                        Some((_, '\'')) => break,
                        Some((_, c)) => value.push(c),
                        None => return Err(BadFilter { message: "a text is not closed".into(), at }),
                    }
                }
                TokenKind::Text(value)
            }
            c if is_word(c) => {
                let mut word = String::from(c);
                // A colon belongs to the time in `2018-08-01T00:00:00Z`, but not to the name in `t:t eq 'x'`.
                let is_name = is_name(&word);
                while let Some((_, c)) = chars.next_if(|(_, c)| is_word(*c) && !(is_name && *c == ':')) {
                    word.push(c);
                }
                TokenKind::Word(word)
            }
            c => {
                return Err(BadFilter {
                    message: format!("the character {} is not expected", c.escape_default()),
                    at,
                });
            }
        };
        tokens.push(Token { kind, at });
    }
    Ok(tokens)
}

/// Whether a word begins as names do. Numbers and times never do; a guid may, and holds no colon.
pub(super) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// Names and paths, numbers, guids and dates: their characters overlap, so they are one kind of token.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '+' | '/' | '@' | '$')
}
