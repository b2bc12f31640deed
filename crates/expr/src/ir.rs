//! The compiled form of an expression: what the checker reads and the evaluator runs.
//!
//! It is smaller than the parser's tree: names are resolved to roots or loop variables, functions to one list,
//! literal patterns and paths are compiled, and every node knows its place.

use std::ops::Range;
use std::sync::Arc;

use regex::Regex;

use crate::function::Function;
use crate::path::Path;

/// A place in the source, in bytes.
pub(crate) type Span = Range<usize>;

/// One node with its place.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// From its first byte to its last, parentheses around the whole of it aside.
    pub(crate) span: Span,
    /// The part that tells it from others: the property's name, the operator, the function's name.
    pub(crate) at: Span,
}

/// What a node does.
#[derive(Debug)]
pub(crate) enum Kind {
    Literal(Literal),
    /// A name from outside.
    Root(String),
    /// A loop variable: its index among those in scope, the outermost first.
    Local(usize),
    /// `a.name`, `a["name"]`; with `optional`, `a.?name`.
    Select {
        operand: Box<Node>,
        name: String,
        optional: bool,
    },
    /// `a[index]`; with `optional`, `a[?index]`.
    Index {
        operand: Box<Node>,
        index: Box<Node>,
        optional: bool,
    },
    /// `has(a.name)`.
    Has {
        operand: Box<Node>,
        name: String,
    },
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Conditional(Box<[Node; 3]>),
    Binary(Operator, Box<Node>, Box<Node>),
    List(Vec<Element>),
    Map(Vec<Entry>),
    /// A function; a receiver is its first operand.
    Call(Function, Vec<Node>),
    /// `matches` with a literal pattern.
    Matches(Box<Node>, Regex),
    /// `jsonpath`, whose path is always a literal.
    JsonPath(Box<Node>, Path),
    Loop(Box<Loop>),
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
    /// A type by its name, where types are asked for.
    Type(&'static str),
}

/// An operator with two strict operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

impl Operator {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Remainder => "%",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::In => "in",
        }
    }
}

/// One element of a list; `[?x]` leaves it out when `x` is an empty optional.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) value: Node,
    pub(crate) optional: bool,
}

/// One entry of a map; `{?k: x}` leaves it out when `x` is an empty optional.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Node,
    pub(crate) value: Node,
    pub(crate) optional: bool,
}

/// A macro that runs its body once for each item.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) kind: LoopKind,
    /// How the text calls the item.
    pub(crate) variable: String,
    pub(crate) range: Node,
    /// Of `map` with three arguments: which items are mapped.
    pub(crate) filter: Option<Node>,
    pub(crate) body: Node,
}

/// The macros that loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoopKind {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
    SortBy,
    /// Once, with the value of an optional.
    OptMap,
    /// The same, where the body gives an optional.
    OptFlatMap,
}

impl LoopKind {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "all" => Some(LoopKind::All),
            "exists" => Some(LoopKind::Exists),
            "exists_one" | "existsOne" => Some(LoopKind::ExistsOne),
            "map" => Some(LoopKind::Map),
            "filter" => Some(LoopKind::Filter),
            "sortBy" => Some(LoopKind::SortBy),
            "optMap" => Some(LoopKind::OptMap),
            "optFlatMap" => Some(LoopKind::OptFlatMap),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            LoopKind::All => "all",
            LoopKind::Exists => "exists",
            LoopKind::ExistsOne => "exists_one",
            LoopKind::Map => "map",
            LoopKind::Filter => "filter",
            LoopKind::SortBy => "sortBy",
            LoopKind::OptMap => "optMap",
            LoopKind::OptFlatMap => "optFlatMap",
        }
    }
}

impl Node {
    /// The children, in the order of the text.
    pub(crate) fn children(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Literal(_) | Kind::Root(_) | Kind::Local(_) => Vec::new(),
            Kind::Select { operand, .. } | Kind::Has { operand, .. } => vec![operand],
            Kind::Index { operand, index, .. } => vec![operand, index],
            Kind::Not(operand) | Kind::Negate(operand) => vec![operand],
            Kind::Matches(operand, _) | Kind::JsonPath(operand, _) => vec![operand],
            Kind::And(left, right) | Kind::Or(left, right) | Kind::Binary(_, left, right) => {
                vec![left, right]
            }
            Kind::Conditional(parts) => parts.iter().collect(),
            Kind::List(elements) => elements.iter().map(|element| &element.value).collect(),
            Kind::Map(entries) => entries.iter().flat_map(|entry| [&entry.key, &entry.value]).collect(),
            Kind::Call(_, operands) => operands.iter().collect(),
            Kind::Loop(parts) => std::iter::once(&parts.range)
                .chain(&parts.filter)
                .chain(std::iter::once(&parts.body))
                .collect(),
        }
    }

    /// The text, if this is a literal string.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Literal(Literal::String(text)) => Some(text),
            _ => None,
        }
    }
}
