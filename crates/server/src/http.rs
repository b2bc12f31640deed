//! The doors over HTTP: `POST /hooks/{name}`, and a server that nobody can hold up.

mod answer;
mod door;
mod limits;
mod meter;
pub(crate) mod receive;
mod serve;

pub(crate) use door::described;
pub use door::{Doors, router};
pub use limits::Limits;
pub use meter::Meter;
pub use serve::{Listener, Peer, serve};
