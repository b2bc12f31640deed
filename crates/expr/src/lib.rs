//! Expressions (CEL) and JSONPath: compile, check, evaluate.
//!
//! A text becomes an [`Expression`], a [`Template`] or a [`Path`] once, when a playbook is loaded; then it is
//! checked against a [`Scope`] of schemas, and evaluated over [`Bindings`] of JSON as often as needed. Everything is
//! bounded (source, nodes, depth, fuel), and the same values always give the same answer: there is no clock, no
//! randomness, no file and no network here, and nothing that arrives as data is ever compiled.

mod bindings;
mod check;
mod compile;
mod decided;
mod eval;
mod explain;
mod expression;
mod function;
mod ir;
mod nearest;
mod path;
mod problem;
mod reference;
mod scope;
mod sorts;
mod syntax;
mod template;
mod text;

pub use bindings::{Bindings, Late};
pub use check::Checked;
pub use explain::{Explained, Explanation, Outcome, Pass, Passes, Role, Shown};
pub use expression::Expression;
pub use nearest::nearest;
pub use path::{Path, TooWide};
pub use problem::{Problem, ProblemKind};
pub use reference::{Fact, Reference, Segment};
pub use scope::Scope;
pub use syntax::with_parser_stack;
pub use template::Template;
