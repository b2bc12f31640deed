//! What starts runs, as a checked playbook has it.

use crate::{Cron, Playbook, Zone};
use riposte_expr::{Expression, Path};
use serde_json::{Map, Value};
use std::time::Duration;

/// What starts runs.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// Somebody tells us.
    Webhook(Webhook),
    /// The clock does.
    Schedule(Schedule),
}

impl Playbook {
    /// The triggers that are webhooks, in the order of the file.
    pub fn webhooks(&self) -> impl Iterator<Item = &Webhook> {
        self.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::Webhook(webhook) => Some(webhook),
            Trigger::Schedule(_) => None,
        })
    }

    /// The triggers that are schedules, in the order of the file.
    pub fn schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::Schedule(schedule) => Some(schedule),
            Trigger::Webhook(_) => None,
        })
    }
}

/// Times at which a run starts. No two of a playbook fire at the same times with the same inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// When, on the clocks of [`Schedule::zone`]. Its text is what `trigger.name` gives.
    pub cron: Cron,
    /// Whose clocks.
    pub zone: Zone,
    /// What becomes of times at which nobody was there to start a run.
    pub missed: Missed,
    /// What becomes of a time at which the run before has not ended.
    pub overlap: Overlap,
    /// Each run starts up to this much later, so that not everything starts at once. Shorter than
    /// [`Cron::shortest_pause`].
    pub jitter: Option<Duration>,
    /// The inputs of every run: complete, defaults filled in, and accepted.
    pub inputs: Map<String, Value>,
}

/// What becomes of times that were missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Nothing: the next run starts at its own time.
    Skip,
    /// One run for all of them.
    Once,
    /// One run for each.
    All,
}

impl Missed {
    /// As a playbook writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Missed::Skip => "skip",
            Missed::Once => "once",
            Missed::All => "all",
        }
    }
}

/// What becomes of a time at which the run before has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Nothing: no run starts.
    Skip,
    /// A run starts when the one before has ended.
    Queue,
    /// A run starts all the same.
    Allow,
}

impl Overlap {
    /// As a playbook writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Overlap::Skip => "skip",
            Overlap::Queue => "queue",
            Overlap::Allow => "allow",
        }
    }
}

/// `POST /hooks/<name>` starts runs.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The last part of the address, kebab-case.
    pub name: String,
    /// How a sender proves itself.
    pub auth: Auth,
    /// One run for each node that this path selects in the body; `None`: one run for the body.
    pub each: Option<Path>,
    /// How inputs are taken from the node.
    pub bind: Vec<Binding>,
    /// False: acknowledged, no run.
    pub condition: Option<Expression>,
    /// The same key within the window answers with the first run.
    pub dedupe: Option<Dedupe>,
}

/// One input taken from a body.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The input's name.
    pub input: String,
    /// Must select exactly one node.
    pub path: Path,
    /// Whether no node is fine too.
    pub optional: bool,
}

/// Repeated deliveries.
#[derive(Clone, Debug)]
pub struct Dedupe {
    /// Computed over the inputs.
    pub key: Expression,
    /// How long a key is remembered.
    pub window: Duration,
}

/// How a webhook's sender proves itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// HMAC-SHA256 of the body, hexadecimal, in a header, as GitHub does it.
    HmacSha256 {
        /// The shared secret.
        secret: Credential,
        /// The header's name.
        header: String,
    },
    /// The Standard Webhooks specification: signed, timestamped, safe against replay.
    StandardWebhooks {
        /// The shared secret.
        secret: Credential,
    },
    /// `Authorization: Bearer`.
    Bearer {
        /// The token.
        token: Credential,
    },
    /// Nobody proves anything; must be written out.
    None,
}

/// The name of a secret. The secret itself is known to nobody here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential(pub String);

impl Auth {
    /// The secret that it needs, if it needs one.
    pub fn credential(&self) -> Option<&Credential> {
        match self {
            Auth::HmacSha256 { secret, .. } | Auth::StandardWebhooks { secret } => Some(secret),
            Auth::Bearer { token } => Some(token),
            Auth::None => None,
        }
    }
}
