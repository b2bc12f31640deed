//! `riposte journal`

mod export;
mod prune;
mod verify;

use crate::cli::Journal;
use crate::exit::Exit;
use anyhow::Result;

pub(crate) async fn run(arguments: Journal) -> Result<Exit> {
    match arguments {
        Journal::Verify(arguments) => verify::run(arguments).await,
        Journal::Export(arguments) => export::run(arguments).await,
        Journal::Prune(arguments) => prune::run(arguments).await,
    }
}
