//! What is refused before the parser sees it: brackets that do not pair, and shapes that would exhaust its stack.
//!
//! The parser descends once for every open bracket and once for every operator in a chain (`1 + 1 + ..`,
//! `x[0][0]..`), and its own limit covers the first only.

use crate::problem::{Problem, ProblemKind};
use crate::syntax::token::{Lexeme, Token};

/// Most open brackets at one place. Each costs the parser up to 160 KiB of stack where nothing is optimised.
const MOST_OPEN: usize = 32;
/// Most operators that may hang on each other at one place, over all open brackets. More than an expression that
/// keeps to [`MOST_DEPTH`](crate::syntax::MOST_DEPTH) can need.
const MOST_CHAINED: usize = 200;

/// One open bracket, and the operators seen since.
struct Level {
    opening: usize,
    chained: usize,
    conditionals: usize,
}

/// Everything wrong with the brackets, and the first place where the shape is too much for us.
pub(crate) fn check(source: &str, tokens: &[Token]) -> Result<(), Vec<Problem>> {
    let mut levels = vec![Level { opening: 0, chained: 0, conditionals: 0 }];
    let mut open_chained = 0;
    for (index, token) in tokens.iter().enumerate() {
        let (sign, double) = match token.kind {
            Lexeme::Sign(sign, double) => (sign, double),
            // The one operator that is a word; any other word hangs on nothing.
            Lexeme::Word if source.get(token.span.clone()) == Some("in") => (b'<', false),
            Lexeme::Word | Lexeme::Number | Lexeme::Text | Lexeme::Bytes => continue,
        };
        let Some(level) = levels.last_mut() else { break };
        match sign {
            b'(' | b'[' | b'{' => {
                level.chained += 1;
                open_chained += level.chained + level.conditionals;
                levels.push(Level { opening: index, chained: 0, conditionals: 0 });
            }
            b')' | b']' | b'}' => {
                let closed = levels.pop().map_or(0, |level| level.opening);
                let Some(outer) = levels.last() else {
                    return Err(vec![stray(source, token)]);
                };
                open_chained -= outer.chained + outer.conditionals;
                if !pairs(tokens.get(closed), sign) {
                    return Err(vec![mismatched(source, tokens.get(closed), token)]);
                }
            }
            // These end a chain: what follows hangs on them, not on what came before.
            b',' | b':' => level.chained = 0,
            b'&' | b'|' if double => level.chained = 0,
            b'?' => {
                level.conditionals += 1;
                level.chained = 0;
            }
            _ => level.chained += 1,
        }
        let chained = open_chained + levels.last().map_or(0, |level| level.chained + level.conditionals);
        let message = if levels.len() > MOST_OPEN + 1 {
            format!("more than {MOST_OPEN} brackets are open")
        } else if chained > MOST_CHAINED {
            format!("more than {MOST_CHAINED} operators hang on each other")
        } else {
            continue;
        };
        let label = "too deep from here on";
        return Err(vec![Problem::new(ProblemKind::TooComplex, token.span.clone(), message, label)]);
    }
    let unclosed: Vec<Problem> = levels
        .iter()
        .skip(1)
        .filter_map(|level| tokens.get(level.opening))
        .map(|token| {
            let sign = source.get(token.span.clone()).unwrap_or_default();
            Problem::new(
                ProblemKind::Syntax,
                token.span.clone(),
                format!("`{sign}` is not closed"),
                "opened here",
            )
        })
        .collect();
    if unclosed.is_empty() { Ok(()) } else { Err(unclosed) }
}

fn pairs(opening: Option<&Token>, closing: u8) -> bool {
    let Some(Token { kind: Lexeme::Sign(opening, _), .. }) = opening else { return false };
    matches!((*opening, closing), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
}

fn stray(source: &str, token: &Token) -> Problem {
    let sign = source.get(token.span.clone()).unwrap_or_default();
    Problem::new(
        ProblemKind::Syntax,
        token.span.clone(),
        format!("`{sign}` closes nothing"),
        "nothing is open here",
    )
}

fn mismatched(source: &str, opening: Option<&Token>, closing: &Token) -> Problem {
    let opening = opening.and_then(|token| source.get(token.span.clone())).unwrap_or_default();
    let sign = source.get(closing.span.clone()).unwrap_or_default();
    Problem::new(
        ProblemKind::Syntax,
        closing.span.clone(),
        format!("`{sign}` closes `{opening}`"),
        format!("`{opening}` is still open here"),
    )
}
