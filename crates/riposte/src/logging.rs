//! The log: one line an event, with the fields of the event and of the spans around it, each once.
//!
//! ```text
//!   tracing ──► Levels ──► Lines ──► Line ──┬─► text  ─► stderr
//!                                           ├─► JSON  ─► stderr
//!                                           └─► fields ─► systemd's journal
//! ```
//!
//! All that is written passes through [`fields`], which bounds it, and through what shows it, which cleans it: a device's name
//! can neither break a line nor a terminal. What is secret is kept out by those who log; what libraries say below a warning is
//! not logged at all, because it may hold headers and bodies.

mod fields;
mod journal;
mod levels;
mod line;

use anyhow::{Context as _, Result};
use fields::Fields;
use journal::Journal;
pub(crate) use levels::{Levels, is_ours};
use line::Line;
use riposte_engine::Clock as _;
use riposte_executor::SystemClock;
use riposte_server::config::LogFormat;
use std::io::Write;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Whatever else takes spans.
pub(crate) type Spans = Box<dyn Layer<tracing_subscriber::Registry> + Send + Sync>;

/// Begins to log. Whoever has begun already goes on as they did.
pub(crate) fn start(levels: Levels, format: LogFormat, spans: Option<Spans>) -> Result<()> {
    let form = Form::of(format)?;
    let lines = Lines { write: move |line: &Line<'_>| form.write(line) };
    let registry = tracing_subscriber::registry().with(spans).with(lines.with_filter(levels));
    registry.try_init().context("the log is set up twice")
}

/// Makes a line of each event, and has it written.
struct Lines<W> {
    write: W,
}

/// In which form, and where.
enum Form {
    Text,
    Json,
    Journal(Journal),
}

impl Form {
    fn of(format: LogFormat) -> Result<Form> {
        match format {
            LogFormat::Text => Ok(Form::Text),
            LogFormat::Json => Ok(Form::Json),
            LogFormat::Journald => Journal::open().map(Form::Journal).context(
                "systemd's journal does not take the log: `log: { format: text }` writes it to stderr",
            ),
            LogFormat::Auto if journal::has_stderr() => Ok(Journal::open().map_or(Form::Text, Form::Journal)),
            LogFormat::Auto => Ok(Form::Text),
        }
    }

    fn write(&self, line: &Line<'_>) {
        let mut text = match self {
            Form::Text => line.text(),
            Form::Json => line.json(),
            Form::Journal(journal) => match journal.send(line) {
                Ok(()) => return,
                // It is being restarted, perhaps. What is written to stderr waits for it.
                Err(_) => line.text(),
            },
        };
        text.push('\n');
        // In one write, so that lines of two processes do not mix. If it fails, nobody is left to be told.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: Fn(&Line<'_>) + Send + Sync + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(around) = span.extensions().get::<Fields>() {
                fields.extend(around);
            }
        }
        event.record(&mut fields);
        let metadata = event.metadata();
        let message = fields.take_message();
        let (level, target, at) = (*metadata.level(), metadata.target(), SystemClock.now());
        (self.write)(&Line { at, level, target, message, fields: &fields });
    }
}

#[cfg(test)]
mod tests;
