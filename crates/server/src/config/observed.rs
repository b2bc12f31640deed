//! How the daemon is seen from outside: its log and its spans.

use super::SecretSource;

/// What is logged, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogConfig {
    /// How much.
    pub levels: Levels,
    /// Where, and in which form.
    pub format: LogFormat,
}

/// How much is logged: of riposte as a whole, and of single parts of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Of everything.
    pub default: LogLevel,
    /// Of parts of riposte, by the beginning of their names (`riposte_defender`).
    pub targets: Vec<(String, LogLevel)>,
}

impl Default for Levels {
    fn default() -> Self {
        Levels { default: LogLevel::Info, targets: Vec::new() }
    }
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What a person has to see to.
    Error,
    /// And what a person had better know.
    Warn,
    /// And what happens.
    Info,
    /// And how.
    Debug,
    /// And every detail.
    Trace,
}

impl LogLevel {
    /// The words of the configuration.
    pub const WORDS: [(&str, LogLevel); 6] = [
        ("off", LogLevel::Off),
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];
}

/// Where the log goes, and in which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// To the journal if stderr leads there, otherwise as text.
    #[default]
    Auto,
    /// To systemd's journal, with fields.
    Journald,
    /// To stderr, for people.
    Text,
    /// To stderr, an object a line.
    Json,
}

impl LogFormat {
    /// The words of the configuration.
    pub const WORDS: [(&str, LogFormat); 4] = [
        ("auto", LogFormat::Auto),
        ("journald", LogFormat::Journald),
        ("text", LogFormat::Text),
        ("json", LogFormat::Json),
    ];
}

/// Where spans go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TelemetryConfig {
    /// Where a collector takes OTLP over HTTP: https, or http on this machine. `None`: spans go nowhere.
    pub otlp_endpoint: Option<String>,
    /// What is sent along, like an `authorization`.
    pub otlp_headers: Vec<(String, SecretSource)>,
}
