//! Durations and paths.

use super::Checker;
use crate::yaml::{Node, Spanned};
use riposte_expr::Path;

impl Checker<'_> {
    /// A JSONPath.
    pub(super) fn path(&mut self, what: &str, node: &Spanned<Node>) -> Option<Path> {
        let Node::Str(text) = &node.value else {
            self.found.push(node.mismatch(what, "text"));
            return None;
        };
        match Path::parse(&text.value) {
            Ok(path) => Some(path),
            Err(problems) => {
                self.report_path(&node.span, text, problems);
                None
            }
        }
    }
}
