//! How much of everything there may be at once.

use crate::config::WebhooksConfig;
use std::time::Duration;

/// How much of everything there may be at once. What the configuration does not say is the same everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes of a body.
    pub body: u64,
    /// How long a body may take to come.
    pub body_time: Duration,
    /// Most requests that are worked on at once. Each holds its body in memory.
    pub in_flight: usize,
    /// Most connections at once. More wait in the kernel's queue.
    pub connections: usize,
    /// How long a request's head may take to come, and how long a connection may idle.
    pub head_time: Duration,
    /// Most bytes of a request's head.
    pub head: usize,
    /// How long connections have to end when the server stops.
    pub grace: Duration,
}

impl Limits {
    /// With what the configuration says.
    pub fn of(config: &WebhooksConfig) -> Limits {
        Limits { body: config.body_limit, ..Limits::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body: WebhooksConfig::default().body_limit,
            body_time: Duration::from_secs(10),
            in_flight: 128,
            connections: 512,
            head_time: Duration::from_secs(10),
            head: 32 * 1024,
            grace: Duration::from_secs(10),
        }
    }
}
