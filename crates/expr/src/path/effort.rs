//! How much work a path would make of a value. Whoever sent the value chose its size, and must not choose our time.

use jsonpath_rust::parser::model::{Filter, FilterAtom, JpQuery, Segment, Selector, Test, TestFunction};
use jsonpath_rust::query::{QueryRef, js_path_process};
use serde_json::Value;

use crate::compile;
use crate::path::refuse::{literal, selectors};

/// Most bytes of places that one selection may write down. The crate beneath notes the whole way to every node that it
/// visits, so a sender who chooses a long name over a long list would choose our memory.
const MOST_TRAIL: usize = 32 << 20;

/// Whether the ways to all nodes of a value take more than 32 MiB.
pub(super) fn is_too_wide(value: &Value) -> bool {
    trail(value, 1, 0) > MOST_TRAIL
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

/// A segment that tests nodes with `match` or `search`. The crate beneath compiles the pattern anew for every node.
#[derive(Clone, Debug)]
pub(super) struct Matching {
    /// The path to whose children, or descendants, the segment applies.
    before: JpQuery,
    descends: bool,
    /// What its patterns cost to compile, together.
    cost: usize,
}

/// All such segments of a path.
pub(super) fn matchings(query: &JpQuery) -> Vec<Matching> {
    let segments = query.segments.iter().enumerate();
    let found = segments.filter_map(|(index, segment)| {
        let cost = selectors(segment).iter().map(selector_cost).sum();
        let before = JpQuery::new(query.segments.get(..index).unwrap_or_default().to_vec());
        let descends = matches!(segment, Segment::Descendant(_));
        (cost > 0).then_some(Matching { before, descends, cost })
    });
    found.collect()
}

impl Matching {
    /// What its patterns cost over a value, one compilation for each node that is tested.
    pub(super) fn cost(&self, value: &Value) -> usize {
        let before = js_path_process(&self.before, value).unwrap_or_default().into_iter();
        let tested = before.map(QueryRef::val).map(|node| below(node, self.descends));
        tested.fold(0usize, usize::saturating_add).saturating_mul(self.cost)
    }
}

/// How many nodes are directly below one, or at any depth.
fn below(value: &Value, any_depth: bool) -> usize {
    let inside = |item: &Value| if any_depth { below(item, true) } else { 0 };
    match value {
        Value::Array(items) => items.iter().fold(0, |sum, item| sum + 1 + inside(item)),
        Value::Object(map) => map.values().fold(0, |sum, item| sum + 1 + inside(item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn selector_cost(selector: &Selector) -> usize {
    match selector {
        Selector::Filter(filter) => filter_cost(filter),
        Selector::Name(_) | Selector::Wildcard | Selector::Index(_) | Selector::Slice(..) => 0,
    }
}

fn filter_cost(filter: &Filter) -> usize {
    match filter {
        Filter::Or(parts) | Filter::And(parts) => parts.iter().map(filter_cost).sum(),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => filter_cost(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => match &**expr {
            Test::Function(function) => match &**function {
                TestFunction::Match(_, pattern) | TestFunction::Search(_, pattern) => {
                    literal(pattern).map_or(0, compile::cost)
                }
                TestFunction::Length(_)
                | TestFunction::Count(_)
                | TestFunction::Value(_)
                | TestFunction::Custom(..) => 0,
            },
            Test::RelQuery(_) | Test::AbsQuery(_) => 0,
        },
        // Compared are numbers: `match` and `search` give none.
        Filter::Atom(FilterAtom::Comparison(_)) => 0,
    }
}
