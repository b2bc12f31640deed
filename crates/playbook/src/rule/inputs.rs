//! What a run needs to start.

use super::Checker;
use super::schema::Declares;
use crate::diagnostic::quote;
use crate::yaml::Field;
use crate::{Code, Diagnostic, Inputs, Severity};
use indexmap::IndexMap;
use riposte_model::{ObjectSchema, Property, Schema};

impl Checker<'_> {
    /// Declarations that cannot be read are there all the same, as anything: nobody is told twice.
    pub(super) fn inputs(&mut self, field: Field<'_>) -> Inputs {
        let mut properties = IndexMap::new();
        for (name, node) in field.mapping(&mut self.found).unwrap_or_default() {
            if self.found.is_full() {
                break;
            }
            self.identifier("an input's name", name);
            let (schema, default) = self.property(node, Declares::Input).unwrap_or((Schema::any(), None));
            self.scopes.place_input(name, default.is_some());
            properties.insert(name.value.clone(), Property { schema, required: true, default });
        }
        Inputs::new(ObjectSchema { properties, open: false })
    }

    /// Tells which inputs nothing reads. Only of a file without errors: what could not be read may be what reads them.
    pub(super) fn unused_inputs(&mut self) {
        if self.found.iter().any(|problem| problem.severity == Severity::Error) {
            return;
        }
        for (name, input) in &self.scopes.inputs {
            if !input.is_read && !self.found.is_full() {
                self.found.push(
                    Diagnostic::warning(
                        Code::UnusedInput,
                        format!("nothing reads the input {}", quote(name)),
                        input.span.clone(),
                        "declared, and never read",
                    )
                    .with_help(format!("read it as `inputs.{name}`, or remove it")),
                );
            }
        }
    }
}
