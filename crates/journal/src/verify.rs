//! Whether the journal is what it was when it was written.
//!
//! Everything is looked at, whatever is found on the way: SQLite's own checks first, then each playbook, each run,
//! and what a host keeps.
//! Nothing is changed. A run is read in one snapshot, so that a process that writes at the same time disturbs nobody.

mod events;
mod file;
mod host;
mod quick;

pub use quick::Quick;

use crate::error::store_error;
use crate::record::Record;
use crate::store::Journal;
use crate::{migration, sql};
use riposte_engine::StoreError;
use riposte_model::{SourceHash, Timestamp};
use riposte_playbook::Playbook;
use sqlx::Row;
use std::collections::HashMap;
use std::sync::Arc;

/// Something that is not as it was written, or as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The run it is about, if it is about one.
    pub run: Option<String>,
    /// The event, if it is about one.
    pub seq: Option<i64>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub advice: &'static str,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Runs, those with problems too.
    pub runs: u64,
    /// Of those, the ones that are not over.
    pub unfinished: u64,
    /// Events that could be read.
    pub events: u64,
    /// Versions of playbooks.
    pub playbooks: u64,
    /// Problems that were told.
    pub problems: u64,
}

/// Makes a playbook of its name and source, or says why it cannot: whoever knows the catalogue can.
pub type Load<'a> = &'a dyn Fn(&str, &str) -> Result<Arc<Playbook>, String>;

/// Runs that are listed at once.
const PAGE: u32 = 200;

const RESTORE: &str = "restore the journal from a copy; `sqlite3 journal.db .recover` saves what can be read";
const OTHER_VERSION: &str = "run the riposte that wrote the run, or prune the run once it is finished";

impl Journal {
    /// Looks at everything, and hands over each problem as it is found.
    ///
    /// Fails only if nothing at all can be read; what cannot be read in part is a problem like any other.
    pub async fn verify(
        &self,
        load: Load<'_>,
        found: &mut dyn FnMut(Problem),
    ) -> Result<Verified, StoreError> {
        let schema = migration::schema(&mut *self.readers().acquire().await.map_err(store_error)?).await?;
        let mut look = Look {
            journal: self,
            schema,
            load,
            playbooks: HashMap::new(),
            found,
            counts: Verified::default(),
        };
        look.file().await;
        look.sources().await;
        look.runs().await;
        look.host().await;
        Ok(look.counts)
    }
}

/// A verification under way.
struct Look<'a> {
    journal: &'a Journal,
    /// The number of its schema.
    schema: i64,
    load: Load<'a>,
    /// By hash; what does not load has been told once.
    playbooks: HashMap<String, Option<Arc<Playbook>>>,
    found: &'a mut dyn FnMut(Problem),
    counts: Verified,
}

impl Look<'_> {
    fn tell(&mut self, run: Option<&str>, seq: Option<i64>, what: String, advice: &'static str) {
        self.counts.problems += 1;
        (self.found)(Problem { run: run.map(str::to_owned), seq, what, advice });
    }

    /// Each source has the hash it is kept under.
    async fn sources(&mut self) {
        let hashes = sqlx::query(sql::HASHES).fetch_all(self.journal.readers()).await;
        let hashes = match hashes.map_err(store_error) {
            Ok(rows) => rows,
            Err(error) => {
                return self.tell(None, None, format!("the playbooks cannot be listed: {error}"), RESTORE);
            }
        };
        for row in hashes {
            let hash: String = row.try_get(0).unwrap_or_default();
            self.counts.playbooks += 1;
            let source = sqlx::query(sql::SOURCE).bind(&hash).fetch_one(self.journal.readers()).await;
            match source.and_then(|row| row.try_get::<String, _>(0)).map_err(store_error) {
                Ok(source) if SourceHash::of(&source).as_str() == hash => {}
                Ok(_) => {
                    let what = format!("the source of the playbook {hash} has another hash: it was changed");
                    self.tell(None, None, what, RESTORE);
                }
                Err(error) => {
                    let what = format!("the source of the playbook {hash} cannot be read: {error}");
                    self.tell(None, None, what, RESTORE);
                }
            }
        }
    }

    async fn runs(&mut self) {
        let mut after = 0;
        loop {
            let page = match self.journal.records(after, Timestamp::from_millis(i64::MIN), PAGE).await {
                Ok(page) => page,
                Err(error) => {
                    let what = format!(
                        "the runs after number {after} cannot be listed, and were not looked at: {error}"
                    );
                    return self.tell(None, None, what, RESTORE);
                }
            };
            let Some(last) = page.last() else { return };
            after = last.key;
            for record in page {
                self.counts.runs += 1;
                self.run(record).await;
            }
        }
    }

    /// The playbook of a run, if it is there and loads.
    async fn playbook(&mut self, record: &Record) -> Option<Arc<Playbook>> {
        if let Some(known) = self.playbooks.get(&record.source) {
            return known.clone();
        }
        let source =
            sqlx::query(sql::SOURCE).bind(&record.source).fetch_optional(self.journal.readers()).await;
        let source = source.ok().flatten().and_then(|row| row.try_get::<String, _>(0).ok());
        // A source that is missing or cannot be read has been told already, by SQLite's check or ours.
        let loaded = source.map(|source| (self.load)(&record.playbook, &source));
        let playbook = match loaded {
            Some(Ok(playbook)) => Some(playbook),
            Some(Err(why)) => {
                let what = format!(
                    "the playbook {} ({}) does not load, so that its runs were not followed: {why}",
                    record.playbook, record.source
                );
                self.tell(Some(&record.run), None, what, OTHER_VERSION);
                None
            }
            None => None,
        };
        self.playbooks.insert(record.source.clone(), playbook.clone());
        playbook
    }
}
