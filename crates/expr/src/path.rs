//! JSONPath (RFC 9535), as far as every implementation agrees on it.

mod effort;
mod refuse;

use std::ops::Range;

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::{JpQuery, Segment, Selector};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::{QueryRef, js_path_process};
use serde_json::Value;

use crate::path::effort::Matching;
use crate::problem::{Problem, ProblemKind};

/// Most bytes of a path.
const MOST_BYTES: usize = 512;

/// Most that compiling the patterns of `match` and `search` may cost in one selection, in units of 4 KiB of compiled
/// pattern: a second or so.
const MOST_COMPILED: usize = 16_384;

/// A value in which a path would visit too much. Whoever sent the value chose its size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` {why}")]
pub struct TooWide {
    /// The path.
    pub path: String,
    /// What is too much, as the rest of a sentence that begins with the path.
    pub why: &'static str,
}

/// A compiled JSONPath.
#[derive(Clone, Debug)]
pub struct Path {
    text: String,
    query: JpQuery,
    matchings: Vec<Matching>,
    /// Whether it is nothing but names that mean what they say.
    plain: bool,
}

impl Path {
    /// Compiles it, and refuses what would be answered wrongly or slowly: filters within filters, `$` within filters,
    /// functions other than `length`, `count`, `match` and `search`, more than one `..`, more than 512 bytes.
    pub fn parse(text: &str) -> Result<Path, Vec<Problem>> {
        if text.len() > MOST_BYTES {
            let message = format!("the path has {} bytes; at most {MOST_BYTES} are read", text.len());
            return Err(vec![Problem::new(ProblemKind::TooLong, 0..text.len(), message, "too long")]);
        }
        refuse::shape(text)?;
        let query = parse_json_path(text).map_err(|error| vec![syntax(text, &error)])?;
        refuse::query(text, &query)?;
        let plain = query.segments.iter().all(|segment| plain_name(segment).is_some());
        Ok(Path { text: text.to_owned(), matchings: effort::matchings(&query), plain, query })
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The nodes it selects, in the order of RFC 9535.
    ///
    /// # Errors
    ///
    /// [`TooWide`] if the ways to all nodes of the value take more than 32 MiB, and the path may visit them all, or if
    /// `match` and `search` test so many nodes that compiling their patterns would take more than about a second.
    pub fn select<'v>(&self, value: &'v Value) -> Result<Vec<&'v Value>, TooWide> {
        if self.plain {
            // Without the library, which keeps the way to each node as text.
            let mut names = self.query.segments.iter().map(plain_name);
            let node = names.try_fold(value, |value, name| value.get(name?));
            return Ok(node.into_iter().collect());
        }
        self.effort(value)?;
        // The only errors are a name that cannot be quoted and a function that does not exist; neither compiles.
        Ok(js_path_process(&self.query, value).unwrap_or_default().into_iter().map(QueryRef::val).collect())
    }

    /// What compiling its patterns costs over a value, in units of 4 KiB of compiled pattern.
    pub(crate) fn effort(&self, value: &Value) -> Result<usize, TooWide> {
        let too_wide = |why| TooWide { path: self.text.clone(), why };
        if self.wanders() && effort::is_too_wide(value) {
            return Err(too_wide(
                "passes too much of the value: its lists are too long under names that are too long",
            ));
        }
        let costs = self.matchings.iter().map(|matching| matching.cost(value));
        let cost = costs.fold(0usize, usize::saturating_add);
        if cost > MOST_COMPILED {
            return Err(too_wide("tests too many nodes with `match` or `search`"));
        }
        Ok(cost)
    }

    /// Whether it may visit more nodes than it names.
    pub(crate) fn wanders(&self) -> bool {
        refuse::wanders(&self.query)
    }
}

/// The name that a segment asks for, if it asks for one that is not in quotes and needs none.
fn plain_name(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Selector(Selector::Name(name)) => {
            Some(name).filter(|name| !name.contains(['\'', '"', '\\']))
        }
        _ => None,
    }
    .map(String::as_str)
}

fn syntax(text: &str, error: &JsonPathError) -> Problem {
    let place = place(text, error);
    if place.is_empty() && !text.is_empty() {
        let label = "something is missing here";
        return Problem::new(ProblemKind::Path, place, "the path ends too early", label);
    }
    let problem = Problem::new(ProblemKind::Path, place, "not a JSONPath", "not understood from here on");
    if text.starts_with('$') {
        problem
    } else {
        problem.with_help("a path begins with `$`, like `$.value[*].id`")
    }
}

/// From where the parser stopped to the end of the text.
fn place(text: &str, error: &JsonPathError) -> Range<usize> {
    let JsonPathError::PestError(error) = error else { return 0..text.len() };
    // `Pos(7)` or `Span((7, 9))`. The type is of a crate that we would depend on for these digits alone.
    let location = format!("{:?}", error.location);
    let digits = location.split(|character: char| !character.is_ascii_digit()).find(|part| !part.is_empty());
    let start = digits.and_then(|digits| digits.parse().ok()).unwrap_or(0);
    if text.is_char_boundary(start) { start..text.len() } else { 0..text.len() }
}
