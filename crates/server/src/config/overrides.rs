//! Values that the environment overrides: `RIPOSTE_LISTEN`, `RIPOSTE_CONNECTIONS_DEFENDER_TENANT_ID`.
//!
//! A variable is called like its key, with all keys above it, in capitals. Keys have underscores themselves, so a name is not
//! taken apart: it is looked up among the names of all keys, which the schema lists. Its value is YAML, and is put into the
//! tree before that is read: it is checked as strictly as the file, and what is wrong with it is told in its own name.

use crate::config::schema::schema;
use crate::config::sources::Sources;
use riposte_playbook::yaml::{Limits, Node, Spanned, read};
use riposte_playbook::{Code, Diagnostic, Report};
use serde_json::Value;
use std::ffi::OsString;
use std::ops::Range;

/// What all of them begin with.
const PREFIX: &str = "RIPOSTE_";

/// How a report about names of variables is called.
pub(super) const ENVIRONMENT: &str = "environment";

/// Keys behind which somebody may have written a secret itself.
pub(super) const SECRET_KEYS: [&str; 9] = [
    "client_secret",
    "certificate",
    "certificate_key",
    "secret",
    "auth",
    "credentials",
    "token",
    "sha256",
    "otlp_headers",
];

/// The variables of an environment that override values of a configuration, by name.
#[derive(Clone, Default)]
pub struct Overrides(Vec<(String, Option<String>)>);

impl std::fmt::Debug for Overrides {
    /// Names alone: a value may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Overrides {
    /// Those among these variables. Those in `taken` are somebody else's, and an empty one is as good as none.
    pub fn of(variables: impl IntoIterator<Item = (OsString, OsString)>, taken: &[String]) -> Overrides {
        let ours = variables.into_iter().filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
            (!taken.contains(&name) && !value.is_empty()).then(|| (name, value.into_string().ok()))
        });
        let mut ours: Vec<_> = ours.collect();
        // The order of an environment is anybody's; the deeper key, which is named later, has the last word.
        ours.sort();
        Overrides(ours)
    }

    /// Those of this process.
    #[expect(clippy::disallowed_methods, reason = "this is configuration")]
    pub fn from_environment(taken: &[String]) -> Overrides {
        Overrides::of(std::env::vars_os(), taken)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What they are called.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Puts them into a tree. What cannot be put there is given back.
    pub(super) fn apply(
        &self,
        root: &mut Spanned<Node>,
        sources: &mut Sources,
        limits: &Limits,
    ) -> Vec<Report> {
        let keys = keys();
        let mut wrong = Vec::new();
        for (name, value) in &self.0 {
            let Some(key) = keys.iter().find(|key| key.variable == *name) else {
                wrong.push(unknown(name, &keys));
                continue;
            };
            let Some(value) = value else {
                wrong.push(about(name, "is not UTF-8", "its value is read as YAML, which is text"));
                continue;
            };
            match read(value, limits) {
                Ok(mut node) => {
                    shift(&mut node, sources.add(name, value));
                    put(root, &key.path, node);
                }
                // What it says is not repeated: it may be a secret in the place of its place.
                Err(_) if key.may_be_secret() => {
                    wrong.push(about(name, "is no YAML", "write it as in the file, like `{ file: PATH }`"));
                }
                Err(problems) => wrong.push(Report::new(name.as_str(), value.as_str(), problems)),
            }
        }
        wrong
    }
}

/// A key of the configuration that a variable can stand for.
struct Key {
    variable: String,
    path: Vec<Step>,
}

/// One of the keys that lead there.
#[derive(Clone)]
struct Step {
    key: String,
    /// Whether it stands alone: where a secret is, is said in one way, and a variable says it anew.
    alone: bool,
}

impl Key {
    /// Whether somebody may have written a secret there.
    fn may_be_secret(&self) -> bool {
        let within = self.path.iter().any(|step| SECRET_KEYS.contains(&step.key.as_str()));
        within || matches!(self.path[..], [ref step] | [ref step, _] if step.key == "connections")
    }
}

/// All keys, as the schema has them. Names that an author chooses have no variable; what is above them has.
fn keys() -> Vec<Key> {
    let mut keys = Vec::new();
    collect(&schema(), &mut Vec::new(), &mut keys);
    keys
}

fn collect(schema: &Value, above: &mut Vec<Step>, keys: &mut Vec<Key>) {
    let alone = schema.get("maxProperties").and_then(Value::as_u64) == Some(1);
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, below) in properties.into_iter().flatten() {
        above.push(Step { key: key.clone(), alone });
        let words: Vec<&str> = above.iter().map(|step| step.key.as_str()).collect();
        let variable = format!("{PREFIX}{}", words.join("_").to_uppercase());
        keys.push(Key { variable, path: above.clone() });
        collect(below, above, keys);
        above.pop();
    }
}

fn unknown(name: &str, keys: &[Key]) -> Report {
    let near = riposte_expr::nearest(name, keys.iter().map(|key| key.variable.as_str()));
    let help = near.map_or_else(
        || "it is RIPOSTE_ and the keys, from the top, in capitals and joined by `_`, like RIPOSTE_RETENTION_SIZE".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    let problem = Diagnostic::error(
        Code::UnknownKey,
        format!("no key of the configuration belongs to the variable `{name}`"),
        0..name.len(),
        "unknown variable",
    );
    Report::new(ENVIRONMENT, name, vec![problem.with_help(help)])
}

fn about(name: &str, what: &str, help: &str) -> Report {
    let message = format!("the variable `{name}` {what}");
    let problem = Diagnostic::error(Code::Yaml, message, 0..name.len(), "cannot be read").with_help(help);
    Report::new(ENVIRONMENT, name, vec![problem])
}

/// Puts a value at the end of a path. Where something else than a mapping is on the way, that is the file's problem.
fn put(node: &mut Spanned<Node>, path: &[Step], value: Spanned<Node>) {
    let Some((Step { key, alone }, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    if node.value == Node::Null {
        node.value = Node::Map(Vec::new());
    }
    let Node::Map(entries) = &mut node.value else { return };
    if *alone {
        entries.retain(|(known, _)| known.value == *key);
    }
    match entries.iter_mut().find(|(known, _)| known.value == *key) {
        Some((known, below)) => {
            if rest.is_empty() {
                known.span = value.span.clone();
            }
            put(below, rest, value);
        }
        None => {
            let key = Spanned { value: key.clone(), span: value.span.clone() };
            let mut below = Spanned { value: Node::Null, span: value.span.clone() };
            put(&mut below, rest, value);
            entries.push((key, below));
        }
    }
}

/// Moves a value and all that is in it.
fn shift(node: &mut Spanned<Node>, by: usize) {
    let moved = |span: &Range<usize>| span.start + by..span.end + by;
    node.span = moved(&node.span);
    match &mut node.value {
        Node::Seq(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Node::Map(entries) => {
            for (key, value) in entries {
                key.span = moved(&key.span);
                shift(value, by);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
