//! Colour, where it is wanted. It never carries meaning alone.

use std::io::IsTerminal;

/// Whether escape codes may be written to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Text only.
    Plain,
    /// With colour.
    Colour,
}

impl Style {
    /// For stdout.
    pub(crate) fn stdout() -> Self {
        Style::of(std::io::stdout().is_terminal())
    }

    /// For stderr.
    pub(crate) fn stderr() -> Self {
        Style::of(std::io::stderr().is_terminal())
    }

    #[expect(clippy::disallowed_methods, reason = "NO_COLOR and TERM are how terminals are configured")]
    fn of(terminal: bool) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if terminal && !refused && !dumb { Style::Colour } else { Style::Plain }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Style::Plain => text.to_owned(),
            Style::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    /// Something that went well.
    pub(crate) fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// Something that went wrong.
    pub(crate) fn bad(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// Something to look at.
    pub(crate) fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    /// Something less important.
    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// Something to find at a glance.
    pub(crate) fn strong(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// A status word in its colour.
    pub(crate) fn status(self, word: &str) -> String {
        match word {
            "succeeded" => self.good(word),
            "failed" => self.bad(word),
            "cancelled" | "unknown" => self.warn(word),
            _ => word.to_owned(),
        }
    }
}

impl From<Style> for riposte_playbook::Style {
    fn from(style: Style) -> Self {
        match style {
            Style::Plain => riposte_playbook::Style::Plain,
            Style::Colour => riposte_playbook::Style::Colour,
        }
    }
}
