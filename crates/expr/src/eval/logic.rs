//! `&&`, `||` and the loops: what may answer although a part of it failed.

use crate::eval::Machine;
use crate::eval::fault::Fault;
use crate::eval::lists;
use crate::eval::value::Val;
use crate::ir::{Loop, LoopKind, Node, Span};
use crate::problem::{Problem, ProblemKind};

impl<'a> Machine<'a> {
    /// `&&` (decided by `false`) and `||` (decided by `true`). As CEL asks, either side decides alone, whatever is
    /// wrong with the other one; only running out of fuel is never forgiven.
    pub(super) fn run_logic(
        &mut self,
        left: &'a Node,
        right: &'a Node,
        deciding: bool,
    ) -> Result<Val<'a>, Problem> {
        let sign = if deciding { "||" } else { "&&" };
        let first = match self.run_bool(left, sign) {
            Ok(value) if value == deciding => return Ok(Val::Bool(deciding)),
            Err(problem) if problem.kind == ProblemKind::Fuel => return Err(problem),
            first => first,
        };
        let second = self.run_bool(right, sign);
        match (first, second) {
            (_, Ok(value)) if value == deciding => Ok(Val::Bool(deciding)),
            (_, Err(problem)) if problem.kind == ProblemKind::Fuel => Err(problem),
            (Err(problem), _) | (Ok(_), Err(problem)) => Err(problem),
            (Ok(_), Ok(_)) => Ok(Val::Bool(!deciding)),
        }
    }

    /// A loop over the items of a list or the keys of a map.
    pub(super) fn run_loop(&mut self, parts: &'a Loop, span: &Span) -> Result<Val<'a>, Problem> {
        let range = self.run(&parts.range)?;
        if matches!(parts.kind, LoopKind::OptMap | LoopKind::OptFlatMap) {
            return self.run_optional(parts, range);
        }
        let items: Box<dyn Iterator<Item = Val<'a>>> = match &range {
            Val::List(list) => Box::new(list.iter()),
            Val::Map(map) if parts.kind != LoopKind::SortBy => {
                self.spend(map.len(), span)?;
                Box::new(map.keys().into_iter())
            }
            other => {
                let wanted = if parts.kind == LoopKind::SortBy { "a list" } else { "a list or a map" };
                let message = format!("`{}` needs {wanted}, not {}", parts.kind.name(), other.describe());
                return Err(Fault::wrong_type(message).at(&parts.range.span));
            }
        };
        match parts.kind {
            LoopKind::All => self.run_quantifier(parts, items, false),
            LoopKind::Exists => self.run_quantifier(parts, items, true),
            LoopKind::ExistsOne => self.run_exists_one(parts, items),
            LoopKind::Map => self.run_mapping(parts, items),
            LoopKind::Filter => self.run_filter(parts, items),
            LoopKind::SortBy => self.run_sort(parts, items, span),
            // Ran above.
            LoopKind::OptMap | LoopKind::OptFlatMap => Ok(Val::Optional(None)),
        }
    }

    /// Runs a part of a loop with the variable set.
    fn with_item<T>(&mut self, parts: &'a Loop, item: Val<'a>, run: impl FnOnce(&mut Self) -> T) -> T {
        if self.trace.is_some() {
            return self.with_item_traced(parts, item, run);
        }
        self.locals.push(item);
        let result = run(self);
        self.locals.pop();
        result
    }

    #[cold]
    fn with_item_traced<T>(&mut self, parts: &'a Loop, item: Val<'a>, run: impl FnOnce(&mut Self) -> T) -> T {
        // Passes beyond those that are told run untold.
        let paused = self.trace.take_if(|trace| !trace.begin_pass(&item));
        self.locals.push(item);
        let result = run(self);
        self.locals.pop();
        if paused.is_some() {
            self.trace = paused;
        } else if let Some(trace) = &mut self.trace {
            trace.end_pass(parts);
        }
        result
    }

    fn run_quantifier(
        &mut self,
        parts: &'a Loop,
        items: impl Iterator<Item = Val<'a>>,
        deciding: bool,
    ) -> Result<Val<'a>, Problem> {
        let mut failed = None;
        for item in items {
            match self.with_item(parts, item, |machine| machine.run_bool(&parts.body, parts.kind.name())) {
                Ok(value) if value == deciding => return Ok(Val::Bool(deciding)),
                Ok(_) => {}
                Err(problem) if problem.kind == ProblemKind::Fuel => return Err(problem),
                Err(problem) => {
                    failed.get_or_insert(problem);
                }
            }
        }
        failed.map_or(Ok(Val::Bool(!deciding)), Err)
    }

    fn run_exists_one(
        &mut self,
        parts: &'a Loop,
        items: impl Iterator<Item = Val<'a>>,
    ) -> Result<Val<'a>, Problem> {
        let mut found = 0usize;
        for item in items {
            if self.with_item(parts, item, |machine| machine.run_bool(&parts.body, parts.kind.name()))? {
                found += 1;
            }
        }
        Ok(Val::Bool(found == 1))
    }

    fn run_mapping(
        &mut self,
        parts: &'a Loop,
        items: impl Iterator<Item = Val<'a>>,
    ) -> Result<Val<'a>, Problem> {
        let mut mapped = Vec::new();
        for item in items {
            let value = self.with_item(parts, item, |machine| {
                if let Some(filter) = &parts.filter
                    && !machine.run_bool(filter, parts.kind.name())?
                {
                    return Ok(None);
                }
                machine.run(&parts.body).map(Some)
            })?;
            mapped.extend(value);
        }
        Ok(Val::list(mapped))
    }

    /// `optional.optMap(v, ..)` and `optional.optFlatMap(v, ..)`.
    fn run_optional(&mut self, parts: &'a Loop, range: Val<'a>) -> Result<Val<'a>, Problem> {
        let inner = match range {
            Val::Optional(Some(inner)) => (*inner).clone(),
            Val::Optional(None) => return Ok(Val::Optional(None)),
            other => {
                let message = format!("`{}` needs an optional, not {}", parts.kind.name(), other.describe());
                return Err(Fault::wrong_type(message).at(&parts.range.span));
            }
        };
        let value = self.with_item(parts, inner, |machine| machine.run(&parts.body))?;
        match (parts.kind, value) {
            (LoopKind::OptFlatMap, value @ Val::Optional(_)) => Ok(value),
            (LoopKind::OptFlatMap, other) => {
                let message = format!("the body of `optFlatMap` gives an optional, not {}", other.describe());
                Err(Fault::wrong_type(message).at(&parts.body.span))
            }
            (_, value) => Ok(Val::some(value)),
        }
    }

    fn run_sort(
        &mut self,
        parts: &'a Loop,
        items: impl Iterator<Item = Val<'a>>,
        span: &Span,
    ) -> Result<Val<'a>, Problem> {
        let mut pairs = Vec::new();
        for item in items {
            let key = self.with_item(parts, item.clone(), |machine| machine.run(&parts.body))?;
            pairs.push((key, item));
        }
        lists::sorted(parts.kind.name(), pairs, &self.fuel).map_err(|fault| fault.at(span))
    }

    fn run_filter(
        &mut self,
        parts: &'a Loop,
        items: impl Iterator<Item = Val<'a>>,
    ) -> Result<Val<'a>, Problem> {
        let mut kept = Vec::new();
        for item in items {
            let keep = self
                .with_item(parts, item.clone(), |machine| machine.run_bool(&parts.body, parts.kind.name()))?;
            if keep {
                kept.push(item);
            }
        }
        Ok(Val::list(kept))
    }
}
