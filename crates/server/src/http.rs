//! The doors over HTTP: `POST /hooks/{name}`, and a server that nobody can hold up.

mod answer;
mod door;
mod limits;
mod meter;
mod problem;
mod receive;
mod serve;

pub use door::{Doors, router};
pub use limits::Limits;
pub use meter::Meter;
pub use problem::Problem;
pub use serve::serve;
