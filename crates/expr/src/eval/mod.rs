//! Runs a compiled expression over borrowed values.
//!
//! Deterministic: maps are walked in the order in which they were written, and nothing is read but the expression and
//! the bindings. Bounded: every node costs fuel, and so does every copy, before it is made. The depth of the recursion
//! is the depth of the expression, which the compiler bounds.

mod access;
pub(crate) mod blob;
mod compare;
mod convert;
pub(crate) mod fault;
pub(crate) mod format;
pub(crate) mod fuel;
mod functions;
mod json;
mod lists;
mod logic;
mod math;
pub(crate) mod net;
mod operators;
mod responder;
mod shown;
mod strings;
pub(crate) mod time;
mod trace;
mod value;

use std::rc::Rc;

use serde_json::Value;

use crate::bindings::Bindings;
use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::trace::Trace;
use crate::eval::value::{Map, Val};
use crate::explain::{Explained, Outcome};
use crate::function::Function;
use crate::ir::{Element, Entry, Kind, Node, Span};
use crate::path::{Path, TooWide};
use crate::problem::{Problem, ProblemKind};

/// What compiling 4 KiB of a pattern costs: as long as so many steps take.
const STEPS_PER_PATTERN: usize = 500;

/// The result of an expression, as JSON.
pub(crate) fn evaluate(node: &Node, bindings: &Bindings<'_>) -> Result<Value, Problem> {
    let mut machine = Machine::new(bindings);
    whole(&mut machine, node)
}

fn whole<'a>(machine: &mut Machine<'a>, node: &'a Node) -> Result<Value, Problem> {
    let value = machine.run(node)?;
    json::result(&value, &machine.fuel).map_err(|fault| fault.at(&node.span))
}

/// The result of an expression as JSON, and what became of every part of it.
pub(crate) fn explain(
    node: &Node,
    source: &str,
    bindings: &Bindings<'_>,
) -> (Result<Value, Problem>, Explained) {
    explain_as(node, source, bindings, whole)
}

/// The result as text, if it is a scalar, and what became of every part.
pub(crate) fn explain_text(
    node: &Node,
    source: &str,
    bindings: &Bindings<'_>,
) -> (Result<Option<String>, Problem>, Explained) {
    explain_as(node, source, bindings, text)
}

fn explain_as<'a, T>(
    node: &'a Node,
    source: &'a str,
    bindings: &'a Bindings<'a>,
    run: impl FnOnce(&mut Machine<'a>, &'a Node) -> Result<T, Problem>,
) -> (Result<T, Problem>, Explained) {
    let mut machine = Machine::new(bindings);
    machine.trace = Some(Box::new(Trace::new(source)));
    let result = run(&mut machine, node);
    let mut explained = match machine.trace {
        Some(trace) => trace.finish(node),
        None => Explained::not_evaluated(node, source),
    };
    // A value that cannot be handed out: no JSON, or more to copy than there is fuel for.
    if let (Err(problem), Outcome::Value(_)) = (&result, &explained.outcome) {
        explained.outcome = Outcome::Failed(problem.clone());
    }
    (result, explained)
}

/// The result of a condition.
pub(crate) fn evaluate_bool(node: &Node, bindings: &Bindings<'_>) -> Result<bool, Problem> {
    match Machine::new(bindings).run(node)? {
        Val::Bool(value) => Ok(value),
        other => {
            let message = format!("a condition needs a boolean, not {}", other.describe());
            Err(Fault::wrong_type(message).at(&node.span))
        }
    }
}

/// The result as text, if it is a scalar.
pub(crate) fn evaluate_text(node: &Node, bindings: &Bindings<'_>) -> Result<Option<String>, Problem> {
    text(&mut Machine::new(bindings), node)
}

fn text<'a>(machine: &mut Machine<'a>, node: &'a Node) -> Result<Option<String>, Problem> {
    let value = machine.run(node)?;
    match value {
        Val::Null | Val::List(_) | Val::Map(_) | Val::Optional(_) | Val::Type(_) => Ok(None),
        // As they become JSON.
        Val::Bytes(bytes) => {
            blob::encode(&bytes, &machine.fuel).map(Some).map_err(|fault| fault.at(&node.span))
        }
        scalar => {
            let text = convert::to_text(&scalar).map_err(|fault| fault.at(&node.span))?;
            Ok(Some(text.to_string()))
        }
    }
}

/// One evaluation.
struct Machine<'a> {
    bindings: &'a Bindings<'a>,
    /// The loop variables, the outermost first.
    locals: Vec<Val<'a>>,
    fuel: Fuel,
    /// Somebody wants to know why. Nobody does in a run.
    trace: Option<Box<Trace<'a>>>,
}

