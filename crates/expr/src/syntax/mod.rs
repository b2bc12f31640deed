//! From text to [`Node`]s. Nothing else in the crate knows the parser.
//!
//! The text is cut into tokens and its shape is bounded by ourselves; then the `cel` crate parses, without macros;
//! then its tree is lowered at once. What the parser does not bound (its stack) is bounded before it runs.

mod call;
mod lower;
mod message;
mod shape;
mod stack;
mod token;

use crate::ir::Node;
use crate::problem::{Problem, ProblemKind};

pub use stack::with_parser_stack;
pub(crate) use token::{Lexeme, Scanner};

/// Most bytes of one expression.
pub(crate) const MOST_BYTES: usize = 2048;
/// Most nodes of one expression.
pub(crate) const MOST_NODES: usize = 400;
/// Most nodes from the root to a leaf.
pub(crate) const MOST_DEPTH: usize = 50;
/// Most loops inside each other.
pub(crate) const MOST_LOOPS: usize = 3;

/// Compiles an expression.
pub(crate) fn parse(source: &str) -> Result<Node, Vec<Problem>> {
    if source.len() > MOST_BYTES {
        return Err(vec![Problem::new(
            ProblemKind::TooLong,
            0..source.len(),
            format!("the expression has {} bytes; at most {MOST_BYTES} are read", source.len()),
            "too long",
        )]);
    }
    let tokens = token::tokens(source)?;
    if tokens.is_empty() {
        return Err(vec![Problem::new(
            ProblemKind::Syntax,
            0..source.len(),
            "there is no expression",
            "an expression is expected here",
        )]);
    }
    shape::check(source, &tokens)?;
    stack::parsing(|| {
        // Without macros `has(a.b)` and `a.all(x, ..)` stay the calls that they are in the text, with their places.
        let parsed = cel::Env::default().parser().parse_with_source_info(source);
        let (tree, places) = parsed.map_err(|errors| message::problems(source, &tokens, &errors))?;
        lower::lower(source, &tokens, &places, tree)
    })
    .unwrap_or_else(|| Err(vec![message::unreadable(source)]))
}
