//! What a path may not hold, although the parser would take it.
//!
//! The first pass reads the text, so that it can point, and runs before the parser: nested functions cost the parser
//! three attempts a level. The second reads the query. Each refusal names its reason.

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, JpQuery, Literal, Segment, Selector, Test,
    TestFunction,
};

use crate::compile;
use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};

/// Most brackets and parentheses open at one place.
const MOST_OPEN: usize = 16;
/// Most ways through the lists of selectors (`[0, 1][2, 3]` has four), each of which is a pass over the value.
const MOST_WAYS: usize = 64;
/// The functions of RFC 9535 that every implementation answers alike.
const FUNCTIONS: [&str; 4] = ["length", "count", "match", "search"];

fn refused(start: usize, length: usize, message: impl Into<String>, label: &str) -> Problem {
    Problem::new(ProblemKind::Path, start..start + length, message, label)
}

/// Refuses what can be seen in the text alone.
pub(super) fn shape(text: &str) -> Result<(), Vec<Problem>> {
    let mut scan = Scan { text, open: Vec::new(), descendants: 0, problems: Vec::new() };
    scan.run();
    if scan.problems.is_empty() { Ok(()) } else { Err(scan.problems) }
}

/// One open bracket.
struct Open {
    filter: bool,
    function: bool,
}

