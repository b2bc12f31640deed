//! `riposte journal prune`

use crate::cli::JournalPrune;
use crate::command::place::Place;
use crate::command::print;
use crate::compose;
use crate::exit::{Exit, usage};
use crate::render::moment::moment;
use anyhow::{Context, Result};
use riposte_engine::Clock;
use riposte_executor::SystemClock;
use riposte_journal::{Prune, Pruned};
use riposte_server::config::parse_size;

pub(super) async fn run(arguments: JournalPrune) -> Result<Exit> {
    let now = SystemClock.now();
    let before = |text: &String| moment(text, now).map_err(|why| usage(format!("--finished-before: {why}")));
    let finished_before = arguments.finished_before.as_ref().map(before).transpose()?;
    let size = arguments.size.as_deref().map(size).transpose()?;
    let path = compose::expect_journal(&Place::of(&arguments.place)?.data_dir)?;
    let prune = Prune { finished_before, size, keep: arguments.keep, now, dry_run: arguments.dry_run };
    let pruned = prune
        .carry_out(&path)
        .await
        .with_context(|| format!("cannot prune the journal {}", path.display()))?;
    print(&told(&prune, &pruned))?;
    Ok(Exit::Done)
}

fn size(text: &str) -> Result<u64> {
    parse_size(text).ok_or_else(|| usage(format!("--size: `{text}` is no size like `512MiB` or `20GiB`")))
}

fn told(prune: &Prune, pruned: &Pruned) -> String {
    let verb = if prune.dry_run { "would delete" } else { "deleted" };
    let which = match (prune.finished_before, prune.size) {
        (Some(before), None) => format!("what was over before {before}"),
        (Some(before), Some(_)) if prune.dry_run => format!("what was over before {before}"),
        (Some(before), Some(_)) => format!("what was over before {before}, and what was over first"),
        (None, _) => "what was over first".to_owned(),
    };
    let mut told = match (prune.finished_before, prune.dry_run) {
        (None, true) => String::new(),
        _ => format!("{verb} {which}: {}\n", counts(pruned)),
    };
    if let Some(size) = prune.size {
        let (used, size) = (mebibytes(pruned.bytes_in_use), mebibytes(size));
        told.push_str(&format!("the journal takes {used}, and may take {size}\n"));
        if pruned.bytes_in_use > prune.size.unwrap_or(u64::MAX) {
            told.push_str(if prune.dry_run {
                "how many runs go for that is known only once they have gone\n"
            } else {
                "what is left is not over, or is to be kept\n"
            });
        }
    }
    told.truncate(told.trim_end().len());
    told
}

fn mebibytes(bytes: u64) -> String {
    format!("{}.{} MiB", bytes >> 20, (bytes >> 10) % 1024 * 10 / 1024)
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
