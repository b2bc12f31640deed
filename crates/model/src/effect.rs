//! What an action may do to the world.

use serde::{Deserialize, Serialize};

/// What repeating a call would do. The engine, not the playbook's author, draws the conclusions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Looks, and changes nothing at the provider: may be repeated after any failure.
    Read,
    /// Repeating gives the same end state.
    Idempotent,
    /// Repeating does harm, or nobody knows: never sent again while an earlier call's outcome is unknown.
    Once,
}

impl Effect {
    /// The word used in the catalogue and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Idempotent => "idempotent",
            Effect::Once => "once",
        }
    }
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
