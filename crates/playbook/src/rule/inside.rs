//! Steps with steps inside: blocks, parallels, loops.

use super::expression::{At, describe};
use super::outline::Turn;
use super::presence::is_of_failure;
use super::step::Kind;
use super::{Checker, Handler};
use crate::diagnostic::quote;
use crate::yaml::{Field, Fields, Node};
use crate::{Block, Code, Diagnostic, ForEach, OnError, Step, StepKind};
use riposte_expr::Expression;
use riposte_model::{Schema, Type};
use std::ops::Range;

/// The names that are always in scope, and so cannot be an item's.
const ROOTS: [&str; 5] = ["inputs", "steps", "trigger", "run", "failure"];

impl Checker<'_> {
    pub(super) fn block(
        &mut self,
        field: Field<'_>,
        fields: &mut Fields<'_>,
        route: &mut Vec<Turn>,
    ) -> Option<Kind> {
        let (on_failure, always) = (fields.take("on_failure"), fields.take("always"));
        let steps = field.filled_list(&mut self.found).map(|steps| self.steps(steps, route));
        let on_failure = self.handler(on_failure, Handler::OnFailure, None, route);
        let always = self.handler(always, Handler::Always, Some("`always`"), route);
        Some((StepKind::Block(Block { steps: steps?, on_failure, always }), None))
    }

    /// What follows a failure, or follows in any case. `no_stop` says where a `stop` would then stand.
    pub(super) fn handler(
        &mut self,
        field: Option<Field<'_>>,
        handler: Handler,
        no_stop: Option<&'static str>,
        route: &mut Vec<Turn>,
    ) -> Vec<Step> {
        let Some(steps) = field.and_then(|field| field.filled_list(&mut self.found)) else {
            return Vec::new();
        };
        let before = (self.no_stop, self.scopes.failure(Some(failure(handler))));
        self.no_stop = self.no_stop.or(no_stop);
        // What is known of the `failure` around says nothing of the one in here.
        let facts = self.facts.clone();
        self.facts.iter_mut().for_each(|known| known.retain(|fact| !is_of_failure(fact)));
        self.handlers.push(handler);
        route.push(match handler {
            Handler::OnFailure => Turn::OnFailure,
            Handler::Always => Turn::Always,
        });
        let steps = self.steps(steps, route);
        route.pop();
        self.handlers.pop();
        self.facts = facts;
        self.no_stop = before.0;
        self.scopes.failure(before.1);
        steps
    }

    pub(super) fn parallel(
        &mut self,
        field: Field<'_>,
        fields: &mut Fields<'_>,
        route: &mut Vec<Turn>,
    ) -> Option<Kind> {
        let nodes = field.filled_list(&mut self.found);
        let max = self.max(fields);
        let mut branches = Vec::new();
        for (number, node) in nodes?.iter().enumerate() {
            let Some(mut branch) = Fields::of("a branch", node, &mut self.found) else { continue };
            let steps = branch.require("steps", &mut self.found);
            branch.finish(&mut self.found);
            let Some(steps) = steps.and_then(|field| field.filled_list(&mut self.found)) else { continue };
            route.push(Turn::Branch(number));
            branches.push(self.steps(steps, route));
            route.pop();
        }
        let max = max.unwrap_or(branches.len());
        Some((StepKind::Parallel { branches, max }, None))
    }

    fn max(&mut self, fields: &mut Fields<'_>) -> Option<usize> {
        let max = fields.take("max")?.integer(1..=i64::MAX, &mut self.found)?;
        usize::try_from(max).ok()
    }

    pub(super) fn for_each(
        &mut self,
        field: Field<'_>,
        fields: &mut Fields<'_>,
        route: &mut Vec<Turn>,
    ) -> Option<Kind> {
        let name_field = fields.require("as", &mut self.found);
        let steps = fields.require("steps", &mut self.found);
        let outputs = fields.take("outputs");
        let max = self.max(fields);
        let words = [("stop", OnError::Fail), ("continue", OnError::Continue)];
        let on_item_error =
            fields.take("on_item_error").and_then(|field| field.word(&words, &mut self.found));

        let items = self.items(field, At::Step(route));
        let name = name_field.and_then(|field| self.item_name(field));
        let item = items.as_ref().map_or_else(Schema::any, |(_, item)| item.clone());
        if let Some(name) = &name {
            self.scopes.add_item(name, item.clone());
        }
        route.push(Turn::Body);
        let steps = steps.and_then(|field| field.filled_list(&mut self.found));
        let steps = steps.map(|steps| self.steps(steps, route));
        let outputs =
            outputs.map_or_else(Vec::new, |field| self.named_values("an output", field, At::End(route)));
        route.pop();
        if let Some(name) = &name {
            self.scopes.remove_item(name);
        }
        let output = Schema::array(
            Schema::object()
                .required("item", item)
                .required("status", Schema::choice(["succeeded", "failed"]))
                .optional("outputs", super::computed::object_of(&outputs))
                .optional("error", super::scope::error()),
        );
        let each = ForEach {
            items: items?.0,
            name: name?,
            steps: steps?,
            outputs: outputs.into_iter().map(|(name, value)| (name, value.into_computed())).collect(),
            max: max.unwrap_or(1),
            on_item_error: on_item_error.unwrap_or(OnError::Fail),
        };
        Some((StepKind::ForEach(Box::new(each)), Some(output)))
    }

    /// The list, and what its items are.
    fn items(&mut self, field: Field<'_>, at: At<'_>) -> Option<(Expression, Schema)> {
        if let Node::Seq(_) = &field.value.value {
            let problem = field.value.mismatch("`for_each`", "an expression");
            let help = "write the list as text, like `for_each: '[\"one\", \"two\"]'`".to_owned();
            self.found.push(Diagnostic { help: vec![help], ..problem });
            return None;
        }
        let (expression, schema) = self.bare(field, at)?;
        match schema.kind {
            Type::Array { items, .. } => Some((expression, *items)),
            Type::Any => Some((expression, Schema::any())),
            _ => {
                let given = describe(&schema);
                self.found.push(
                    Diagnostic::error(
                        Code::ExpressionType,
                        format!("`for_each` must give a list, not {given}"),
                        field.value.span.clone(),
                        format!("this gives {given}"),
                    )
                    .with_help("name a list, or make one with `.map(…)` or `.filter(…)`"),
                );
                None
            }
        }
    }

    fn item_name(&mut self, field: Field<'_>) -> Option<String> {
        let text = field.text(&mut self.found)?;
        let name = &text.value;
        if !super::name::check_identifier("an item's name", name, &field.value.span, &mut self.found) {
            return None;
        }
        let is_readable = Expression::parse(name).is_ok_and(|expression| {
            matches!(expression.references().as_slice(), [one] if one.route() == [name.as_str()])
        });
        if ROOTS.contains(&name.as_str()) || self.scopes.has_item(name) || !is_readable {
            self.found.push(self.hidden_name(name, field.value.span.clone()));
            return None;
        }
        Some(name.clone())
    }

    fn hidden_name(&self, name: &str, span: Range<usize>) -> Diagnostic {
        let (message, label) = if ROOTS.contains(&name) {
            (format!("{} is always in scope, and cannot be an item's name", quote(name)), "would hide it")
        } else if self.scopes.has_item(name) {
            (format!("{} is the item of a loop around this one", quote(name)), "would hide it")
        } else {
            (format!("{} is a word of the expression language", quote(name)), "cannot be read")
        };
        Diagnostic::error(Code::HiddenName, message, span, label)
            .with_help("choose a name that says what an item is, like `device`")
    }
}

/// What is known of `failure`.
fn failure(handler: Handler) -> Schema {
    let failure = Schema::object();
    match handler {
        Handler::OnFailure => {
            failure.required("step", Schema::string()).required("error", super::scope::error())
        }
        Handler::Always => {
            failure.optional("step", Schema::string()).optional("error", super::scope::error())
        }
    }
}
