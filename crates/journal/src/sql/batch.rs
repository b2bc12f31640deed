//! What is written at once: several statements in one text, of which those over events have each value as a parameter of its own.
//! As a list in JSON the rows would be written here and taken apart there, which was a third of what SQLite did for an append.
//!
//! A text is made, and prepared, for a few numbers of events. What is missing to the next of them is not bound, so that it is
//! NULL, and is left out: for that events come last.
//!
//! SQLite's thread answers after each statement, and each answer may wake another thread. So a lone request gets no statement
//! more than it needs; events alone are one, which is its own transaction.

use riposte_engine::StoreError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Encode, SqlSafeStr, SqlStr, Sqlite, Type};
use std::sync::OnceLock;

/// Most events of one statement; more are several.
pub(crate) const MOST: usize = 512;

/// For so many events there are texts.
const SIZES: [usize; 9] = [0, 1, 2, 4, 8, 16, 32, 128, MOST];

/// With more events than these, whatever is not only events has all statements: some for nothing, but fewer texts to be kept.
const FEW: usize = 8;

/// Where the transaction begins and ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bounds {
    /// This is all of it.
    Whole,
    /// It has begun, and ends with this.
    Begun,
    /// It has begun, and goes on.
    Within,
}

/// What is written beside events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) bounds: Bounds,
    /// Runs that begin: whose they are, and [`super::INSERT_RUNS`]'s list.
    pub(crate) begun: bool,
    /// Runs that end or are retried: [`super::TURN_RUNS`]'s list.
    pub(crate) turned: bool,
    /// [`super::INSERT_DELIVERIES`]'s list.
    pub(crate) delivered: bool,
}

impl Batch {
    /// Events within a transaction.
    pub(crate) const EVENTS: Batch =
        Batch { bounds: Bounds::Within, begun: false, turned: false, delivered: false };

    /// The text for so many events, and what it takes parameters for, in this order; and after it
    /// [those of the events](crate::line::bind).
    pub(crate) fn of(mut self, events: usize) -> (SqlStr, Batch) {
        static MADE: [[OnceLock<String>; SIZES.len()]; 3 * 8] =
            [const { [const { OnceLock::new() }; SIZES.len()] }; 3 * 8];
        if events > FEW && !self.is_only_events() {
            (self.begun, self.turned, self.delivered) = (true, true, true);
        }
        let parts = [self.begun, self.turned, self.delivered];
        let which = parts.into_iter().fold(self.bounds as usize, |which, part| 2 * which + usize::from(part));
        let made = MADE.get(which).into_iter().flat_map(|made| SIZES.into_iter().zip(made));
        let text = match made.into_iter().find(|(size, _)| events <= *size) {
            Some((size, text)) => text.get_or_init(|| self.text(size)).as_str().into_sql_str(),
            None => AssertSqlSafe(self.text(events.next_multiple_of(MOST))).into_sql_str(),
        };
        (text, self)
    }

    fn is_only_events(self) -> bool {
        !(self.begun || self.turned || self.delivered)
    }

    fn text(self, events: usize) -> String {
        let others = [
            (self.begun, super::INSERT_RUNS),
            (self.turned, super::TURN_RUNS),
            (self.delivered, super::INSERT_DELIVERIES),
        ];
        let others =
            others.into_iter().filter(|(wanted, _)| *wanted).map(|(_, statement)| statement.to_owned());
        let inserts =
            vec![MOST; events / MOST].into_iter().chain(Some(events % MOST).filter(|rest| *rest > 0));
        let mut all: Vec<String> = others.chain(inserts.map(insert_events)).collect();
        if self.bounds == Bounds::Whole && all.len() > 1 {
            all.insert(0, "BEGIN IMMEDIATE".to_owned());
            all.push("COMMIT".to_owned());
        }
        if self.bounds == Bounds::Begun {
            all.push("COMMIT".to_owned());
        }
        all.join("; ")
    }
}

/// The same as [`super::INSERT_RUNS`] for one run, with its events: one statement, if they are few. It takes the run's id, playbook,
/// hash and trigger, and then what [the events](crate::line::bind) take.
pub(crate) fn begin_one(events: usize) -> Option<SqlStr> {
    static MADE: [OnceLock<String>; FEW] = [const { OnceLock::new() }; FEW];
    let text = MADE.get(events.checked_sub(1)?)?;
    let made = || {
        let rows = vec!["(?,?,?,?,?,?)"; events].join(",");
        format!("INSERT INTO beginnings SELECT ?, ?, ?, ?, ?, * FROM (VALUES {rows})")
    };
    Some(text.get_or_init(made).as_str().into_sql_str())
}

/// What is bound to them, in their order.
#[derive(Default)]
pub(crate) struct Parameters(pub(crate) SqliteArguments);

impl Parameters {
    pub(crate) fn add<'v>(
        &mut self,
        value: impl Encode<'v, Sqlite> + Type<Sqlite>,
    ) -> Result<(), StoreError> {
        self.0.add(value).map_err(StoreError::Other)
    }
}

/// First whose they are, then rows of `run, seq, at_ms, kind, step, payload`.
///
/// Where runs stand may have been remembered. An event of a run that is another's, or is not there, gets a number that it cannot
/// have, and nothing is written; and so it is where somebody else has written an event of that number.
pub(crate) fn insert_events(size: usize) -> String {
    let rows = vec!["(?,?,?,?,?,?)"; size].join(",");
    format!(
        "INSERT INTO events (run, seq, at_ms, kind, step, payload)
         SELECT column1,
                iif((SELECT iif(r.root IS NULL, r.owner, (SELECT o.owner FROM runs o WHERE o.run = r.root))
                     FROM runs r WHERE r.run = column1) IS ?, column2, 0),
                column3, column4, column5, column6
         FROM (VALUES {rows}) WHERE column1 IS NOT NULL"
    )
}
