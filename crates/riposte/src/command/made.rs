//! `riposte completions` and `riposte man`: what the command line says of itself, for shells and for `man`.

use crate::cli::{Cli, Completions, Man};
use crate::command::print;
use crate::exit::Exit;
use crate::render::say;
use anyhow::{Context, Result};
use clap::CommandFactory;

/// How the program is called.
const NAME: &str = "riposte";

pub(crate) fn completions(arguments: &Completions) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), NAME, &mut script);
    print(String::from_utf8(script).context("the completions are no text")?.trim_end())?;
    Ok(Exit::Done)
}

pub(crate) fn man(arguments: &Man) -> Result<Exit> {
    let Some(folder) = &arguments.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        print(String::from_utf8(page).context("the page is no text")?.trim_end())?;
        return Ok(Exit::Done);
    };
    let write = || {
        std::fs::create_dir_all(folder)?;
        clap_mangen::generate_to(Cli::command(), folder)
    };
    write().with_context(|| format!("cannot write man pages into {}", folder.display()))?;
    say!("man pages are in {}", folder.display());
    Ok(Exit::Done)
}
