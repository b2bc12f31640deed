//! What people and programs get to see.

pub(crate) mod catalogue;
mod describe;
pub(crate) mod doctor;
pub(crate) mod expr;
pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod live;
pub(crate) mod moment;
pub(crate) mod plan;
pub(crate) mod playbooks;
pub(crate) mod rehearsal;
pub(crate) mod retry;
pub(crate) mod schedule;
pub(crate) mod style;
mod table;
pub(crate) mod timeline;

pub(crate) use table::table;

/// Writes a line to stderr. A reader that has gone away is no reason to stop, least of all half-way through a run.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::render::write_words(format_args!($($words)*))
    };
}
pub(crate) use say;

/// What `say!` does.
pub(crate) fn write_words(words: std::fmt::Arguments<'_>) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{words}");
}

/// Text from outside, safe for a terminal: control characters are shown as escapes, line breaks and tabs as blanks.
pub(crate) fn clean(text: &str) -> String {
    // Nearly all text is such, and each line of the log comes along here.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => safe.push(' '),
            // Bidirectional overrides can make a line read as another one.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.extend(character.escape_unicode()),
            _ if character.is_control() => safe.extend(character.escape_default()),
            _ => safe.push(character),
        }
    }
    safe
}

/// A duration for people: `38ms`, `4.2s`, `3m05s`, `2h07m`.
pub(crate) fn seconds(duration: std::time::Duration) -> String {
    let whole = duration.as_secs();
    match whole {
        0 if duration.as_millis() < 100 => format!("{}ms", duration.as_millis()),
        0..60 => format!("{:.1}s", duration.as_secs_f64()),
        60..3600 => format!("{}m{:02}s", whole / 60, whole % 60),
        _ => format!("{}h{:02}m", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn attackers_text_cannot_drive_the_terminal() {
        assert_eq!(clean("pc\u{1b}[31m\r\n\u{202e}x"), "pc\\u{1b}[31m\\r \\u{202e}x");
    }

    #[test]
    fn durations_read_well() {
        let show = |millis| seconds(Duration::from_millis(millis));
        assert_eq!(
            [show(38), show(4_240), show(185_000), show(7_620_000)],
            ["38ms", "4.2s", "3m05s", "2h07m"]
        );
    }
}
