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

/// Names in backticks, at most ten of them, and how many more there are.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let mut list = Vec::new();
    for name in names.by_ref().take(MOST_NAMES) {
        list.push(format!("`{}`", shown(name)));
    }
    let more = names.count();
    let mut text = list.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
