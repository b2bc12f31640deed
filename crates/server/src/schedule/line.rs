//! One schedule: what is dealt with, what waits, and what a look at it does.

use super::meter::What;
use super::times::{Fire, back, due, next_start};
use super::{Doors, MOST_WAITING, REMEMBERED};
use riposte_engine::{Begun, Delivery, ScheduleNote, Trigger};
use riposte_executor::{BeginError, GateError, HostError, NewRun};
use riposte_model::{PlaybookName, SourceHash, Timestamp};
use riposte_playbook::{Overlap, Playbook, Schedule};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Pause before something is tried again that did not work.
const PAUSE: Duration = Duration::from_secs(10);

/// How often it is looked whether a run has ended that others wait for.
const LOOK: Duration = Duration::from_secs(5);

/// A schedule that is served.
pub(super) struct Line {
    pub(super) note: ScheduleNote,
    /// Whether the note is not on disk.
    pub(super) is_new: bool,
    playbook: Arc<Playbook>,
    schedule: Schedule,
    /// When it has to be looked at.
    next: Timestamp,
    /// What did not work the last time.
    trouble: Option<String>,
}

/// What did not work, and will be tried again.
struct Trouble(String);

/// Whose times these are. A schedule is another one if its text, its zone or its inputs are others: what it missed before is not
/// to be made up for. Its other rules may change.
pub fn source(playbook: &PlaybookName, schedule: &Schedule) -> String {
    let words: Vec<&str> = schedule.cron.as_str().split_whitespace().collect();
    let inputs: BTreeMap<&String, &Value> = schedule.inputs.iter().collect();
    let inputs = SourceHash::of(&json!(inputs).to_string());
    let inputs = inputs.as_str().get(..16).unwrap_or_default();
    format!("schedule {playbook} {} {} {inputs}", words.join(" "), schedule.zone)
}

impl Line {
    /// Goes on from where it was, or begins now.
    pub(super) fn new(
        playbook: Arc<Playbook>,
        schedule: Schedule,
        known: Option<ScheduleNote>,
        now: Timestamp,
    ) -> Self {
        let is_new = known.is_none();
        let begin =
            || ScheduleNote { source: source(&playbook.name, &schedule), until: now, waiting: Vec::new() };
        let note = known.unwrap_or_else(begin);
        Line { note, is_new, playbook, schedule, next: now, trouble: None }
    }

    /// When it has to be looked at.
    pub(super) fn next(&self) -> Timestamp {
        self.next
    }

    /// Does what is due. What does not work is left as it is, so that it is due again.
    pub(super) async fn look(&mut self, doors: &Doors) {
        let now = doors.clock.now();
        if now < self.next && now >= self.note.until {
            return;
        }
        if now < self.note.until {
            // The times between are not lost: those that have begun a run are known, and the others come again.
            tracing::warn!(schedule = self.note.source, until = %self.note.until, "the clock was set back");
            self.deal_with(now);
        }
        match self.deal(doors, now).await {
            Ok(()) => self.trouble = None,
            Err(Trouble(why)) => {
                // Once for as long as it stays the same.
                if self.trouble.as_ref() != Some(&why) {
                    tracing::error!(
                        schedule = self.note.source,
                        why,
                        "no run could begin, and it is tried again"
                    );
                }
                self.trouble = Some(why);
            }
        }
        self.next = self.next_look(now);
    }

    fn next_look(&self, now: Timestamp) -> Timestamp {
        if self.trouble.is_some() {
            return now.saturating_add(PAUSE);
        }
        let fire = next_start(&self.schedule, &self.note.source, self.note.until);
        let fire = fire.unwrap_or(Timestamp::from_millis(i64::MAX));
        if self.note.waiting.is_empty() { fire } else { fire.min(now.saturating_add(LOOK)) }
    }

