//! "Did you mean".

/// Most edits between a wrong name and the one that was meant.
const MOST_EDITS: usize = 3;

/// The valid name nearest to a wrong one: at most 3 edits (a swap of neighbours is one) and at most a third of the
/// wrong name's length, but always one edit; the first of equally near ones.
pub fn nearest<'a>(wrong: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = wrong.chars().count();
    let most = (length / 3).clamp(1, MOST_EDITS);
    let mut best: Option<(usize, &'a str)> = None;
    for name in valid {
        // The distance is at least the difference in length: names that cannot win cost nothing.
        if name.chars().count().abs_diff(length) > most {
            continue;
        }
        let distance = strsim::damerau_levenshtein(wrong, name);
        // One edit in a name of one letter is another name.
        if distance <= most && distance < length && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}
