//! A file's text for a report, which quotes lines of it.

use super::{Node, Spanned};

/// The text with the values of these keys blanked out, wherever the keys stand: somebody may have written a secret where
/// its place belongs, and the report that says so must not repeat it. Every byte keeps its position.
pub fn masked(source: &str, root: &Spanned<Node>, keys: &[&str]) -> String {
    let mut text = source.to_owned();
    blank(root, keys, false, &mut text);
    text
}

fn blank(node: &Spanned<Node>, keys: &[&str], secret: bool, text: &mut String) {
    match &node.value {
        Node::Map(entries) => {
            for (key, value) in entries {
                blank(value, keys, keys.contains(&key.value.as_str()), text);
            }
        }
        Node::Seq(items) => items.iter().for_each(|item| blank(item, keys, secret, text)),
        Node::Null => {}
        Node::Bool(_) | Node::Int(_) | Node::UInt(_) | Node::Float(_) | Node::Str(_) => {
            if secret && let Some(written) = text.get(node.span.clone()) {
                // Line breaks stay, so that every line keeps its number.
                let stars: String =
                    written.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect();
                text.replace_range(node.span.clone(), &stars);
            }
        }
    }
}
