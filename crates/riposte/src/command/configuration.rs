//! The configuration that a command is given.

use crate::exit::usage;
use crate::files;
use crate::render::say;
use crate::render::style::Style;
use anyhow::Result;
use riposte_server::config::{self, Config};
use std::path::Path;

/// Loads it, if one is named; prints what is wrong with it to stderr. An empty path, as an empty variable gives it, names none.
pub(super) fn load(path: Option<&Path>) -> Result<Option<Config>> {
    let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) else { return Ok(None) };
    let name = path.display().to_string();
    let source = files::read_text(path, config::MAX_SOURCE)?;
    let config = config::load(&name, &source).map_err(|report| {
        say!("{}", report.render(Style::stderr().into()));
        usage(format!("{name} has errors; nothing was run"))
    })?;
    Ok(Some(config))
}
