//! Lowers calls: operators, macros and functions all arrive as calls.

use cel::common::ast::{CallExpr, Expr, IdedExpr, operators};

use crate::compile;
use crate::function::{self, Function, Signature, Style};
use crate::ir::{Kind, Loop, LoopKind, Node, Operator, Span};
use crate::nearest::nearest;
use crate::path::Path;
use crate::problem::{Problem, ProblemKind};
use crate::syntax::MOST_LOOPS;
use crate::syntax::lower::Lowering;

/// What stands before the dot in a function's name.
const NAMESPACES: [&str; 5] = ["optional", "math", "base64", "lists", "strings"];

impl Lowering<'_> {
    pub(super) fn call(&mut self, call: CallExpr, index: Option<usize>) -> Node {
        let CallExpr { func_name: name, target, args } = call;
        let at = self.span_of(index);
        if target.is_none() {
            if let Some(operator) = operator(&name) {
                return self.binary(args, at, |left, right| Kind::Binary(operator, left, right));
            }
            match name.as_str() {
                operators::LOGICAL_AND => return self.binary(args, at, Kind::And),
                operators::LOGICAL_OR => return self.binary(args, at, Kind::Or),
                operators::LOGICAL_NOT => return self.unary(args, at, Kind::Not),
                operators::NEGATE => return self.unary(args, at, Kind::Negate),
                operators::CONDITIONAL => return self.conditional(args, at),
                operators::INDEX => return self.index(args, index, false),
                operators::OPT_INDEX => return self.index(args, index, true),
                operators::OPT_SELECT => return self.optional_select(args, index),
                _ => {}
            }
        }
        // What remains is written `name(..)`; the parser's place is the bracket.
        let at = self.span_of(index.and_then(|open| open.checked_sub(1)));
        let end = self.end_of_bracket(index);
        match (target, LoopKind::parse(&name)) {
            (None, _) if name == operators::HAS => self.has(args, at, end),
            (Some(target), Some(kind)) => self.repeat(kind, *target, args, at, end),
            (target, _) => self.function(&name, target, args, at, end),
        }
    }

    fn unary(&mut self, args: Vec<IdedExpr>, at: Span, kind: fn(Box<Node>) -> Kind) -> Node {
        let Ok([operand]) = <[IdedExpr; 1]>::try_from(args) else { return self.unreadable(at) };
        let operand = Box::new(self.node(operand));
        let span = at.start.min(operand.span.start)..operand.span.end;
        Node { kind: kind(operand), span, at }
    }

    fn binary(&mut self, args: Vec<IdedExpr>, at: Span, kind: impl Fn(Box<Node>, Box<Node>) -> Kind) -> Node {
        let Ok([left, right]) = <[IdedExpr; 2]>::try_from(args) else { return self.unreadable(at) };
        let left = Box::new(self.node(left));
        let right = Box::new(self.node(right));
        let span = left.span.start..right.span.end.max(left.span.end);
        Node { kind: kind(left, right), span, at }
    }

    fn conditional(&mut self, args: Vec<IdedExpr>, at: Span) -> Node {
        let Ok([test, yes, no]) = <[IdedExpr; 3]>::try_from(args) else { return self.unreadable(at) };
        let parts = [self.node(test), self.node(yes), self.node(no)];
        let span = parts[0].span.start..parts[2].span.end.max(parts[0].span.end);
        Node { kind: Kind::Conditional(Box::new(parts)), span, at }
    }

    fn index(&mut self, args: Vec<IdedExpr>, bracket: Option<usize>, optional: bool) -> Node {
        let at = self.span_of(bracket);
        let Ok([operand, index]) = <[IdedExpr; 2]>::try_from(args) else { return self.unreadable(at) };
        let operand = Box::new(self.node(operand));
        let index = Box::new(self.node(index));
        let span = operand.span.start..self.end_of_bracket(bracket).max(operand.span.end);
        // `a["b"]` is `a.b`: one way to look a name up, and to check it.
        if let Some(name) = index.as_text() {
            let name = name.to_owned();
            return Node { kind: Kind::Select { operand, name, optional }, span, at: index.span.clone() };
        }
        let at = index.span.clone();
        Node { kind: Kind::Index { operand, index, optional }, span, at }
    }

    fn optional_select(&mut self, args: Vec<IdedExpr>, dot: Option<usize>) -> Node {
        // `.`, `?`, the name.
        let at = self.span_of(dot.map(|dot| dot + 2));
        let Ok([operand, name]) = <[IdedExpr; 2]>::try_from(args) else { return self.unreadable(at) };
        let Expr::Literal(cel::common::ast::LiteralValue::String(name)) = name.expr else {
            return self.unreadable(at);
        };
        let operand = Box::new(self.node(operand));
        let span = operand.span.start..at.end.max(operand.span.end);
        Node { kind: Kind::Select { operand, name: name.inner().to_owned(), optional: true }, span, at }
    }

    fn has(&mut self, args: Vec<IdedExpr>, at: Span, end: usize) -> Node {
        let span = at.start..end;
        let Ok([argument]) = <[IdedExpr; 1]>::try_from(args) else {
            return self.refuse(ProblemKind::Syntax, span, "`has` takes one property", "write `has(a.b)`");
        };
        let selects = matches!(&argument.expr, Expr::Select(_));
        let argument = self.node(argument);
        match argument.kind {
            Kind::Select { operand, name, .. } if selects => {
                Node { kind: Kind::Has { operand, name }, span, at: argument.at }
            }
            _ => {
                let problem = Problem::new(
                    ProblemKind::Syntax,
                    argument.span.clone(),
                    "`has` takes a property",
                    "not a property",
                );
                self.problems.push(problem.with_help("write `has(a.b)`; for a key, write `\"key\" in a`"));
                self.broken(argument.span)
            }
        }
    }

    fn repeat(&mut self, kind: LoopKind, range: IdedExpr, args: Vec<IdedExpr>, at: Span, end: usize) -> Node {
        let range = self.node(range);
        let span = range.span.start..end;
        let most = if kind == LoopKind::Map { 3 } else { 2 };
        let count = args.len();
        let mut args = args.into_iter();
        let (Some(variable), true) = (args.next(), (2..=most).contains(&count)) else {
            let message = format!("`{}` takes a variable and an expression", kind.name());
            let problem = Problem::new(ProblemKind::Type, at.clone(), message, format!("{count} given"));
            self.problems.push(problem.with_help(format!("write `list.{}(x, ...)`", kind.name())));
            return self.broken(at);
        };
        let place = self.span_of(self.token(variable.id));
        let Expr::Ident(name) = variable.expr else {
            let message = format!("the first argument of `{}` names a variable", kind.name());
            return self.refuse(ProblemKind::Syntax, place, &message, "not a name");
        };
        if self.loops == MOST_LOOPS {
            let message = format!("loops are nested deeper than {MOST_LOOPS}");
            return self.refuse(ProblemKind::TooComplex, at, &message, "one loop too many");
        }
        self.loops += 1;
        self.locals.push(name);
        let first = args.next().map(|tree| self.node(tree));
        let second = args.next().map(|tree| self.node(tree));
        let variable = self.locals.pop().unwrap_or_default();
        self.loops -= 1;
        let (filter, body) = match (first, second) {
            (Some(body), None) => (None, body),
            (filter, Some(body)) => (filter, body),
            (None, None) => return self.unreadable(at),
        };
        Node { kind: Kind::Loop(Box::new(Loop { kind, variable, range, filter, body })), span, at }
    }

    fn function(
        &mut self,
        name: &str,
        target: Option<Box<IdedExpr>>,
        args: Vec<IdedExpr>,
        at: Span,
        end: usize,
    ) -> Node {
        // `optional.of(x)` looks like a call on a value, but `optional` is no value.
        let space = match target.as_deref() {
            Some(IdedExpr { expr: Expr::Ident(root), .. }) if self.is_namespace(root, name) => {
                Some(root.clone())
            }
            _ => None,
        };
        let namespace = space.is_some();
        let mut start = at.start;
        let mut operands = Vec::with_capacity(args.len() + 1);
        let style = match target {
            Some(target) if namespace => {
                start = self.span_of(self.token(target.id)).start;
                Style::Global
            }
            Some(target) => {
                let target = self.node(*target);
                start = target.span.start;
                operands.push(target);
                Style::Receiver
            }
            None => Style::Global,
        };
        operands.extend(args.into_iter().map(|tree| self.node(tree)));
        let span = start..end;
        let full = space.map_or_else(|| name.to_owned(), |space| format!("{space}.{name}"));
        let Some(signature) = function::find(&full, style) else {
            self.problems.push(unknown(&full, style, at.clone()));
            return self.broken(at);
        };
        if !(signature.style == style || signature.style == Style::Both) {
            let shape = if signature.style == Style::Global { "{}(x)" } else { "x.{}()" };
            let message = match signature.style {
                Style::Global => format!("`{full}` is not called on a value"),
                Style::Receiver | Style::Both => format!("`{full}` is called on a value"),
            };
            let problem =
                Problem::new(ProblemKind::UnknownFunction, at.clone(), message, "called the wrong way");
            self.problems.push(problem.with_help(format!("write `{}`", shape.replace("{}", &full))));
            return self.broken(at);
        }
        let most = signature.most().unwrap_or(usize::MAX);
        if !(signature.least()..=most).contains(&operands.len()) {
            self.problems.push(miscounted(signature, style, operands.len(), at.clone()));
            return self.broken(at);
        }
        self.compiled(signature.function, operands, span, at)
    }

    /// Whether `root.name(..)` is a function with a dot in its name, and not one called on a value called `root`.
    fn is_namespace(&self, root: &str, name: &str) -> bool {
        if self.locals.iter().any(|local| local == root) {
            return false;
        }
        let full = format!("{root}.{name}");
        let known =
            function::find(&full, Style::Global).is_some() || function::LEFT_OUT.contains(&full.as_str());
        let method = function::find(name, Style::Receiver).is_some() || LoopKind::parse(name).is_some();
        known || NAMESPACES.contains(&root) && !method
    }

    /// Compiles what is literal: patterns, paths, times.
    fn compiled(&mut self, function: Function, mut operands: Vec<Node>, span: Span, at: Span) -> Node {
        let literal =
            operands.get(1).and_then(|node| node.as_text().map(|text| (text.to_owned(), node.span.clone())));
        match (function, literal) {
            (Function::Matches, Some((pattern, place))) => match compile::pattern(&pattern) {
                Ok(pattern) => {
                    let text = Box::new(operands.swap_remove(0));
                    return Node { kind: Kind::Matches(text, pattern), span, at };
                }
                Err(message) => {
                    return self.refuse(ProblemKind::Regex, place, &message, "not a regular expression");
                }
            },
            (Function::JsonPath, Some((path, place))) => match Path::parse(&path) {
                Ok(path) => {
                    let value = Box::new(operands.swap_remove(0));
                    return Node { kind: Kind::JsonPath(value, path), span, at };
                }
                Err(problems) => {
                    // A literal without escapes has its path right behind the quote.
                    let exact = self.source.get(place.start + 1..place.end - 1) == Some(path.as_str());
                    for problem in problems {
                        let shifted = problem.clone().shifted(place.start + 1);
                        self.problems.push(if exact {
                            shifted
                        } else {
                            Problem { span: place.clone(), ..problem }
                        });
                    }
                    return self.broken(at);
                }
            },
            (Function::JsonPath, None) => {
                let place = operands.get(1).map_or(at, |node| node.span.clone());
                let message = "the path of `jsonpath` is a literal string";
                return self.refuse(ProblemKind::Path, place, message, "not a literal");
            }
            _ => {}
        }
        if let Some(problem) = compile::literals(function, &operands) {
            self.problems.push(problem);
            return self.broken(at);
        }
        Node { kind: Kind::Call(function, operands), span, at }
    }

    fn unreadable(&mut self, at: Span) -> Node {
        self.refuse(ProblemKind::Syntax, at, "the expression cannot be read", "not an expression")
    }
}

