//! A run as it happens: on a terminal with a status area that is redrawn in place, in a pipe as plain lines.
//!
//! Everything goes to stderr; stdout is for the result. A thread of its own writes, from a queue that is never waited for:
//! a terminal that is stopped, or a reader that has gone away, must not hold up a call that contains a device. What does
//! not fit into the queue is not shown; the journal has it.

use crate::render::describe::describe;
use crate::render::style::Style;
use crate::render::{clean, seconds};
use riposte_engine::{Clock, Event, EventBody, Note, Observer, Run, RunStarted};
use riposte_executor::{Recorded, SystemClock};
use riposte_model::{ErrorKind, RunId, StepPath, Timestamp};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the status area is redrawn.
const FRAME: Duration = Duration::from_millis(120);

/// Frames that the last lines are waited for.
const PATIENCE: u32 = 8;

/// Lines that wait for the terminal.
const QUEUE: usize = 1024;

/// Columns of a terminal that does not say how wide it is.
const USUAL_WIDTH: usize = 80;

/// What turns while something is under way.
const TURN: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Shows runs.
pub(crate) struct Live {
    style: Style,
    /// Sender and writer; taken when the show is over.
    writer: Mutex<Option<(SyncSender<Show>, JoinHandle<()>)>>,
    /// What stands before the steps of runs that were called: the steps that called them.
    callers: Mutex<BTreeMap<RunId, String>>,
}

/// What the writer is handed.
enum Show {
    /// Something about a step.
    Scene(Scene),
    /// A line.
    Line(String),
    /// When what is shown began, if it is not the run's own beginning.
    From(Timestamp),
}

/// Something about a step.
struct Scene {
    at: Timestamp,
    started_at: Option<Timestamp>,
    step: String,
    words: String,
    /// The mark of a line that stays; `None`: only the status area changes.
    mark: Option<String>,
    /// Whether the step is over.
    over: bool,
}

impl Live {
    /// For stderr as it is.
    pub(crate) fn new() -> Arc<Self> {
        let style = Style::stderr();
        let redraw = std::io::stderr().is_terminal() && style == Style::Colour;
        let (sender, receiver) = sync_channel(QUEUE);
        let writer =
            std::thread::spawn(move || Screen { style, redraw, ..Screen::default() }.serve(&receiver));
        let callers = Mutex::default();
        Arc::new(Live { style, writer: Mutex::new(Some((sender, writer))), callers })
    }

    /// Writes what is queued, and leaves the terminal clean. A terminal that takes nothing for a second is left as it is.
    pub(crate) fn finish(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((sender, thread)) = writer {
            drop(sender);
            for _ in 0..PATIENCE {
                if thread.is_finished() {
                    return;
                }
                std::thread::sleep(FRAME);
            }
        }
    }

    /// A line of ours among the run's.
    pub(crate) fn line(&self, line: &str) {
        self.show(Show::Line(line.to_owned()));
    }

    /// Shows a run that was begun earlier, and those it has called: steps behind this name, times from now on.
    pub(crate) fn introduce(&self, recorded: &Recorded, name: &str) {
        self.show(Show::From(SystemClock.now()));
        self.callers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(recorded.run.id(), name.to_owned());
        for called in &recorded.called {
            let step = called.run.started().parent.as_ref().map_or("", |parent| parent.step.as_str());
            self.introduce(called, &format!("{name}{step} » "));
        }
    }

    /// A step's name, behind the steps that called its run.
    fn within(&self, run: RunId, step: &StepPath) -> String {
        let callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        format!("{}{step}", callers.get(&run).map_or("", String::as_str))
    }

    fn show(&self, show: Show) {
        if let Some((sender, _)) = &*self.writer.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = sender.try_send(show);
        }
    }

    /// Shows an event of a run.
    pub(crate) fn event(&self, run: RunId, started_at: Timestamp, event: &Event) {
        let Some(step) = event.body.step() else { return };
        let (mark, over) = match &event.body {
            EventBody::CallSucceeded { .. }
            | EventBody::ChildFinished { failure: None, .. }
            | EventBody::StepSucceeded { .. }
            | EventBody::TimerFired { .. } => (self.style.good("✓"), true),
            EventBody::CallFailed { failure, .. } if failure.kind == ErrorKind::Cancelled => {
                (self.style.dim("-"), true)
            }
            EventBody::StepFailed { .. }
            | EventBody::WithdrawalFailed { .. }
            | EventBody::ChildFinished { .. }
            | EventBody::CallFailed { retry_at: None, .. } => (self.style.bad("✗"), true),
            EventBody::CallFailed { .. }
            | EventBody::OutcomeUnknown { .. }
            | EventBody::ItemEnded { failure: Some(_), .. } => (self.style.warn("!"), false),
            EventBody::StepSkipped { .. } => (self.style.dim("-"), true),
            _ => (self.style.dim("·"), false),
        };
        self.show(Show::Scene(Scene {
            at: event.at,
            started_at: Some(started_at),
            step: clean(&self.within(run, step)),
            words: describe(&event.body, event.at),
            mark: Some(mark),
            over,
        }));
    }
}

