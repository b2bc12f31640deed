//! JSONPath (RFC 9535), as far as every implementation agrees on it.

mod refuse;

use std::ops::Range;

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::JpQuery;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::{QueryRef, js_path_process};
use serde_json::Value;

use crate::problem::{Problem, ProblemKind};

/// Most bytes of a path.
const MOST_BYTES: usize = 512;

/// Most bytes of places that one selection may write down. The crate beneath notes the whole way to every node that it
/// visits, so a sender who chooses a long name over a long list would choose our memory.
const MOST_TRAIL: usize = 32 << 20;

/// A value in which a path would visit too much. Whoever sent the value chose its size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` passes too much of the value: its lists are too long under names that are too long")]
pub struct TooWide {
    /// The path.
    pub path: String,
}

/// A compiled JSONPath.
#[derive(Clone, Debug)]
pub struct Path {
    text: String,
    query: JpQuery,
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
        Ok(Path { text: text.to_owned(), query })
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The nodes it selects, in the order of RFC 9535.
    ///
    /// # Errors
    ///
    /// [`TooWide`] if the ways to all nodes of the value take more than 32 MiB, and the path may visit them all.
    pub fn select<'v>(&self, value: &'v Value) -> Result<Vec<&'v Value>, TooWide> {
        if self.wanders() && trail(value, 1, 0) > MOST_TRAIL {
            return Err(TooWide { path: self.text.clone() });
        }
        // The only errors are a name that cannot be quoted and a function that does not exist; neither compiles.
        Ok(js_path_process(&self.query, value).unwrap_or_default().into_iter().map(QueryRef::val).collect())
    }

    /// Whether it may visit more nodes than it names.
    pub(crate) fn wanders(&self) -> bool {
        refuse::wanders(&self.query)
    }
}

/// Bytes of the ways to all nodes, counted until they are too many. `way` is the length of the one to this value.
fn trail(value: &Value, way: usize, before: usize) -> usize {
    let here = before.saturating_add(way);
    if here > MOST_TRAIL {
        return here;
    }
    match value {
        // `[12345]`
        Value::Array(items) => items.iter().fold(here, |sum, item| trail(item, way + 7, sum)),
        // `['name']`
        Value::Object(map) => {
            map.iter().fold(here, |sum, (name, item)| trail(item, way + name.len() + 4, sum))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => here,
    }
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
