//! Infers types under a scope, and reports everything that can only go wrong.
//!
//! What is not known (an open object, a schema that says nothing) is never complained about; what is known and wrong
//! always is. After a problem the type is unknown, so that one mistake is reported once.

mod access;
mod calls;
mod operators;
mod ty;

use riposte_model::{Schema, Type};

use crate::check::ty::Ty;
use crate::function::Sorts;
use crate::ir::{Element, Entry, Kind, Loop, LoopKind, Node, Span};
use crate::problem::{Problem, ProblemKind};
use crate::scope::Scope;

/// What a check found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The type of the result as far as it is known; [`Schema::any`] if nothing is.
    pub schema: Schema,
    /// Everything wrong, in the order of the text.
    pub problems: Vec<Problem>,
}

/// Checks a whole expression.
pub(crate) fn check(root: &Node, scope: &Scope) -> Checked {
    let mut checker = Checker { scope, locals: Vec::new(), problems: Vec::new() };
    let ty = checker.infer(root);
    if let Ty::Optional(_) = ty {
        checker.problems.push(
            Problem::new(
                ProblemKind::Type,
                root.span.clone(),
                "the result is an optional, which is no value by itself",
                "may be empty",
            )
            .with_help("end with `.orValue(...)`"),
        );
    }
    if let Ty::Type = ty {
        let message = "the result is a type, which is no value by itself";
        let problem = Problem::new(ProblemKind::Type, root.span.clone(), message, "a type");
        checker.problems.push(problem.with_help("compare it, as in `type(x) == string`"));
    }
    checker.problems.sort_by_key(|problem| problem.span.start);
    Checked { schema: ty.into_schema(), problems: checker.problems }
}

