//! Asking before acting.

use crate::render::say;
use anyhow::Result;
use std::io::{BufRead, IsTerminal, Write};

/// Whether there is somebody to ask.
pub(super) fn is_somebody_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks whether to do what was just shown.
pub(super) fn go_on() -> Result<bool> {
    write!(std::io::stderr(), "Go on? [y/N] ")?;
    std::io::stderr().flush()?;
    let mut answer = String::new();
    if std::io::stdin().lock().read_line(&mut answer)? == 0 {
        say!("");
    }
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
