//! From the parser's tree to ours.

use cel::common::ast::{EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr, SelectExpr, SourceInfo};

use crate::ir::{Element, Entry, Kind, Literal, Node, Span};
use crate::problem::{Problem, ProblemKind};
use crate::syntax::token::{Lexeme, Token};
use crate::syntax::{MOST_DEPTH, MOST_NODES};

/// Lowers a whole tree, or tells everything in it that we do not run.
pub(super) fn lower(
    source: &str,
    tokens: &[Token],
    places: &SourceInfo,
    tree: IdedExpr,
) -> Result<Node, Vec<Problem>> {
    let mut lowering = Lowering {
        source,
        tokens,
        places,
        locals: Vec::new(),
        loops: 0,
        nodes: 0,
        depth: 0,
        too_complex: false,
        asks_types: asks_types(source, tokens),
        problems: Vec::new(),
    };
    let node = lowering.node(tree);
    if lowering.problems.is_empty() {
        return Ok(node);
    }
    lowering.problems.sort_by_key(|problem| problem.span.start);
    Err(lowering.problems)
}

/// The names of the types, as `type(x)` gives them.
const TYPES: [&str; 15] = [
    "null_type",
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "type",
    "optional_type",
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "net.IP",
    "net.CIDR",
];

pub(super) struct Lowering<'s> {
    pub(super) source: &'s str,
    tokens: &'s [Token],
    places: &'s SourceInfo,
    /// The loop variables in scope, the outermost first.
    pub(super) locals: Vec<String>,
    pub(super) loops: usize,
    nodes: usize,
    depth: usize,
    too_complex: bool,
    /// Whether `type(..)` is called: then the names of types are types, and otherwise they are names like any other.
    asks_types: bool,
    pub(super) problems: Vec<Problem>,
}

