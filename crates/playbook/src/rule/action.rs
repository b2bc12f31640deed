//! Calls of connectors.

use super::Checker;
use super::computed::Typed;
use super::expression::At;
use crate::diagnostic::{list, quote};
use crate::yaml::{Field, Fields, Node};
use crate::{ActionStep, Await, Code, Diagnostic, StepKind, suggest};
use riposte_model::{ActionSpec, ObjectSchema, Schema};
use std::ops::Range;
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn action(
        &mut self,
        field: Field<'_>,
        fields: &mut Fields<'_>,
        at: At<'_>,
    ) -> Option<(StepKind, Option<Schema>)> {
        let spec = self.spec(field);
        let with = self.arguments(spec.as_deref(), field, fields.take("with"), at);
        let retry = fields.take("retry").map(|field| self.retry(field));
        let select = fields.take("select").map(|field| self.path("`select`", field.value));
        let until = fields.take("await").map(|field| self.until(spec.as_deref(), field));
        let spec = spec?;
        let output = match select {
            Some(_) => Schema::array(Schema::any()),
            None => spec.output.clone(),
        };
        let action = ActionStep {
            spec,
            with: with.into_iter().map(|(name, value)| (name, value.into_computed())).collect(),
            retry: retry.unwrap_or_else(|| Some(self.defaults.retry.clone().unwrap_or_default()))?,
            select: select.flatten(),
            until: until.flatten().unwrap_or(Await::Completed),
        };
        Some((StepKind::Action(Box::new(action)), Some(output)))
    }

    fn spec(&mut self, field: Field<'_>) -> Option<Arc<ActionSpec>> {
        let name = &field.text(&mut self.found)?.value;
        if let Some(spec) = self.catalogue.get(name) {
            return Some(Arc::clone(spec));
        }
        let connection = name.split_once('.').map_or(name.as_str(), |(connection, _)| connection);
        let siblings = || self.catalogue.iter().filter(|spec| spec.name.connection() == connection);
        let near = suggest(name, self.catalogue.names(), "").filter(|help| help.starts_with("did"));
        let help = near.unwrap_or_else(|| {
            if siblings().next().is_some() {
                return format!(
                    "actions of `{connection}`: {}",
                    list(siblings().map(|spec| spec.name.as_str()))
                );
            }
            let mut connections: Vec<&str> =
                self.catalogue.iter().map(|spec| spec.name.connection()).collect();
            connections.dedup();
            match connections.is_empty() {
                true => "there are no actions at all".to_owned(),
                false => {
                    format!("an action is called `connection.operation`; connections: {}", list(connections))
                }
            }
        });
        self.found.push(
            Diagnostic::error(
                Code::UnknownAction,
                format!("no action is called {}", quote(name)),
                field.value.span.clone(),
                "not in the catalogue",
            )
            .with_help(help),
        );
        None
    }

    /// The arguments, against what the action takes. Those of an unknown action are still looked into.
    fn arguments(
        &mut self,
        spec: Option<&ActionSpec>,
        action: Field<'_>,
        with: Option<Field<'_>>,
        at: At<'_>,
    ) -> Vec<(String, Typed)> {
        let takes = spec.and_then(|spec| spec.arguments.as_object());
        let mut given = Vec::new();
        let entries = match with {
            None => &[][..],
            // `with:` and nothing below it.
            Some(field) if field.value.value == Node::Null => &[][..],
            Some(field) => match field.mapping(&mut self.found) {
                Some(entries) => entries,
                None => return given,
            },
        };
        for (name, node) in entries {
            if self.found.is_full() {
                return given;
            }
            let property = takes.and_then(|takes| takes.properties.get(&name.value));
            if let (Some(spec), Some(takes), None) = (spec, takes, property)
                && !takes.open
            {
                self.found.push(unknown_argument(spec, takes, &name.value, &name.span, &action.value.span));
            }
            let value = self.value(node, at);
            if let Some(property) = property {
                self.fit(
                    Code::WrongArgument,
                    &property.schema,
                    node,
                    &value,
                    std::slice::from_ref(&name.value),
                );
            }
            given.push((name.value.clone(), value));
        }
        if let (Some(spec), Some(takes)) = (spec, takes) {
            let place = with.map_or(action.value.span.clone(), |with| with.key.span.clone());
            self.missing_arguments(spec, takes, &given, &place);
        }
        given
    }

    fn missing_arguments(
        &mut self,
        spec: &ActionSpec,
        takes: &ObjectSchema,
        given: &[(String, Typed)],
        place: &Range<usize>,
    ) {
        let missing: Vec<&str> = takes
            .properties
            .iter()
            .filter(|(name, property)| {
                property.required
                    && property.default.is_none()
                    && !given.iter().any(|(given, _)| given == *name)
            })
            .map(|(name, _)| name.as_str())
            .collect();
        if !missing.is_empty() {
            let arguments = if missing.len() == 1 { "the argument" } else { "the arguments" };
            self.found.push(
                Diagnostic::error(
                    Code::MissingArgument,
                    format!("`{}` needs {arguments} {}", spec.name, list(missing.iter().copied())),
                    place.clone(),
                    format!(
                        "{} {} missing",
                        list(missing.iter().copied()),
                        if missing.len() == 1 { "is" } else { "are" }
                    ),
                )
                .with_help(format!("`riposte actions {}` shows what it takes", spec.name)),
            );
        }
    }

    fn until(&mut self, spec: Option<&ActionSpec>, field: Field<'_>) -> Option<Await> {
        let until =
            field.word(&[("completed", Await::Completed), ("accepted", Await::Accepted)], &mut self.found)?;
        if let Some(spec) = spec.filter(|spec| spec.completion.is_answer()) {
            self.found.push(
                Diagnostic::error(
                    Code::NothingToAwait,
                    format!("`{}` ends with its answer: there is nothing to await", spec.name),
                    field.key.span.clone(),
                    "nothing to await",
                )
                .with_help("remove `await`"),
            );
        }
        Some(until)
    }
}

fn unknown_argument(
    spec: &ActionSpec,
    takes: &ObjectSchema,
    name: &str,
    span: &Range<usize>,
    action: &Range<usize>,
) -> Diagnostic {
    let help = match takes.properties.is_empty() {
        true => Some("it takes no arguments".to_owned()),
        false => suggest(name, takes.properties.keys().map(String::as_str), "its arguments"),
    };
    Diagnostic::error(
        Code::UnknownArgument,
        format!("`{}` takes no argument {}", spec.name, quote(name)),
        span.clone(),
        "unknown argument",
    )
    .with_secondary(action.clone(), "of this action")
    .with_help_if(help)
}
