//! One problem, as it is collected: a code, a line, a place, what to do.

use crate::Code;
use std::ops::Range;

/// Most problems that are collected from one file. Who has more fixes these first.
const MAX_DIAGNOSTICS: usize = 100;
/// Most names that a help lists.
const MAX_NAMES: usize = 16;
/// Most characters of a name from the file in a message.
const MAX_QUOTE: usize = 60;

/// A place and a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Bytes of the file.
    pub span: Range<usize>,
    /// What is there; may be empty.
    pub text: String,
}

/// Whether the file can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but somebody should look.
    Warning,
}

impl Severity {
    /// The word in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable name.
    pub code: Code,
    /// Whether it stops the file from being used.
    pub severity: Severity,
    /// One lowercase line that stands alone.
    pub message: String,
    /// Where it is.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// What to write instead.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error with its place and a label about exactly that place.
    pub fn error(
        code: Code,
        message: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: Label { span, text: label.into() },
            secondary: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning with its place and a label about exactly that place.
    pub fn warning(
        code: Code,
        message: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message, span, label) }
    }

    /// Adds another place.
    #[must_use]
    pub fn with_secondary(mut self, span: Range<usize>, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help.push(help.into());
        self
    }

    /// Adds what to do, if that is known.
    #[must_use]
    pub fn with_help_if(mut self, help: Option<String>) -> Diagnostic {
        self.help.extend(help);
        self
    }
}

/// The problems found so far: at most a hundred, so that a hostile file costs neither time nor a screen.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    more: bool,
}

impl Diagnostics {
    /// None yet.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Keeps one more, if there is room.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.is_full() {
            self.more = true;
        } else {
            self.list.push(diagnostic);
        }
    }

    /// Whether there is no room for more: whoever looks for problems may stop.
    pub fn is_full(&self) -> bool {
        self.list.len() >= MAX_DIAGNOSTICS
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Those found so far.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// How many were found.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Those found, and a last line if there were more.
    pub fn into_vec(mut self) -> Vec<Diagnostic> {
        if let (true, Some(last)) =
            (self.more || self.is_full(), self.list.iter().map(|d| d.primary.span.end).max())
        {
            self.list.push(Diagnostic::error(
                Code::MoreProblems,
                format!("only the first {MAX_DIAGNOSTICS} problems are shown"),
                last..last,
                "",
            ));
        }
        self.list
    }
}

/// The help for a wrong name: the nearest valid one, else the list of all, introduced by `what` ("valid keys").
pub fn suggest<'v>(wrong: &str, valid: impl IntoIterator<Item = &'v str>, what: &str) -> Option<String> {
    let valid: Vec<&str> = valid.into_iter().collect();
    if let Some(near) = nearest_spelling(wrong, &valid) {
        return Some(format!("did you mean `{near}`?"));
    }
    (!valid.is_empty()).then(|| format!("{what}: {}", list(valid)))
}

/// Another case or another separator is nearer than any edit.
pub(crate) fn nearest_spelling<'v>(wrong: &str, valid: &[&'v str]) -> Option<&'v str> {
    let plain = |text: &str| text.replace('-', "_").to_ascii_lowercase();
    if wrong.len() <= MAX_QUOTE
        && let Some(same) = valid.iter().find(|name| plain(name) == plain(wrong))
    {
        return Some(same);
    }
    let near = riposte_expr::nearest(wrong, valid.iter().copied());
    // A name that was not finished, if it can only be finished in one way.
    let mut finished = valid.iter().filter(|name| wrong.len() > 2 && name.starts_with(wrong));
    near.or_else(|| finished.next().filter(|_| finished.next().is_none()).copied())
}

/// Names in backticks, and how many more there are.
pub(crate) fn list<'v>(names: impl IntoIterator<Item = &'v str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut text = names.iter().take(MAX_NAMES).map(|name| quote(name)).collect::<Vec<_>>().join(", ");
    if names.len() > MAX_NAMES {
        text.push_str(&format!(" and {} more", names.len() - MAX_NAMES));
    }
    text
}

/// A name from the file in a message: in backticks, on one line, not too long. What cannot be seen, or would change how the rest is
/// seen, is escaped.
pub(crate) fn quote(name: &str) -> String {
    let short: String = name.chars().take(MAX_QUOTE).collect();
    let dots = if short.len() < name.len() { "…" } else { "" };
    let mut quoted = String::with_capacity(short.len() + 2);
    for character in short.chars() {
        match character {
            '\'' | '"' | '\\' => quoted.push(character),
            _ => quoted.extend(character.escape_debug()),
        }
    }
    format!("`{quoted}{dots}`")
}
