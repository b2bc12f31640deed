//! How much is logged.

use riposte_server::config::{self, LogLevel};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

/// What the names of our own crates begin with.
const OURS: &str = "riposte";

/// Lets through what is asked for. Spans of ours are let through whatever they are about: a line inside one is told by its
/// fields. Those that are details are made only if details are asked for somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    ours: LevelFilter,
    /// Of others: no more than warnings, because what they say of details may hold headers and bodies.
    others: LevelFilter,
    /// Of parts of ours, the longest name first.
    targets: Vec<(String, LevelFilter)>,
}

impl Levels {
    /// As the command line says with so many `-v`.
    pub(crate) fn of_verbosity(verbose: u8) -> Levels {
        let default = match verbose {
            0 => LogLevel::Warn,
            1 => LogLevel::Info,
            _ => LogLevel::Debug,
        };
        Levels::of(&config::Levels { default, targets: Vec::new() })
    }

    /// As a configuration says.
    pub(crate) fn of(levels: &config::Levels) -> Levels {
        let ours = filter(levels.default);
        let mut targets: Vec<_> =
            levels.targets.iter().map(|(target, level)| (target.clone(), filter(*level))).collect();
        targets.sort_by_key(|(target, _)| std::cmp::Reverse(target.len()));
        Levels { ours, others: ours.min(LevelFilter::WARN), targets }
    }

    pub(crate) fn lets_through(&self, metadata: &Metadata<'_>) -> bool {
        let (target, ours) = (metadata.target(), is_ours(metadata));
        if ours && metadata.is_span() {
            return *metadata.level() <= self.most();
        }
        let named = self.targets.iter().find(|(name, _)| target.starts_with(name)).map(|(_, level)| *level);
        *metadata.level() <= named.filter(|_| ours).unwrap_or(if ours { self.ours } else { self.others })
    }

    /// The most that is asked for anywhere, in spans.
    fn most(&self) -> LevelFilter {
        let named = self.targets.iter().map(|(_, level)| *level).max();
        named.unwrap_or(LevelFilter::OFF).max(self.ours).max(LevelFilter::INFO)
    }
}

/// Whether it is said by one of our own crates.
pub(crate) fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().strip_prefix(OURS).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', ':']))
}

impl<S: Subscriber> Filter<S> for Levels {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.lets_through(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.lets_through(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.most())
    }
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}
