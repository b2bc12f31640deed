//! Text from elsewhere inside a message: escaped, and of bounded length.

/// Most characters of one quoted text.
const MOST_CHARACTERS: usize = 40;
/// Most names in one list.
const MOST_NAMES: usize = 10;

/// A text as it may stand in a message: control characters escaped, cut after 40 characters.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(MOST_CHARACTERS) {
        match character {
            // Escaped by `escape_debug`, but harmless, and common in what people quote.
            '\'' | '"' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
    }
    if text.chars().nth(MOST_CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}

/// Names in backticks, at most ten of them, and how many more there are. However many there are, no more than that are
/// looked at: the object may be somebody else's, and the message may be made in a loop.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str, IntoIter: ExactSizeIterator>) -> String {
    let mut names = names.into_iter();
    let mut list = Vec::new();
    for name in names.by_ref().take(MOST_NAMES) {
        list.push(format!("`{}`", shown(name)));
    }
    let more = names.len();
    let mut text = list.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million names, which says when one too many is asked for.
    struct Endless(usize);

    impl Iterator for Endless {
        type Item = &'static str;

        fn next(&mut self) -> Option<&'static str> {
            assert!(self.0 > 1_000_000 - MOST_NAMES, "more names are looked at than are listed");
            self.0 -= 1;
            Some("a")
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.0, Some(self.0))
        }
    }

    impl ExactSizeIterator for Endless {}

    #[test]
    fn a_list_looks_at_no_more_names_than_it_shows() {
        assert!(listed(Endless(1_000_000)).ends_with("`a` and 999990 more"));
    }
}
