//! Webhooks: what a sender must prove, and what of its body becomes the inputs of runs.

use super::Checker;
use super::expression::{At, describe};
use crate::diagnostic::quote;
use crate::yaml::{Field, Fields, Node, Spanned};
use crate::{Binding, Code, Dedupe, Diagnostic, Webhook, suggest};
use riposte_expr::Expression;
use riposte_model::Type;
use std::collections::HashSet;
use std::ops::Range;

impl Checker<'_> {
    /// A webhook, and where its name stands.
    pub(super) fn webhook(&mut self, node: &Spanned<Node>) -> Option<(Webhook, Range<usize>)> {
        let mut fields = Fields::of("a trigger", node, &mut self.found)?;
        let name_field = fields.require("webhook", &mut self.found);
        let auth = fields.take("auth");
        let each = fields.take("each");
        let bind = fields.take("bind");
        let condition = fields.take("if");
        let dedupe = fields.take("dedupe");
        let head = name_field.map_or(fields.head(), |field| field.value.span.clone());
        let auth_is_misspelt = auth.is_none() && fields.misspelt("auth", &mut self.found);
        fields.finish(&mut self.found);

        let name = name_field.and_then(|field| self.webhook_name(field));
        let auth = if auth_is_misspelt { None } else { self.auth(auth, &head) };
        let each = each.map(|field| self.path("`each`", field.value));
        let binding = self.bindings(bind, &head);
        let condition = condition.map(|field| self.condition(field, At::Trigger));
        let dedupe = dedupe.map(|field| self.dedupe(field));
        let webhook = Webhook {
            name: name?,
            auth: auth?,
            each: each.flatten(),
            bind: binding,
            condition: condition.flatten(),
            dedupe: dedupe.flatten(),
        };
        Some((webhook, head))
    }

    fn bindings(&mut self, field: Option<Field<'_>>, head: &Range<usize>) -> Vec<Binding> {
        let mut bindings = Vec::new();
        let mut bound = HashSet::new();
        for (input, node) in field.and_then(|field| field.mapping(&mut self.found)).unwrap_or_default() {
            if self.found.is_full() {
                return bindings;
            }
            bound.insert(input.value.as_str());
            if !self.scopes.inputs.contains_key(&input.value) {
                let names = self.scopes.inputs.keys().map(String::as_str);
                let problem = Diagnostic::error(
                    Code::UnknownInput,
                    format!("no input is called {}", quote(&input.value)),
                    input.span.clone(),
                    "not declared under `inputs`",
                );
                self.found.push(problem.with_help_if(suggest(&input.value, names, "inputs")));
            }
            bindings.extend(self.binding(input, node));
        }
        let place = field.map_or(head.clone(), |field| field.key.span.clone());
        for (name, input) in &self.scopes.inputs {
            if !input.has_default && !bound.contains(name.as_str()) && !self.found.is_full() {
                self.found.push(
                    Diagnostic::error(
                        Code::UnboundInput,
                        format!("this trigger gives the input {} no value", quote(name)),
                        place.clone(),
                        format!("{} is not bound", quote(name)),
                    )
                    .with_secondary(input.span.clone(), "declared here, without a default")
                    .with_help(format!("bind it, like `{name}: $.{name}`, or give it a `default`")),
                );
            }
        }
        bindings
    }

    /// A path, or `{ path, optional }`.
    fn binding(&mut self, input: &Spanned<String>, node: &Spanned<Node>) -> Option<Binding> {
        let Node::Map(_) = &node.value else {
            let path = self.path(&quote(&input.value), node)?;
            return Some(Binding { input: input.value.clone(), path, optional: false });
        };
        let mut fields = Fields::of("a binding", node, &mut self.found)?;
        let path = fields.require("path", &mut self.found);
        let optional_field = fields.take("optional");
        fields.finish(&mut self.found);
        let optional = optional_field.and_then(|field| field.boolean(&mut self.found)).unwrap_or(false);
        if let (true, Some(field), Some(declared)) =
            (optional, optional_field, self.scopes.inputs.get(&input.value))
            && !declared.has_default
        {
            self.found.push(
                Diagnostic::warning(
                    Code::OptionalBinding,
                    format!("{} has no default, so a run cannot start without it", quote(&input.value)),
                    field.key.span.clone(),
                    "changes nothing",
                )
                .with_secondary(declared.span.clone(), "declared here, without a default")
                .with_help("give the input a `default`"),
            );
        }
        let path = self.path("`path`", path?.value)?;
        Some(Binding { input: input.value.clone(), path, optional })
    }

    fn dedupe(&mut self, field: Field<'_>) -> Option<Dedupe> {
        let mut fields = Fields::of("`dedupe`", field.value, &mut self.found)?;
        let key_field = fields.require("key", &mut self.found);
        let window = fields.require("window", &mut self.found);
        fields.finish(&mut self.found);
        let help = "name one value that two deliveries of the same event share";
        let key = key_field.and_then(|field| self.key(field, help));
        let window = window.and_then(|field| field.duration(&mut self.found));
        Some(Dedupe { key: key?, window: window? })
    }

    /// An expression that tells deliveries, or runs, apart.
    pub(super) fn key(&mut self, field: Field<'_>, help: &str) -> Option<Expression> {
        let (key, schema) = self.bare(field, At::Trigger)?;
        if let Type::Array { .. } | Type::Object(_) | Type::Null = &schema.kind {
            self.found.push(
                Diagnostic::error(
                    Code::DedupeKey,
                    format!("`key` must give text, a number or a boolean, not {}", describe(&schema)),
                    field.value.span.clone(),
                    format!("this gives {}", describe(&schema)),
                )
                .with_help(help),
            );
        }
        Some(key)
    }
}
