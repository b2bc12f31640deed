//! `riposte journal verify`

use crate::cli::JournalVerify;
use crate::command::place::Place;
use crate::command::print;
use crate::compose;
use crate::exit::Exit;
use crate::render::{clean, say, seconds};
use anyhow::{Result, anyhow, bail};
use riposte_actions::catalogue;
use riposte_engine::{Clock, StoreError};
use riposte_executor::SystemClock;
use riposte_journal::{Problem, Verified};
use riposte_model::Catalogue;
use riposte_playbook::{Playbook, load};
use std::sync::Arc;

pub(super) async fn run(arguments: JournalVerify) -> Result<Exit> {
    let data_dir = Place::of(&arguments.place)?.data_dir;
    let journal = compose::existing_journal(&data_dir).await.map_err(|error| match error.downcast_ref() {
        Some(StoreError::Damaged(_)) => anyhow!("{error:#}: restore it from a copy"),
        _ => error,
    })?;
    let catalogue = catalogue();
    let began = SystemClock.now();
    let verified = journal
        .verify(&|name, source| playbook(name, source, &catalogue), &mut |problem| say!("{}", line(&problem)))
        .await;
    journal.close().await;
    let verified = verified?;
    let took = seconds(SystemClock.now().since(began));
    print(&format!("{} in {took}", summary(&verified)))?;
    match verified.problems {
        0 => Ok(Exit::Done),
        1 => bail!("the journal in {} has a problem", data_dir.display()),
        many => bail!("the journal in {} has {many} problems", data_dir.display()),
    }
}

fn playbook(name: &str, source: &str, catalogue: &Catalogue) -> Result<Arc<Playbook>, String> {
    let loaded = load(name, source, catalogue);
    loaded.playbook.ok_or_else(|| {
        let first = loaded.report.diagnostics().iter().map(|problem| problem.message.clone()).next();
        first.unwrap_or_else(|| "it has errors".to_owned())
    })
}

/// One problem: where, what, and what to do.
fn line(problem: &Problem) -> String {
    let place = match (&problem.run, problem.seq) {
        (Some(run), Some(seq)) => format!("{run}, event {seq}: "),
        (Some(run), None) => format!("{run}: "),
        (None, _) => String::new(),
    };
    clean(&format!("problem: {place}{}. To do: {}", problem.what, problem.advice))
}

fn summary(verified: &Verified) -> String {
    let Verified { runs, unfinished, events, playbooks, .. } = verified;
    let count =
        |number: u64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    format!(
        "looked at {} ({unfinished} not over), {}, {}",
        count(*runs, "run", "runs"),
        count(*events, "event", "events"),
        count(*playbooks, "version of playbooks", "versions of playbooks"),
    )
}
