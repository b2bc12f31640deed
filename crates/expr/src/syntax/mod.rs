//! From text to [`Node`]s. Nothing else in the crate knows the parser.
//!
//! The text is cut into tokens and its shape is bounded by ourselves; then the `cel` crate parses, without macros;
//! then its tree is lowered at once. What the parser does not bound (its stack) is bounded before it runs.

mod call;
mod lower;
mod message;
mod shape;
mod token;

use crate::ir::Node;
use crate::problem::{Problem, ProblemKind};

pub(crate) use token::{Lexeme, Scanner};

/// Most bytes of one expression.
pub(crate) const MOST_BYTES: usize = 2048;
/// Most nodes of one expression.
pub(crate) const MOST_NODES: usize = 400;
/// Most nodes from the root to a leaf.
pub(crate) const MOST_DEPTH: usize = 50;
/// Most loops inside each other.
pub(crate) const MOST_LOOPS: usize = 3;

/// Bytes of stack for the parser: twice what the worst text within the bounds of [`shape`] was seen to take. Of these
/// only what is used is ever in memory.
const PARSER_STACK: usize = 16 << 20;

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
    on_large_stack(|| {
        // Without macros `has(a.b)` and `a.all(x, ..)` stay the calls that they are in the text, with their places.
        let parsed = cel::Env::default().parser().parse_with_source_info(source);
        let (tree, places) = parsed.map_err(|errors| message::problems(source, &tokens, &errors))?;
        lower::lower(source, &tokens, &places, tree)
    })
    .unwrap_or_else(|| Err(vec![message::unreadable(source)]))
}

/// Runs on a thread of its own, for its stack: the parser takes up to 160 KiB a bracket where nothing is optimised, and
/// nobody knows how much the caller has left. `None` if there is no thread, or if the parser panicked.
fn on_large_stack<T: Send>(run: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("parse".to_owned()).stack_size(PARSER_STACK);
        thread.spawn_scoped(scope, run).ok()?.join().ok()
    })
}
