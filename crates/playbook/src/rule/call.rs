//! Calls of other playbooks.

use super::Checker;
use super::expression::At;
use super::step::Kind;
use crate::diagnostic::{list, quote};
use crate::plan::CallStep;
use crate::signature::{Called, Signature};
use crate::yaml::{Field, Fields, Node};
use crate::{Code, Diagnostic, StepKind, suggest};
use riposte_model::{PlaybookName, Property, Schema};

impl<'a> Checker<'a> {
    /// What the playbook takes and gives that a call names; `None` if that is not known, which is told if it is a mistake.
    fn signature(&mut self, name: &PlaybookName, field: Field<'_>) -> Option<&'a Signature> {
        let callable = self.callable?;
        let span = field.value.span.clone();
        let problem = match callable.get(name) {
            Some(Called::Sound(signature)) => return Some(signature),
            Some(Called::Unchecked) => return None,
            Some(Called::Broken(file)) => Diagnostic::error(
                Code::BrokenPlaybook,
                format!("{} cannot be called as it is", quote(name.as_str())),
                span,
                format!("{file} has errors"),
            )
            .with_help("mend it first; what this call gives it has not been checked"),
            None => Diagnostic::error(
                Code::UnknownPlaybook,
                format!("no playbook is called {}", quote(name.as_str())),
                span,
                "not among the playbooks that are loaded",
            )
            .with_help_if(suggest(name.as_str(), callable.names(), "playbooks")),
        };
        self.found.push(problem);
        None
    }

    pub(super) fn call(&mut self, field: Field<'_>, fields: &mut Fields<'_>, at: At<'_>) -> Option<Kind> {
        let name = self.playbook_name(field);
        let signature = name.as_ref().and_then(|name| self.signature(name, field));
        let called = name.as_ref().map_or_else(String::new, ToString::to_string);
        let takes = signature.as_ref().map(|signature| signature.inputs.schema());
        let entries = match fields.take("with") {
            None => &[][..],
            Some(with) if with.value.value == Node::Null => &[][..],
            Some(with) => with.mapping(&mut self.found)?,
        };
        let mut with = Vec::new();
        for (input, node) in entries {
            if self.found.is_full() {
                return None;
            }
            let value = self.value(node, at);
            if let Some(takes) = takes.as_ref().and_then(Schema::as_object) {
                match takes.properties.get(&input.value) {
                    Some(property) => {
                        let route = std::slice::from_ref(&input.value);
                        self.fit(Code::WrongArgument, &property.schema, node, &value, route);
                    }
                    None => {
                        let help = match takes.properties.is_empty() {
                            true => Some("it takes no inputs".to_owned()),
                            false => suggest(
                                &input.value,
                                takes.properties.keys().map(String::as_str),
                                "its inputs",
                            ),
                        };
                        self.found.push(
                            Diagnostic::error(
                                Code::UnknownArgument,
                                format!("{} takes no input {}", quote(&called), quote(&input.value)),
                                input.span.clone(),
                                "unknown input",
                            )
                            .with_secondary(field.value.span.clone(), "of this playbook")
                            .with_help_if(help),
                        );
                    }
                }
            }
            with.push((input.value.clone(), value.into_computed()));
        }
        if let Some(takes) = takes.as_ref().and_then(Schema::as_object) {
            let needed = |(name, property): (&String, &Property)| {
                (property.default.is_none() && !with.iter().any(|(given, _)| given == name))
                    .then(|| name.clone())
            };
            let missing: Vec<String> = takes.properties.iter().filter_map(needed).collect();
            if let Some(first) = missing.first() {
                let names = list(missing.iter().map(String::as_str));
                self.found.push(
                    Diagnostic::error(
                        Code::MissingArgument,
                        format!("{} needs {names}", quote(&called)),
                        field.value.span.clone(),
                        format!("{names} {} missing", if missing.len() == 1 { "is" } else { "are" }),
                    )
                    .with_help(format!("give it under `with`, like `{first}: ${{{{ inputs.{first} }}}}`")),
                );
            }
        }
        let output = signature.map_or_else(Schema::any, |signature| signature.outputs.clone());
        Some((StepKind::Call(Box::new(CallStep { playbook: name?, with })), Some(output)))
    }
}