fn operator(name: &str) -> Option<Operator> {
    Some(match name {
        operators::ADD => Operator::Add,
        operators::SUBSTRACT => Operator::Subtract,
        operators::MULTIPLY => Operator::Multiply,
        operators::DIVIDE => Operator::Divide,
        operators::MODULO => Operator::Remainder,
        operators::EQUALS => Operator::Equal,
        operators::NOT_EQUALS => Operator::NotEqual,
        operators::LESS => Operator::Less,
        operators::LESS_EQUALS => Operator::LessOrEqual,
        operators::GREATER => Operator::Greater,
        operators::GREATER_EQUALS => Operator::GreaterOrEqual,
        operators::IN => Operator::In,
        _ => return None,
    })
}

fn unknown(name: &str, style: Style, at: Span) -> Problem {
    let shown = crate::text::shown(name);
    if function::LEFT_OUT.contains(&name) {
        return Problem::new(
            ProblemKind::Unsupported,
            at,
            format!("the function `{shown}` is not supported"),
            "not supported",
        );
    }
    let problem = Problem::new(
        ProblemKind::UnknownFunction,
        at,
        format!("no function is called `{shown}`"),
        "no such function",
    );
    let macros: &[&str] = match style {
        Style::Global => &["has"],
        Style::Receiver | Style::Both => {
            &["all", "exists", "exists_one", "map", "filter", "sortBy", "optMap", "optFlatMap"]
        }
    };
    let fitting = function::SIGNATURES
        .iter()
        .filter(|signature| signature.style == style || signature.style == Style::Both)
        .map(|signature| signature.name);
    match nearest(name, macros.iter().copied().chain(fitting)) {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem,
    }
}

fn miscounted(signature: &Signature, style: Style, count: usize, at: Span) -> Problem {
    let receiver = usize::from(style == Style::Receiver);
    let least = signature.least() - receiver;
    let most = signature.most().map(|most| most - receiver);
    let takes = match most {
        Some(most) if most == least => most.to_string(),
        Some(most) => format!("{least} or {most}"),
        None => format!("at least {least}"),
    };
    let noun = if most.unwrap_or(least) == 1 { "argument" } else { "arguments" };
    Problem::new(
        ProblemKind::Type,
        at,
        format!("`{}` takes {takes} {noun}", signature.name),
        format!("{} given", count - receiver),
    )
    .with_help(format!("write it with {takes} {noun}"))
}