struct Checker<'s> {
    scope: &'s Scope,
    /// The types of the loop variables, the outermost first.
    locals: Vec<Ty>,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    /// Notes a problem; what had it has no known type.
    fn complain(&mut self, problem: Problem) -> Ty {
        self.problems.push(problem);
        Ty::any()
    }

    fn complain_type(&mut self, span: &Span, message: impl Into<String>, label: impl Into<String>) -> Ty {
        self.complain(Problem::new(ProblemKind::Type, span.clone(), message, label))
    }

    fn infer(&mut self, node: &Node) -> Ty {
        match &node.kind {
            Kind::Literal(literal) => Ty::of_literal(literal),
            Kind::Root(name) => self.root(name, &node.span),
            Kind::Local(index) => self.locals.get(*index).cloned().unwrap_or_else(Ty::any),
            Kind::Select { operand, name, optional } => {
                let operand = self.infer(operand);
                let ty = self.select(&operand, name, &node.at);
                if *optional { as_optional(ty) } else { ty }
            }
            Kind::Index { operand, index, optional } => {
                let whole = self.infer(operand);
                let position = self.infer(index);
                let ty = self.index(&whole, &position, &operand.span, &index.span);
                if *optional { as_optional(ty) } else { ty }
            }
            Kind::Has { operand, name } => {
                let operand = self.infer(operand);
                self.select(&operand, name, &node.at);
                Ty::boolean()
            }
            Kind::Not(operand) => {
                self.expect_boolean(operand, "!");
                Ty::boolean()
            }
            Kind::Negate(operand) => self.negate(operand),
            Kind::And(left, right) => self.logic(left, right, "&&"),
            Kind::Or(left, right) => self.logic(left, right, "||"),
            Kind::Conditional(parts) => {
                let [test, yes, no] = &**parts;
                self.expect_boolean(test, "? :");
                let yes = self.infer(yes);
                yes.unify(&self.infer(no))
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, &node.span),
            Kind::List(elements) => self.list(elements),
            Kind::Map(entries) => self.map(entries),
            Kind::Call(function, operands) => self.call(*function, operands),
            Kind::Matches(operand, _) => {
                let ty = self.infer(operand);
                self.expect(&ty, Sorts::STRING, "matches", &operand.span);
                Ty::boolean()
            }
            Kind::JsonPath(operand, _) => {
                self.infer(operand);
                Ty::Json(Schema::array(Schema::any()))
            }
            Kind::Loop(parts) => self.repeat(parts),
        }
    }

    /// Complains unless a value of this type can be one of these sorts.
    fn expect(&mut self, ty: &Ty, sorts: Sorts, what: &str, span: &Span) -> bool {
        let fits = ty.sorts().meets(sorts);
        if !fits {
            let message = format!("`{what}` needs {}, not {}", sorts.describe(), ty.describe());
            self.complain_type(span, message, format!("this is {}", ty.describe()));
        }
        fits
    }

    fn expect_boolean(&mut self, node: &Node, what: &str) {
        let ty = self.infer(node);
        self.expect(&ty, Sorts::BOOL, what, &node.span);
    }

    fn logic(&mut self, left: &Node, right: &Node, sign: &str) -> Ty {
        self.expect_boolean(left, sign);
        self.expect_boolean(right, sign);
        Ty::boolean()
    }

    fn list(&mut self, elements: &[Element]) -> Ty {
        let mut items: Option<Ty> = None;
        for element in elements {
            let mut ty = self.infer(&element.value);
            if element.optional {
                ty = self.unwrap_optional(ty, &element.value.span);
            }
            items = Some(items.map_or_else(|| ty.clone(), |items| items.unify(&ty)));
        }
        Ty::array(&items.unwrap_or_else(Ty::any))
    }

    fn map(&mut self, entries: &[Entry]) -> Ty {
        let mut schema = Schema::object();
        let mut known = true;
        for entry in entries {
            let key = self.infer(&entry.key);
            let keys = Sorts::STRING.or(Sorts::INT).or(Sorts::UINT).or(Sorts::BOOL);
            self.expect(&key, keys, "a key of a map", &entry.key.span);
            let mut value = self.infer(&entry.value);
            if entry.optional {
                value = self.unwrap_optional(value, &entry.value.span);
            }
            schema = match entry.key.as_text() {
                Some(name) if entry.optional => schema.optional(name, value.item_schema()),
                Some(name) => schema.required(name, value.item_schema()),
                None => {
                    known = false;
                    schema
                }
            };
        }
        // What has a type is taken for JSON, whose keys are text; a map with other keys may not be.
        if known { Ty::Json(schema) } else { Ty::any() }
    }

    fn unwrap_optional(&mut self, ty: Ty, span: &Span) -> Ty {
        match ty {
            Ty::Optional(inner) => *inner,
            other => {
                self.expect(&other, Sorts::OPTIONAL, "?", span);
                Ty::any()
            }
        }
    }

    fn repeat(&mut self, parts: &Loop) -> Ty {
        let range = self.infer(&parts.range);
        let name = parts.kind.name();
        let optional = matches!(parts.kind, LoopKind::OptMap | LoopKind::OptFlatMap);
        let wanted = match parts.kind {
            LoopKind::OptMap | LoopKind::OptFlatMap => Sorts::OPTIONAL,
            LoopKind::SortBy => Sorts::LIST,
            LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne | LoopKind::Map | LoopKind::Filter => {
                Sorts::LIST.or(Sorts::MAP)
            }
        };
        self.expect(&range, wanted, name, &parts.range.span);
        let item = match &range {
            Ty::Json(Schema { kind: Type::Array { items, .. }, .. }) => Ty::Json((**items).clone()),
            Ty::Json(Schema { kind: Type::Object(_), .. }) => Ty::string(),
            Ty::Optional(inner) if optional => (**inner).clone(),
            _ => Ty::any(),
        };
        self.locals.push(item.clone());
        if let Some(filter) = &parts.filter {
            self.expect_boolean(filter, name);
        }
        let ty = match parts.kind {
            LoopKind::Map => Ty::array(&self.infer(&parts.body)),
            LoopKind::SortBy => {
                self.infer(&parts.body);
                Ty::array(&item)
            }
            LoopKind::OptMap => Ty::optional(self.infer(&parts.body)),
            LoopKind::OptFlatMap => {
                let body = self.infer(&parts.body);
                let fits = self.expect(&body, Sorts::OPTIONAL, name, &parts.body.span);
                if fits { body } else { Ty::optional(Ty::any()) }
            }
            LoopKind::Filter => {
                self.expect_boolean(&parts.body, name);
                Ty::array(&item)
            }
            LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne => {
                self.expect_boolean(&parts.body, name);
                Ty::boolean()
            }
        };
        self.locals.pop();
        ty
    }
}

/// `.?` of what is optional already adds nothing.
fn as_optional(ty: Ty) -> Ty {
    match ty {
        Ty::Optional(_) => ty,
        other => Ty::optional(other),
    }
}
