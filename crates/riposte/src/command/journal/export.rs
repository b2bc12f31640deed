//! `riposte journal export`

use crate::cli::JournalExport;
use crate::command::place::Place;
use crate::command::records::resolve;
use crate::compose;
use crate::exit::{Exit, usage};
use crate::render::json;
use crate::render::moment::moment;
use crate::render::say;
use anyhow::{Context, Result};
use riposte_engine::{Clock, Store};
use riposte_executor::SystemClock;
use riposte_journal::{Journal, Record};
use riposte_model::{RunId, Timestamp};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Runs that are listed at once.
const PAGE: u32 = 200;

pub(super) async fn run(arguments: JournalExport) -> Result<Exit> {
    let since = match &arguments.since {
        Some(text) => moment(text, SystemClock.now()).map_err(|why| usage(format!("--since: {why}")))?,
        None => Timestamp::from_millis(i64::MIN),
    };
    let journal = compose::existing_journal(&Place::of(&arguments.place)?.data_dir).await?;
    let done = to(&journal, &arguments, since).await;
    journal.close().await;
    done
}

async fn to(journal: &Journal, arguments: &JournalExport, since: Timestamp) -> Result<Exit> {
    let mut wanted = Vec::with_capacity(arguments.runs.len());
    for text in &arguments.runs {
        wanted.push(resolve(journal, text).await?);
    }
    let Some(path) = &arguments.output else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        let written = write(journal, &wanted, since, &mut out).await.and_then(|_| Ok(out.flush()?));
        return match written {
            // Who has stopped reading has what they wanted.
            Err(error) if is_broken_pipe(&error) => Ok(Exit::Done),
            written => written.map(|()| Exit::Done),
        };
    };
    let counts = to_file(journal, &wanted, since, path).await?;
    say!("{} runs with {} events are in {}", counts.runs, counts.events, path.display());
    Ok(Exit::Done)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Into a file of that name, which is there only when it is whole, and for its owner alone.
async fn to_file(journal: &Journal, wanted: &[RunId], since: Timestamp, path: &Path) -> Result<Counts> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let cannot = || format!("cannot write {}", path.display());
    let file: File = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(part)
        .with_context(cannot)?;
    let mut out = BufWriter::new(file);
    let counts = write(journal, wanted, since, &mut out).await.with_context(cannot)?;
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(cannot)?;
    file.sync_all().with_context(cannot)?;
    std::fs::rename(part, path).with_context(cannot)?;
    Ok(counts)
}

#[derive(Default)]
struct Counts {
    runs: u64,
    events: u64,
}

/// Writes run after run in the order of beginning; one run at a time is in memory.
async fn write(journal: &Journal, wanted: &[RunId], since: Timestamp, out: &mut dyn Write) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut left: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    let mut after = 0;
    loop {
        let page = journal.records(after, since, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.key;
        for record in page {
            if !wanted.is_empty() {
                let Some(at) = left.iter().position(|run| *run == record.run) else { continue };
                left.swap_remove(at);
            }
            counts.events += write_run(journal, &record, out).await?;
            counts.runs += 1;
        }
        if !wanted.is_empty() && left.is_empty() {
            break;
        }
    }
    match left.first() {
        Some(missing) => Err(usage(format!("the journal has no run {missing} that began so late"))),
        None => Ok(counts),
    }
}

async fn write_run(journal: &Journal, record: &Record, out: &mut dyn Write) -> Result<u64> {
    let context = || format!("run {} (`riposte journal verify` looks at the whole journal)", record.run);
    let id: RunId = record.run.parse().with_context(context)?;
    let events = journal.events(id).await.with_context(context)?;
    writeln!(out, "{}", json::export_run(record))?;
    for event in &events {
        writeln!(out, "{}", json::export_event(id, event))?;
    }
    Ok(events.len() as u64)
}
