//! A run as it happens: on a terminal with a status area that is redrawn in place, in a pipe as plain lines.
//!
//! Everything goes to stderr; stdout is for the result.

use crate::render::describe::describe;
use crate::render::style::Style;
use crate::render::{clean, seconds};
use riposte_engine::{Clock, Event, EventBody, Note, Observer, Run};
use riposte_model::{RunId, StepPath, Timestamp};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the status area is redrawn.
const FRAME: Duration = Duration::from_millis(120);

/// What turns while something is under way.
const TURN: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Shows one run.
pub(crate) struct Live {
    clock: Arc<dyn Clock>,
    style: Style,
    redraw: bool,
    screen: Mutex<Screen>,
}

/// What is on the screen.
#[derive(Default)]
struct Screen {
    started_at: Option<Timestamp>,
    /// What is under way: since when, and the latest word about it.
    under_way: BTreeMap<String, (Timestamp, String)>,
    /// Lines of the status area now on the terminal.
    drawn: usize,
    frame: usize,
}

impl Live {
    /// For stderr as it is.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        let style = Style::stderr();
        let redraw = std::io::stderr().is_terminal() && style == Style::Colour;
        Arc::new(Live { clock, style, redraw, screen: Mutex::default() })
    }

    /// Keeps the status area moving until it is dropped, for as long as `work` takes.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        let mut ticks = tokio::time::interval(FRAME);
        loop {
            tokio::select! {
                biased;
                done = &mut work => {
                    self.erase(&mut self.screen());
                    return done;
                }
                _ = ticks.tick(), if self.redraw => {
                    let mut screen = self.screen();
                    screen.frame += 1;
                    self.erase(&mut screen);
                    self.draw(&mut screen);
                }
            }
        }
    }

    /// Nothing can be half-done behind a poisoned lock that is only about the screen.
    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line above the status area.
    fn say(&self, screen: &mut Screen, line: &str) {
        self.erase(screen);
        eprintln!("{line}");
        self.draw(screen);
    }

    fn erase(&self, screen: &mut Screen) {
        if screen.drawn > 0 {
            eprint!("\x1b[{}A\x1b[J", screen.drawn);
            screen.drawn = 0;
        }
    }

    fn draw(&self, screen: &mut Screen) {
        if !self.redraw {
            return;
        }
        let now = self.clock.now();
        let turn = TURN[screen.frame % TURN.len()];
        for (step, (since, word)) in &screen.under_way {
            let took = seconds(now.since(*since));
            let line: String = format!("  {turn} {step}  {word}  {took}").chars().take(110).collect();
            eprintln!("{}", self.style.dim(&line));
        }
        screen.drawn = screen.under_way.len();
        let _ = std::io::stderr().flush();
    }

    fn offset(screen: &Screen, now: Timestamp) -> String {
        let offset = screen.started_at.map_or(Duration::ZERO, |started| now.since(started));
        format!("{:>8}", format!("+{}", seconds(offset)))
    }
}

impl Observer for Live {
    fn recorded(&self, run: &Run, event: &Event) {
        let mut screen = self.screen();
        screen.started_at = Some(run.started_at());
        let Some(step) = event.body.step() else { return };
        let name = clean(step.as_str());
        let words = describe(&event.body, event.at);
        let (mark, over) = match &event.body {
            EventBody::CallSucceeded { .. }
            | EventBody::StepSucceeded { .. }
            | EventBody::TimerFired { .. } => (self.style.good("✓"), true),
            EventBody::StepFailed { .. } | EventBody::CallFailed { retry_at: None, .. } => {
                (self.style.bad("✗"), true)
            }
            EventBody::CallFailed { .. } | EventBody::OutcomeUnknown { .. } => (self.style.warn("!"), false),
            EventBody::StepSkipped { .. } => (self.style.dim("-"), true),
            _ => (self.style.dim("·"), false),
        };
        if over {
            screen.under_way.remove(&name);
        } else {
            screen.under_way.entry(name.clone()).or_insert((event.at, String::new())).1.clone_from(&words);
        }
        let line = format!("{} {mark} {name}  {words}", Live::offset(&screen, event.at));
        self.say(&mut screen, &line);
    }

    fn noted(&self, _run: RunId, step: &StepPath, note: &Note) {
        let now = self.clock.now();
        let mut screen = self.screen();
        let name = clean(step.as_str());
        let (words, worth_a_line) = match note {
            Note::Calling { attempt: 1 } => ("is asked".to_owned(), false),
            Note::Calling { attempt } => (format!("is asked again (attempt {attempt})"), true),
            Note::Status(status) => (format!("Defender says {status}"), true),
            Note::AskingAgain(failure) => (format!("no answer yet: {failure}"), true),
            Note::Looking(marker) => (format!("looking for {marker}"), false),
        };
        let words = clean(&words);
        screen.under_way.entry(name.clone()).or_insert((now, String::new())).1.clone_from(&words);
        if worth_a_line {
            let line = format!("{} {} {name}  {words}", Live::offset(&screen, now), self.style.dim("·"));
            self.say(&mut screen, &line);
        }
    }
}
