//! A simulated Defender tenant that speaks HTTP.
//!
//! For tests and demonstrations of anything that speaks to Microsoft Defender for Endpoint: it issues tokens, knows a
//! few devices, lets machine actions run through their statuses in time, keeps the documented limits, fails on request,
//! and remembers what really happened. It shares no type with any client, so that a client's mistake about the wire
//! shows up here. It is no authority on Defender beyond what is documented.
//!
//! ```no_run
//! # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
//! use riposte_tenant::{Config, Tenant};
//!
//! let tenant = Tenant::start(([127, 0, 0, 1], 0).into(), Config::default()).await?;
//! tenant.inject("isolate=drop-after".parse()?);
//! // ... let a client isolate a device at tenant.url() ...
//! assert_eq!(tenant.effects().len(), 1);
//! tenant.stop().await;
//! # Ok(()) }
//! ```
//!
//! What it holds and how it behaves is said in code, by [`Config`], or by a scenario in YAML: [`Config::from_scenario`].
//!
//! ```text
//!   scenario ─► Config ─► truth   with what it begins
//!
//!   request ─► http ─► oauth   is the token good
//!               │  ├─► fault   does something go wrong
//!               │  ├─► odata   which rows
//!               │  └─► truth   what happens, and when
//!               └────► log     what was asked, answered and done
//! ```

mod clock;
mod config;
mod control;
mod fault;
mod http;
mod log;
mod oauth;
mod odata;
mod operation;
mod scenario;
mod tenant;
mod text;
mod truth;

pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{Config, Duplicates, HuntingAnswer, OnRequest};
pub use fault::{
    Fault, FaultKind, FaultSyntax, MAX_LAG, MAX_LATENCY, Malformed, RetryAfter, ServerStatus, Target, When,
};
pub use log::{Effect, EffectKind, Entry, Status};
pub use operation::Operation;
pub use scenario::{Contents, Event, MAX_SCENARIO, NewAlert, Problem, ReadFile, ScenarioError, TimedEvent};
pub use tenant::{StartError, Tenant};
pub use truth::Pace;
