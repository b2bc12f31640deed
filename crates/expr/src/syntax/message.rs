//! What the parser says, in words for people.
//!
//! Its own messages list every token that its tables would have taken; we keep the place and say what stands there.
//! Only the first is reported: after it the parser guesses, and its further complaints are about its guess.

use crate::problem::{Problem, ProblemKind};
use crate::syntax::token::{Lexeme, Token};

/// The first of the parser's errors.
pub(super) fn problems(source: &str, tokens: &[Token], errors: &cel::parser::ParseErrors) -> Vec<Problem> {
    // The tree's complaints about what the grammar's left incomplete are placed at the whole, so they come last.
    let grammatical = errors.errors.iter().find(|error| error.msg.starts_with("Syntax error"));
    let Some(error) = grammatical.or(errors.errors.first()) else {
        return vec![unreadable(source)];
    };
    let Some(offset) = offset(source, error.pos) else {
        return vec![unreadable(source)];
    };
    let Some(token) = tokens.iter().find(|token| token.span.end > offset) else {
        let end = tokens.last().map_or(0, |token| token.span.end);
        return vec![Problem::new(
            ProblemKind::Syntax,
            end..end,
            "the expression ends too early",
            "something is missing here",
        )];
    };
    let text = source.get(token.span.clone()).unwrap_or_default();
    let problem =
        |message: String, label: &str| Problem::new(ProblemKind::Syntax, token.span.clone(), message, label);
    if error.msg.starts_with("reserved identifier") {
        return vec![problem(format!("`{text}` is a reserved word"), "not usable as a name")];
    }
    if token.kind == Lexeme::Number && error.msg.starts_with("invalid") {
        return vec![problem(format!("`{text}` does not fit into 64 bits"), "too large")];
    }
    if token.kind == Lexeme::Text && error.msg.starts_with("invalid") {
        return vec![problem("a string cannot be read".to_owned(), "this string")];
    }
    let problem = problem(format!("unexpected `{}`", crate::text::shown(text)), "not expected here");
    vec![match text {
        "and" => problem.with_help("write `&&`"),
        "or" => problem.with_help("write `||`"),
        "not" => problem.with_help("write `!`"),
        _ => match before(tokens, token).and_then(|token| source.get(token.span.clone())) {
            Some("not") => problem.with_help("write `!`"),
            _ => problem,
        },
    }]
}

fn before<'t>(tokens: &'t [Token], token: &Token) -> Option<&'t Token> {
    tokens.iter().take_while(|other| other.span.start < token.span.start).last()
}

/// What is said when nothing better is known.
pub(super) fn unreadable(source: &str) -> Problem {
    Problem::new(ProblemKind::Syntax, 0..source.len(), "the expression cannot be read", "not an expression")
}

/// The byte at a line (from 1) and a column in characters (from 1).
fn offset(source: &str, (line, column): (isize, isize)) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = source.get(start..)?;
    Some(start + rest.char_indices().nth(column).map_or(rest.len(), |(index, _)| index))
}