impl<'a> Machine<'a> {
    fn new(bindings: &'a Bindings<'a>) -> Self {
        Machine { bindings, locals: Vec::new(), fuel: Fuel::new(bindings.fuel()), trace: None }
    }

    fn run(&mut self, node: &'a Node) -> Result<Val<'a>, Problem> {
        if self.trace.is_some() {
            return self.run_traced(node);
        }
        self.compute(node)
    }

    /// Apart, so that a run pays for no more than the question whether anybody asks.
    #[cold]
    #[inline(never)]
    fn run_traced(&mut self, node: &'a Node) -> Result<Val<'a>, Problem> {
        if let Some(trace) = &mut self.trace {
            trace.enter();
        }
        let result = self.compute(node);
        if let Some(trace) = &mut self.trace {
            trace.leave(node, &result);
        }
        result
    }

    #[inline(always)]
    fn compute(&mut self, node: &'a Node) -> Result<Val<'a>, Problem> {
        self.spend(1, &node.span)?;
        match &node.kind {
            Kind::Literal(literal) => Ok(Val::from_literal(literal)),
            Kind::Root(name) => access::root(name, self.bindings).map_err(|fault| fault.at(&node.span)),
            Kind::Local(index) => match self.locals.get(*index) {
                Some(value) => Ok(value.clone()),
                None => Err(Fault::missing("the variable has no value").at(&node.span)),
            },
            Kind::Select { operand, name, optional } => {
                // A property of a root is looked up layer by layer: putting them together first would cost more.
                if let Kind::Root(root) = &operand.kind
                    && let Some(value) = self.bindings.property(root, name)
                {
                    self.spend(1, &operand.span)?;
                    let value = Val::from_json(value);
                    return Ok(if *optional { Val::some(value) } else { value });
                }
                let operand = self.run(operand)?;
                access::select(&operand, name, *optional, &self.fuel).map_err(|fault| fault.at(&node.at))
            }
            Kind::Index { operand, index, optional } => {
                let operand = self.run(operand)?;
                let index = self.run(index)?;
                let value = access::index(&operand, &index, *optional, &self.fuel);
                value.map_err(|fault| fault.at(&node.at))
            }
            Kind::Has { operand, name } => {
                let operand = self.run(operand)?;
                access::has(&operand, name).map(Val::Bool).map_err(|fault| fault.at(&node.at))
            }
            Kind::Not(operand) => self.run_bool(operand, "!").map(|value| Val::Bool(!value)),
            Kind::Negate(operand) => {
                let operand = self.run(operand)?;
                operators::negate(&operand).map_err(|fault| fault.at(&node.span))
            }
            Kind::And(left, right) => self.run_logic(left, right, false),
            Kind::Or(left, right) => self.run_logic(left, right, true),
            Kind::Conditional(parts) => {
                let [test, yes, no] = &**parts;
                if self.run_bool(test, "? :")? { self.run(yes) } else { self.run(no) }
            }
            Kind::Binary(operator, left, right) => {
                let left = self.run(left)?;
                let right = self.run(right)?;
                operators::binary(*operator, &left, &right, &self.fuel).map_err(|fault| fault.at(&node.span))
            }
            Kind::List(elements) => self.run_list(elements),
            Kind::Map(entries) => self.run_map(entries),
            Kind::Call(function, operands) => self.run_call(*function, operands, &node.span),
            Kind::Matches(operand, pattern) => {
                let value = self.run(operand)?;
                let Val::String(text) = &value else {
                    let message = format!("`matches` needs a string, not {}", value.describe());
                    return Err(Fault::wrong_type(message).at(&operand.span));
                };
                self.fuel.spend_bytes(text.len()).map_err(|fault| fault.at(&node.span))?;
                Ok(Val::Bool(pattern.is_match(text)))
            }
            Kind::JsonPath(operand, path) => self.run_path(operand, path, &node.span),
            Kind::Loop(parts) => self.run_loop(parts, &node.span),
        }
    }

    fn spend(&self, units: usize, span: &Span) -> Result<(), Problem> {
        self.fuel.spend(units).map_err(|fault| fault.at(span))
    }

    fn run_bool(&mut self, node: &'a Node, what: &str) -> Result<bool, Problem> {
        match self.run(node)? {
            Val::Bool(value) => Ok(value),
            other => {
                let message = format!("`{what}` needs a boolean, not {}", other.describe());
                Err(Fault::wrong_type(message).at(&node.span))
            }
        }
    }

    fn run_list(&mut self, elements: &'a [Element]) -> Result<Val<'a>, Problem> {
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            let value = self.run(&element.value)?;
            if !element.optional {
                items.push(value);
                continue;
            }
            items.extend(unwrap_optional(value, &element.value.span)?);
        }
        Ok(Val::list(items))
    }

    fn run_map(&mut self, entries: &'a [Entry]) -> Result<Val<'a>, Problem> {
        let mut made: Vec<(Val<'a>, Val<'a>)> = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = self.run(&entry.key)?;
            if !matches!(key, Val::String(_) | Val::Int(_) | Val::Uint(_) | Val::Bool(_)) {
                let message = format!("{} cannot be a key", key.describe());
                return Err(Fault::wrong_type(message).at(&entry.key.span));
            }
            let mut value = self.run(&entry.value)?;
            if entry.optional {
                match unwrap_optional(value, &entry.value.span)? {
                    Some(inner) => value = inner,
                    None => continue,
                }
            }
            for (other, _) in &made {
                let same =
                    compare::equal(other, &key, &self.fuel).map_err(|fault| fault.at(&entry.key.span))?;
                if same {
                    let fault = Fault::evaluation("a key stands in the map twice");
                    return Err(fault.at(&entry.key.span));
                }
            }
            made.push((key, value));
        }
        Ok(Val::Map(Map::Made(Rc::new(made))))
    }

    fn run_call(
        &mut self,
        function: Function,
        operands: &'a [Node],
        span: &Span,
    ) -> Result<Val<'a>, Problem> {
        if let (Function::Or | Function::OrValue, [first, second]) = (function, operands) {
            return match self.run(first)? {
                Val::Optional(Some(inner)) if function == Function::OrValue => Ok((*inner).clone()),
                found @ Val::Optional(Some(_)) => Ok(found),
                Val::Optional(None) => match self.run(second)? {
                    other if function == Function::Or && !matches!(other, Val::Optional(_)) => {
                        let message = format!("`or` needs an optional, not {}", other.describe());
                        Err(Fault::wrong_type(message).at(&second.span))
                    }
                    value => Ok(value),
                },
                other => {
                    let message =
                        format!("`{}` needs an optional, not {}", function.name(), other.describe());
                    Err(Fault::wrong_type(message).at(&first.span))
                }
            };
        }
        let mut values = Vec::with_capacity(operands.len());
        for operand in operands {
            values.push(self.run(operand)?);
        }
        functions::call(function, &values, &self.fuel).map_err(|fault| fault.at(span))
    }

    fn run_path(&mut self, operand: &'a Node, path: &Path, span: &Span) -> Result<Val<'a>, Problem> {
        let value = self.run(operand)?;
        let Some(json) = value.as_json() else {
            return match value {
                Val::List(_)
                | Val::Map(_)
                | Val::Timestamp(_)
                | Val::Duration(_)
                | Val::Bytes(_)
                | Val::Ip(_)
                | Val::Cidr(_)
                | Val::Type(_)
                | Val::Optional(_) => {
                    let message = "`jsonpath` reads what comes from outside, not what was made here";
                    Err(Fault::wrong_type(message).at(&operand.span))
                }
                // Only `$` selects anything in a scalar, whichever it is.
                _ if path.select(&Value::Null).is_ok_and(|found| found.is_empty()) => {
                    Ok(Val::list(Vec::new()))
                }
                scalar => Ok(Val::list(vec![scalar])),
            };
        };
        // A path may visit every node: they are paid for first.
        if path.wanders() {
            json::pay(json, &self.fuel).map_err(|fault| fault.at(span))?;
        }
        let too_wide = |wide: TooWide| Fault::new(ProblemKind::Fuel, wide.to_string()).at(span);
        let effort = path.effort(json).map_err(too_wide)?;
        self.spend(effort.saturating_mul(STEPS_PER_PATTERN), span)?;
        let found = path.select(json).map_err(too_wide)?;
        self.spend(found.len(), span)?;
        Ok(Val::list(found.into_iter().map(Val::from_json).collect()))
    }
}

fn unwrap_optional<'a>(value: Val<'a>, span: &Span) -> Result<Option<Val<'a>>, Problem> {
    match value {
        Val::Optional(inner) => Ok(inner.map(|inner| (*inner).clone())),
        other => {
            let message = format!("`?` needs an optional, not {}", other.describe());
            Err(Fault::wrong_type(message).at(span))
        }
    }
}
