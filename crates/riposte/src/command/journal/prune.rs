//! `riposte journal prune`

use crate::cli::JournalPrune;
use crate::command::print;
use crate::compose;
use crate::exit::{Exit, usage};
use crate::render::moment::moment;
use anyhow::{Context, Result};
use riposte_engine::Clock;
use riposte_executor::SystemClock;
use riposte_journal::{Prune, Pruned};

pub(super) async fn run(arguments: JournalPrune) -> Result<Exit> {
    let finished_before = moment(&arguments.finished_before, SystemClock.now())
        .map_err(|why| usage(format!("--finished-before: {why}")))?;
    let path = compose::expect_journal(&compose::data_dir(arguments.data.data_dir.as_deref(), None)?)?;
    let prune = Prune { finished_before, keep: arguments.keep, dry_run: arguments.dry_run };
    let pruned = prune
        .carry_out(&path)
        .await
        .with_context(|| format!("cannot prune the journal {}", path.display()))?;
    let verb = if arguments.dry_run { "would delete" } else { "deleted" };
    print(&format!("{verb} what was over before {finished_before}: {}", counts(&pruned)))?;
    Ok(Exit::Done)
}

fn counts(pruned: &Pruned) -> String {
    let count =
        |number: u64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    format!(
        "{} with {}, and {} that no other run has",
        count(pruned.runs, "run", "runs"),
        count(pruned.events, "event", "events"),
        count(pruned.playbooks, "version of a playbook", "versions of playbooks"),
    )
}