impl Lowering<'_> {
    /// What stands for a part that has a problem: the tree it is in is thrown away.
    pub(super) fn broken(&self, at: Span) -> Node {
        Node { kind: Kind::Literal(Literal::Null), span: at.clone(), at }
    }

    pub(super) fn refuse(&mut self, kind: ProblemKind, at: Span, message: &str, label: &str) -> Node {
        self.problems.push(Problem::new(kind, at.clone(), message, label));
        self.broken(at)
    }

    pub(super) fn node(&mut self, tree: IdedExpr) -> Node {
        let index = self.token(tree.id);
        let at = self.span_of(index);
        self.nodes += 1;
        if self.nodes > MOST_NODES || self.depth >= MOST_DEPTH {
            return self.refuse_complexity(at);
        }
        self.depth += 1;
        let node = match tree.expr {
            Expr::Literal(literal) => self.literal(literal, index),
            Expr::Ident(name) => self.name(name, at),
            Expr::Select(select) => self.select(select, index),
            Expr::Call(call) => self.call(call, index),
            Expr::List(list) => self.list(list, index),
            Expr::Map(map) => self.map(map, index),
            Expr::Struct(_) => {
                self.refuse(ProblemKind::Unsupported, at, "messages cannot be built here", "not supported")
            }
            Expr::Comprehension(_) | Expr::Unspecified => {
                self.refuse(ProblemKind::Syntax, at, "the expression cannot be read", "not an expression")
            }
        };
        self.depth -= 1;
        Node { span: self.balanced(node.span), ..node }
    }

    /// The span with the parentheses that belong to its edges: the parser's tree has none, so that `(a + b) * c` would
    /// begin at `a`.
    fn balanced(&self, span: Span) -> Span {
        let first = self.tokens.partition_point(|token| token.span.start < span.start);
        let behind = self.tokens.partition_point(|token| token.span.start < span.end);
        let (mut unopened, mut unclosed) = (0usize, 0usize);
        for token in self.tokens.get(first..behind).unwrap_or_default() {
            match token.kind {
                Lexeme::Sign(b'(', _) => unclosed += 1,
                Lexeme::Sign(b')', _) if unclosed > 0 => unclosed -= 1,
                Lexeme::Sign(b')', _) => unopened += 1,
                _ => {}
            }
        }
        // What is missing stands right beside: between it and the edge there is nothing but what was counted.
        let opening = first.checked_sub(unopened).filter(|_| unopened > 0);
        let closing = (behind + unclosed).checked_sub(1).filter(|_| unclosed > 0);
        let start =
            opening.and_then(|index| self.tokens.get(index)).map_or(span.start, |token| token.span.start);
        let end = closing.and_then(|index| self.tokens.get(index)).map_or(span.end, |token| token.span.end);
        start..end
    }

    fn refuse_complexity(&mut self, at: Span) -> Node {
        // One is enough: everything further in would say the same.
        if !self.too_complex {
            self.too_complex = true;
            let message = if self.nodes > MOST_NODES {
                format!("the expression has more than {MOST_NODES} parts")
            } else {
                format!("the expression is nested deeper than {MOST_DEPTH}")
            };
            let label = "too much from here on";
            self.problems.push(Problem::new(ProblemKind::TooComplex, at.clone(), message, label));
        }
        self.broken(at)
    }

    /// The index of the token that a node of the parser's tree was made for.
    pub(super) fn token(&self, id: u64) -> Option<usize> {
        let (start, _) = self.places.offset_for(id)?;
        let start = usize::try_from(start).ok()?;
        self.tokens.binary_search_by_key(&start, |token| token.span.start).ok()
    }

    pub(super) fn span_of(&self, index: Option<usize>) -> Span {
        index
            .and_then(|index| self.tokens.get(index))
            .map_or(0..self.source.len(), |token| token.span.clone())
    }

    /// The end of the bracket opened by a token.
    pub(super) fn end_of_bracket(&self, opening: Option<usize>) -> usize {
        let Some(opening) = opening else { return self.source.len() };
        let mut open = 0usize;
        for token in self.tokens.get(opening..).unwrap_or_default() {
            match token.kind {
                Lexeme::Sign(b'(' | b'[' | b'{', _) => open += 1,
                Lexeme::Sign(b')' | b']' | b'}', _) => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                return token.span.end;
            }
        }
        self.source.len()
    }

    fn literal(&mut self, literal: LiteralValue, index: Option<usize>) -> Node {
        let mut at = self.span_of(index);
        let literal = match literal {
            LiteralValue::Null => Literal::Null,
            LiteralValue::Boolean(value) => Literal::Bool(value.into_inner()),
            LiteralValue::Int(value) => Literal::Int(value.into_inner()),
            LiteralValue::UInt(value) => Literal::Uint(value.into_inner()),
            LiteralValue::Double(value) => Literal::Double(value.into_inner()),
            LiteralValue::String(value) => Literal::String(value.inner().into()),
            LiteralValue::Bytes(value) => Literal::Bytes(value.inner().into()),
        };
        // A minus sign belongs to the number, but the parser's place is the digits'.
        let negative = matches!(literal, Literal::Int(value) if value < 0)
            || matches!(literal, Literal::Double(value) if value.is_sign_negative());
        if negative && let Some(sign) = index.and_then(|index| index.checked_sub(1)) {
            let sign = self.span_of(Some(sign));
            if self.source.get(sign.clone()) == Some("-") {
                at.start = sign.start;
            }
        }
        Node { kind: Kind::Literal(literal), span: at.clone(), at }
    }

    fn name(&mut self, name: String, at: Span) -> Node {
        if name.starts_with('.') {
            let message = "a name does not begin with a dot";
            return self.refuse(ProblemKind::Unsupported, at, message, "write it without the dot");
        }
        let kind = match self.locals.iter().rposition(|local| *local == name) {
            Some(local) => Kind::Local(local),
            None => match self.type_name(&name) {
                Some(name) => Kind::Literal(Literal::Type(name)),
                None => Kind::Root(name),
            },
        };
        Node { kind, span: at.clone(), at }
    }

    fn select(&mut self, select: SelectExpr, index: Option<usize>) -> Node {
        let at = self.span_of(index.map(|dot| dot + 1));
        let name = dotted(&select);
        let operand = Box::new(self.node(*select.operand));
        let span = operand.span.start..at.end;
        if let Some(name) = name.and_then(|name| self.type_name(&name)) {
            return Node { kind: Kind::Literal(Literal::Type(name)), span, at };
        }
        Node { kind: Kind::Select { operand, name: select.field, optional: false }, span, at }
    }

    /// The type of this name, if types are asked for here.
    fn type_name(&self, name: &str) -> Option<&'static str> {
        let root = name.split('.').next().unwrap_or_default();
        if !self.asks_types || self.locals.iter().any(|local| local == root) {
            return None;
        }
        TYPES.iter().find(|known| **known == name).copied()
    }

    fn list(&mut self, list: ListExpr, index: Option<usize>) -> Node {
        let at = self.span_of(index);
        let span = at.start..self.end_of_bracket(index);
        let mut elements = Vec::with_capacity(list.elements.len());
        for (position, element) in list.elements.into_iter().enumerate() {
            let optional = list.optional_indices.contains(&position);
            elements.push(Element { value: self.node(element), optional });
        }
        Node { kind: Kind::List(elements), span, at }
    }

    fn map(&mut self, map: MapExpr, index: Option<usize>) -> Node {
        let at = self.span_of(index);
        let span = at.start..self.end_of_bracket(index);
        let mut entries = Vec::with_capacity(map.entries.len());
        for entry in map.entries {
            match entry.expr {
                EntryExpr::MapEntry(entry) => entries.push(Entry {
                    key: self.node(entry.key),
                    value: self.node(entry.value),
                    optional: entry.optional,
                }),
                EntryExpr::StructField(_) => {
                    self.refuse(
                        ProblemKind::Unsupported,
                        at.clone(),
                        "messages cannot be built here",
                        "not supported",
                    );
                }
            }
        }
        Node { kind: Kind::Map(entries), span, at }
    }
}

fn asks_types(source: &str, tokens: &[Token]) -> bool {
    tokens.windows(2).any(|pair| match pair {
        [word, bracket] => {
            bracket.kind == Lexeme::Sign(b'(', false) && source.get(word.span.clone()) == Some("type")
        }
        _ => false,
    })
}

/// The names of a chain of selections, if it is one: `a.b.c`.
fn dotted(select: &SelectExpr) -> Option<String> {
    let before = match &select.operand.expr {
        Expr::Ident(name) => name.clone(),
        Expr::Select(inner) => dotted(inner)?,
        _ => return None,
    };
    Some(format!("{before}.{}", select.field))
}
