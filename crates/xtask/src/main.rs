//! Chores of the repository: `cargo run -p xtask -- tidy`.

mod tidy;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => tidy::run(),
        other => bail!("unknown chore {other:?}: there is `tidy`"),
    }
}