struct Scan<'t> {
    text: &'t str,
    open: Vec<Open>,
    descendants: usize,
    problems: Vec<Problem>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut quote = None;
        let mut escaped = false;
        // The last character that is no blank, and where the blanks behind it begin.
        let mut before = (' ', 0);
        for (index, character) in self.text.char_indices() {
            if let Some(end) = quote {
                if escaped {
                    escaped = false;
                } else if character == '\\' {
                    escaped = true;
                } else if character == end {
                    quote = None;
                }
                continue;
            }
            if matches!(character, ' ' | '\t' | '\r' | '\n') {
                continue;
            }
            self.blanks(before, (character, index));
            before = (character, index + character.len_utf8());
            match character {
                '\'' | '"' => quote = Some(character),
                '[' => self.push(index, false),
                '(' => {
                    let function = self.function(index);
                    self.push(index, function);
                }
                ']' | ')' => {
                    self.open.pop();
                }
                '?' => self.filter(index),
                // The next selector of the same bracket is not inside of this one.
                ',' => {
                    if let Some(open) = self.open.last_mut() {
                        open.filter = false;
                    }
                }
                '$' if index > 0 => self.problems.push(
                    refused(index, 1, "a filter cannot read from the root", "`$` is refused inside a path")
                        .with_help(
                            "compare with a literal, or filter in an expression: `list.filter(x, ...)`",
                        ),
                ),
                '.' if self.text.get(index..).is_some_and(|rest| rest.starts_with("..")) => {
                    self.descend(index);
                }
                _ => {}
            }
        }
    }

    /// Refuses blanks that the parser would take into a name (`$.a b` as the one name `a b`), or between the name of a
    /// function and its arguments.
    fn blanks(&mut self, (before, start): (char, usize), (after, end): (char, usize)) {
        let word = |character: char| character.is_alphanumeric() || character == '_' || !character.is_ascii();
        if start < end && (before == '.' || word(before) && (word(after) || after == '(')) {
            let problem = refused(start, end - start, "a blank cannot stand here", "inside a name");
            self.problems.push(problem.with_help("a name with blanks is written `['a b']`"));
        }
    }

    fn push(&mut self, index: usize, function: bool) {
        if self.open.len() == MOST_OPEN {
            let message = format!("the path is nested deeper than {MOST_OPEN}");
            self.problems.push(Problem::new(ProblemKind::TooComplex, index..index + 1, message, "too deep"));
        }
        self.open.push(Open { filter: false, function });
    }

    /// Whether the parenthesis at `index` opens the arguments of a function; and if so, whether it may.
    fn function(&mut self, index: usize) -> bool {
        let before = self.text.get(..index).unwrap_or_default();
        let word =
            before.trim_end_matches(|character: char| character.is_ascii_alphanumeric() || character == '_');
        let name = before.get(word.len()..).unwrap_or_default();
        if name.is_empty() {
            return false;
        }
        if self.open.iter().any(|open| open.function) {
            let message = "a function cannot be the argument of a function";
            self.problems.push(refused(word.len(), name.len(), message, "nested"));
        } else if !FUNCTIONS.contains(&name) {
            let message = format!("a path has no function `{}`", crate::text::shown(name));
            let problem = refused(word.len(), name.len(), message, "not one of length, count, match, search");
            self.problems.push(match nearest(name, FUNCTIONS) {
                Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
        true
    }

    fn filter(&mut self, index: usize) {
        if self.open.iter().any(|open| open.filter) {
            self.problems.push(
                refused(index, 1, "a filter cannot stand inside a filter", "nested filter")
                    .with_help("filter twice in an expression: `list.filter(x, x.items.exists(y, ...))`"),
            );
        }
        if let Some(open) = self.open.last_mut() {
            open.filter = true;
        }
    }

    fn descend(&mut self, index: usize) {
        self.descendants += 1;
        if self.descendants == 2 {
            // Each node is reached once for every ancestor: the answer grows with the square of the value, or worse.
            let message = "a path can descend with `..` only once";
            self.problems.push(refused(index, 2, message, "the second one"));
        }
    }
}

/// Refuses what only the parsed query shows.
pub(super) fn query(text: &str, query: &JpQuery) -> Result<(), Vec<Problem>> {
    let mut refusals = Vec::new();
    let mut ways = 1usize;
    for segment in &query.segments {
        ways = ways.saturating_mul(selectors(segment).len());
        if let Segment::Descendant(inner) = segment
            && selectors(inner).len() > 1
        {
            refusals.push("`..` takes one selector here: the order of several is not agreed on".to_owned());
        }
    }
    if ways > MOST_WAYS {
        refusals.push(format!("the lists of selectors multiply to more than {MOST_WAYS}"));
    }
    segments(&query.segments, false, &mut refusals);
    if refusals.is_empty() {
        return Ok(());
    }
    Err(refusals.into_iter().map(|message| refused(0, text.len(), message, "refused")).collect())
}

/// Whether the query may visit more nodes than it names.
pub(super) fn wanders(query: &JpQuery) -> bool {
    query.segments.iter().any(|segment| {
        matches!(segment, Segment::Descendant(_))
            || selectors(segment)
                .iter()
                .any(|selector| !matches!(selector, Selector::Name(_) | Selector::Index(_)))
    })
}

pub(super) fn selectors(segment: &Segment) -> &[Selector] {
    match segment {
        Segment::Descendant(inner) => selectors(inner),
        Segment::Selector(selector) => std::slice::from_ref(selector),
        Segment::Selectors(selectors) => selectors,
    }
}

fn segments(segments: &[Segment], in_filter: bool, refusals: &mut Vec<String>) {
    for selector in segments.iter().flat_map(selectors) {
        match selector {
            Selector::Filter(_) if in_filter => {
                refusals.push("a filter cannot stand inside a filter".to_owned());
            }
            Selector::Filter(inner) => filter(inner, refusals),
            Selector::Name(_) | Selector::Wildcard | Selector::Index(_) | Selector::Slice(..) => {}
        }
    }
}

fn filter(inner: &Filter, refusals: &mut Vec<String>) {
    match inner {
        Filter::Or(parts) | Filter::And(parts) => parts.iter().for_each(|part| filter(part, refusals)),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => filter(expr, refusals),
        Filter::Atom(FilterAtom::Test { expr, .. }) => test(expr, refusals),
        Filter::Atom(FilterAtom::Comparison(comparison)) => compare(comparison, refusals),
    }
}

fn test(test: &Test, refusals: &mut Vec<String>) {
    match test {
        Test::RelQuery(inner) => segments(inner, true, refusals),
        Test::AbsQuery(_) => refusals.push("a filter cannot read from the root".to_owned()),
        Test::Function(function) => match &**function {
            TestFunction::Match(subject, pattern) | TestFunction::Search(subject, pattern) => {
                singular(subject, "`match` and `search` take", refusals);
                self::pattern(pattern, refusals);
            }
            TestFunction::Length(_) | TestFunction::Count(_) => {
                refusals.push("`length` and `count` give a number: compare it".to_owned());
            }
            TestFunction::Value(_) | TestFunction::Custom(..) => {
                refusals.push("a path has the functions length, count, match and search only".to_owned());
            }
        },
    }
}

fn compare(comparison: &Comparison, refusals: &mut Vec<String>) {
    let (left, right) = comparison.vals();
    for side in [left, right] {
        let Comparable::Function(function) = side else { continue };
        match function {
            TestFunction::Length(argument) => singular(argument, "`length` takes", refusals),
            TestFunction::Count(FnArg::Test(argument)) if matches!(&**argument, Test::RelQuery(_)) => {
                test(argument, refusals);
            }
            TestFunction::Count(_) => refusals.push("`count` takes a path that begins with `@`".to_owned()),
            TestFunction::Match(..) | TestFunction::Search(..) => {
                refusals.push("`match` and `search` are true or false: they are not compared".to_owned());
            }
            TestFunction::Value(_) | TestFunction::Custom(..) => {
                refusals.push("a path has the functions length, count, match and search only".to_owned());
            }
        }
    }
}

/// The argument is one node at most: `@.a[0]`, never `@.*`.
fn singular(argument: &FnArg, takes: &str, refusals: &mut Vec<String>) {
    if let FnArg::Test(test) = argument
        && let Test::RelQuery(segments) = &**test
        && segments
            .iter()
            .all(|segment| matches!(segment, Segment::Selector(Selector::Name(_) | Selector::Index(_))))
    {
        return;
    }
    refusals.push(format!("{takes} a path to one node, like `@.name`"));
}

/// The pattern is written here, and compiles: data never becomes a pattern.
fn pattern(argument: &FnArg, refusals: &mut Vec<String>) {
    match literal(argument) {
        Some(text) => {
            if let Err(message) = compile::pattern(text) {
                refusals.push(message);
            }
        }
        None => refusals.push("the pattern of `match` and `search` is a literal string".to_owned()),
    }
}

/// The text, if it is a literal string.
pub(super) fn literal(argument: &FnArg) -> Option<&str> {
    match argument {
        FnArg::Literal(Literal::String(text)) => Some(text),
        _ => None,
    }
}