    async fn deal(&mut self, doors: &Doors, now: Timestamp) -> Result<(), Trouble> {
        while let Some(at) = self.note.waiting.first().copied() {
            if !self.may_begin(doors).await? {
                break;
            }
            self.begin(doors, at).await?;
            self.note.waiting.remove(0);
            self.is_new = true;
        }
        let due = due(&self.schedule, &self.note.source, self.note.until, now);
        if let Some((first, last)) = due.let_go {
            tracing::warn!(schedule = self.note.source, %first, %last, "times were missed and begin no run");
            doors.meter.count(&self.playbook.name, What::Missed);
            self.deal_with(last);
        }
        for fire in due.fires {
            self.take(doors, fire).await?;
        }
        Ok(())
    }

    async fn take(&mut self, doors: &Doors, fire: Fire) -> Result<(), Trouble> {
        let Fire { at, is_made_up } = fire;
        if self.note.waiting.is_empty() && self.may_begin(doors).await? {
            self.begin(doors, at).await?;
        } else if self.schedule.overlap == Overlap::Skip && !is_made_up {
            tracing::warn!(schedule = self.note.source, planned = %at, "skipped: the run before has not ended");
            doors.meter.count(&self.playbook.name, What::Skipped);
        } else {
            tracing::info!(schedule = self.note.source, planned = %at, "waits: the run before has not ended");
            self.wait(doors, at);
        }
        if is_made_up {
            tracing::warn!(schedule = self.note.source, planned = %at, "that time was missed, and is made up for");
        }
        self.deal_with(at);
        Ok(())
    }

    fn wait(&mut self, doors: &Doors, at: Timestamp) {
        if self.note.waiting.contains(&at) {
            return;
        }
        self.note.waiting.push(at);
        doors.meter.count(&self.playbook.name, What::Waiting);
        if self.note.waiting.len() > MOST_WAITING {
            let oldest = self.note.waiting.remove(0);
            doors.meter.count(&self.playbook.name, What::LetGo);
            tracing::warn!(
                schedule = self.note.source,
                planned = %oldest,
                most = MOST_WAITING,
                "let go: too many wait for the run before to end"
            );
        }
    }

    fn deal_with(&mut self, until: Timestamp) {
        self.note.until = until;
        self.is_new = true;
    }

    async fn may_begin(&self, doors: &Doors) -> Result<bool, Trouble> {
        if self.schedule.overlap == Overlap::Allow {
            return Ok(true);
        }
        let under_way = doors.store.under_way(&self.playbook.name, &self.note.source).await;
        Ok(under_way.map_err(|error| Trouble(chain(&error)))?.is_none())
    }

    /// Begins the run of a time, unless it has begun, or whoever may say so says that none is to begin.
    async fn begin(&self, doors: &Doors, at: Timestamp) -> Result<(), Trouble> {
        let source = &self.note.source;
        let planned = self.schedule.zone.local(at).unwrap_or_else(|| at.to_string());
        let new = NewRun {
            playbook: self.playbook.clone(),
            inputs: self.schedule.inputs.clone(),
            trigger: Trigger {
                kind: "schedule".to_owned(),
                name: self.schedule.cron.as_str().to_owned(),
                body: json!({ "planned": planned }).into(),
            },
        };
        let delivery = Delivery { source: source.clone(), key: at.to_string(), since: back(at, REMEMBERED) };
        match doors.host.begin(vec![(new, Some(delivery))]).await {
            Ok(begun) => {
                for (run, begun) in begun {
                    let what = if begun == Begun::New { What::Begun } else { What::Known };
                    doors.meter.count(&self.playbook.name, what);
                    match begun {
                        Begun::New => {
                            tracing::info!(schedule = source, planned, run_id = %run, "a run begins");
                        }
                        Begun::Already(_) => {
                            tracing::info!(schedule = source, planned, run_id = %run, "a run has begun before");
                        }
                    }
                }
                Ok(())
            }
            // Who ordered that does not expect runs of then afterwards.
            Err(HostError::Begin(
                why @ (BeginError::Stopped { .. } | BeginError::Gate(GateError::Full { .. })),
            )) => {
                tracing::warn!(schedule = source, planned, why = %why, "no run begins");
                doors.meter.count(&self.playbook.name, What::Refused);
                Ok(())
            }
            Err(error) => Err(Trouble(chain(&error))),
        }
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
