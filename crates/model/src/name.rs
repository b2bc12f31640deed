//! Names: each its own type, made only by its parser.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A name that does not follow its rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}")]
pub struct InvalidName {
    /// The rule, as a sentence without its full stop.
    pub rule: &'static str,
}

/// Longest playbook or step name in bytes.
const MAX_NAME: usize = 64;

fn is_word(text: &str, separator: u8) -> bool {
    let bytes = text.as_bytes();
    !bytes.is_empty()
        && bytes.len() <= MAX_NAME
        && bytes[0].is_ascii_lowercase()
        && bytes[bytes.len() - 1] != separator
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == separator)
}

/// A playbook's name: kebab-case, unique among the loaded playbooks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlaybookName(String);

impl PlaybookName {
    /// Checks the rule.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if is_word(text, b'-') {
            Ok(PlaybookName(text.to_owned()))
        } else {
            Err(InvalidName {
                rule: "a playbook's name is kebab-case: a lower-case letter, then lower-case letters, digits and `-`, \
                       at most 64 characters",
            })
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An action's name: connection and operation, each snake_case, joined by a dot (`defender.isolate_machine`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ActionName(String);

impl ActionName {
    /// Checks the rule.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        match text.split_once('.') {
            Some((connection, operation)) if is_word(connection, b'_') && is_word(operation, b'_') => {
                Ok(ActionName(text.to_owned()))
            }
            _ => Err(InvalidName { rule: "an action's name is `connection.operation`, both in snake_case" }),
        }
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the dot: which connection carries the action out.
    pub fn connection(&self) -> &str {
        self.0.split_once('.').map_or(self.0.as_str(), |(connection, _)| connection)
    }
}

macro_rules! text_name {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                $name::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

text_name!(PlaybookName);
text_name!(ActionName);

/// Where a step stands in its run: ids joined by dots, with the branch or item in brackets
/// (`isolate`, `parallel_3[0].scan`). Unique in a run. Its text is shared: it stands in every event, command and table of a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepPath(Arc<str>);

impl StepPath {
    /// A step of the playbook's outermost list.
    pub fn root(id: &str) -> Self {
        StepPath(id.into())
    }

    /// A step inside this one.
    pub fn child(&self, id: &str) -> Self {
        StepPath(format!("{}.{id}", self.0).into())
    }

    /// The branch or the loop's turn with this number, inside this step.
    pub fn turn(&self, number: usize) -> Self {
        StepPath(format!("{}[{number}]", self.0).into())
    }

    /// Whether it is inside of this other one.
    pub fn is_inside(&self, around: &StepPath) -> bool {
        self.0.strip_prefix(&*around.0).is_some_and(|rest| rest.starts_with(['.', '[']))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for StepPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 of a playbook's source, as 64 hexadecimal digits: the version a run is pinned to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceHash(String);

impl SourceHash {
    /// Hashes a source text.
    pub fn of(source: &str) -> Self {
        SourceHash(Sha256::digest(source.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SourceHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_their_rules() {
        assert!(PlaybookName::parse("contain-device").is_ok());
        for bad in ["", "Contain", "contain_device", "-x", "x-", "1x", &"a".repeat(65)] {
            assert!(PlaybookName::parse(bad).is_err(), "{bad}");
        }
        assert!(ActionName::parse("defender.get_machine").is_ok());
        for bad in ["defender", "defender.", ".x", "a.b.c", "a.B"] {
            assert!(ActionName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_tell_branches_apart() {
        let path = StepPath::root("sweep").turn(3).child("isolate");
        assert_eq!(path.as_str(), "sweep[3].isolate");
    }
}