impl Observer for Live {
    fn begun(&self, run: RunId, started: &RunStarted, _: Timestamp) {
        if let Some(parent) = &started.parent {
            let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
            let around = callers.get(&parent.run).cloned().unwrap_or_default();
            callers.insert(run, format!("{around}{} » ", parent.step));
        }
    }

    fn recorded(&self, run: &Run, event: &Event) {
        self.event(run.id(), run.started_at(), event);
    }

    fn noted(&self, run: RunId, step: &StepPath, note: &Note) {
        let (words, worth_a_line) = match note {
            Note::Calling { attempt: 1 } => ("is asked".to_owned(), false),
            Note::Calling { attempt } => (format!("is asked again (attempt {attempt})"), true),
            Note::Queued => ("waits for its turn under Defender's limits".to_owned(), true),
            Note::Behind => ("waits for another action on the same device".to_owned(), true),
            Note::Status(status) => (format!("Defender says {status}"), true),
            Note::AskingAgain(failure) => (format!("no answer yet: {failure}"), true),
            Note::Withdrawing => ("is being cancelled".to_owned(), false),
            Note::Looking(marker) => (format!("looking for {marker}"), false),
        };
        self.show(Show::Scene(Scene {
            at: SystemClock.now(),
            started_at: None,
            step: clean(&self.within(run, step)),
            words: clean(&words),
            mark: worth_a_line.then(|| self.style.dim("·")),
            over: false,
        }));
    }
}

/// The terminal, and what is on it. Nothing is done about a terminal that does not take what is written.
struct Screen {
    style: Style,
    redraw: bool,
    started_at: Option<Timestamp>,
    /// What is under way: since when, and the latest word about it.
    under_way: BTreeMap<String, (Timestamp, String)>,
    /// Lines of the status area now on the terminal.
    drawn: usize,
    frame: usize,
}

impl Default for Screen {
    fn default() -> Self {
        Screen {
            style: Style::Plain,
            redraw: false,
            started_at: None,
            under_way: BTreeMap::new(),
            drawn: 0,
            frame: 0,
        }
    }
}

impl Screen {
    fn serve(mut self, queue: &Receiver<Show>) {
        loop {
            match queue.recv_timeout(FRAME) {
                Ok(Show::Scene(scene)) => self.take_in(scene),
                Ok(Show::From(at)) => self.started_at = self.started_at.or(Some(at)),
                Ok(Show::Line(line)) => {
                    let text = format!("{}{line}\n{}", self.erased(), self.area());
                    write(&text);
                }
                Err(RecvTimeoutError::Timeout) if self.redraw => {
                    self.frame += 1;
                    let text = format!("{}{}", self.erased(), self.area());
                    write(&text);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let text = self.erased();
                    write(&text);
                    return;
                }
            }
        }
    }

    fn take_in(&mut self, scene: Scene) {
        self.started_at = self.started_at.or(scene.started_at);
        let mut text = self.erased();
        if let Some(mark) = &scene.mark {
            let offset = self.started_at.map_or(Duration::ZERO, |started| scene.at.since(started));
            let offset = format!("+{}", seconds(offset));
            text.push_str(&format!("{offset:>8} {mark} {}  {}\n", scene.step, scene.words));
        }
        if scene.over {
            self.under_way.remove(&scene.step);
        } else {
            self.under_way.entry(scene.step).or_insert((scene.at, String::new())).1 = scene.words;
        }
        text.push_str(&self.area());
        write(&text);
    }

    /// What takes the status area off the terminal.
    fn erased(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\x1b[J"),
        }
    }

    /// The status area, if this terminal has one.
    fn area(&mut self) -> String {
        if !self.redraw {
            return String::new();
        }
        let now = SystemClock.now();
        let turn = TURN[self.frame % TURN.len()];
        // A line that wraps could not be erased.
        let width = terminal_size::terminal_size_of(std::io::stderr())
            .map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0))
            .saturating_sub(1);
        self.drawn = self.under_way.len();
        let lines = self.under_way.iter().map(|(step, (since, word))| {
            let took = seconds(now.since(*since));
            let line: String = format!("  {turn} {took:>6} {step}  {word}").chars().take(width).collect();
            format!("{}\n", self.style.dim(&line))
        });
        lines.collect()
    }
}

fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
