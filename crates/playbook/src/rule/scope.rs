//! What expressions may read, and what is known of it.

use crate::Inputs;
use crate::yaml::Spanned;
use indexmap::IndexMap;
use riposte_expr::{Reference, Scope};
use riposte_model::{ErrorKind, Schema};
use std::collections::HashMap;
use std::ops::Range;

/// The names in scope, for triggers and for steps.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// Where each input is declared, in order.
    pub(super) inputs: IndexMap<String, DeclaredInput>,
    trigger: Scope,
    run: Scope,
    /// `steps.<id>` of every step that was checked.
    steps: HashMap<String, Schema>,
    /// The items of the loops around, the outermost first.
    items: Vec<String>,
}

/// An input, as triggers see it.
#[derive(Clone, Debug)]
pub(super) struct DeclaredInput {
    /// Its name in the file.
    pub(super) span: Range<usize>,
    /// Whether a run starts without it.
    pub(super) has_default: bool,
    /// Whether an expression reads it.
    pub(super) is_read: bool,
}

impl Scopes {
    pub(super) fn place_input(&mut self, name: &Spanned<String>, has_default: bool) {
        let input = DeclaredInput { span: name.span.clone(), has_default, is_read: false };
        self.inputs.insert(name.value.clone(), input);
    }

    /// Remembers which inputs are read. Whoever reads all of them at once, or one that is computed, reads each.
    pub(super) fn note_reads(&mut self, references: &[Reference]) {
        for reference in references.iter().filter(|reference| reference.root() == "inputs") {
            match reference.segments.get(1) {
                Some(segment) => {
                    if let Some(input) = self.inputs.get_mut(&segment.name) {
                        input.is_read = true;
                    }
                }
                None => self.inputs.values_mut().for_each(|input| input.is_read = true),
            }
        }
    }

    /// Puts everything in scope that does not depend on the place.
    pub(super) fn declare(&mut self, inputs: &Inputs) {
        let trigger = Schema::object()
            .required("kind", Schema::choice(["manual", "webhook", "schedule", "call"]))
            .required("name", Schema::string())
            .required("at", Schema::string())
            .required("body", Schema::any());
        let run = Schema::object()
            .required("id", Schema::string())
            .required("playbook", Schema::string())
            .required("started_at", Schema::string());
        self.trigger = Scope::new().with("inputs", inputs.schema()).with("trigger", trigger.clone());
        self.run = Scope::new()
            .with("inputs", inputs.schema())
            .with("steps", Schema::object())
            .with("trigger", trigger)
            .with("run", run);
    }

    /// Makes a step readable for those after it.
    pub(super) fn add_step(&mut self, id: &str, output: Option<Schema>) {
        self.steps.insert(id.to_owned(), step(output));
    }

    /// Puts a loop's item in scope.
    pub(super) fn add_item(&mut self, name: &str, schema: Schema) {
        self.items.push(name.to_owned());
        self.run.insert(name, schema);
    }

    /// Takes it away again.
    pub(super) fn remove_item(&mut self, name: &str) {
        self.items.retain(|item| item != name);
        self.run.remove(name);
    }

    pub(super) fn has_item(&self, name: &str) -> bool {
        self.items.iter().any(|item| item == name)
    }

    /// Puts `failure` in scope, or takes it away; gives back what was there.
    pub(super) fn failure(&mut self, schema: Option<Schema>) -> Option<Schema> {
        let before = self.run.get("failure").cloned();
        match schema {
            Some(schema) => self.run.insert("failure", schema),
            None => self.run.remove("failure"),
        }
        before
    }

    pub(super) fn trigger(&self) -> &Scope {
        &self.trigger
    }

    /// The scope of a step that reads these other steps.
    ///
    /// Only those: with all of them a long playbook would copy every step's output for every expression. Whether a
    /// step exists and has ended is not asked of this scope.
    pub(super) fn run<'i>(&mut self, reads: impl IntoIterator<Item = &'i str>) -> &Scope {
        let mut steps = Schema::object();
        for id in reads {
            if steps.as_object().is_some_and(|object| !object.properties.contains_key(id)) {
                steps = steps.required(id, self.steps.get(id).cloned().unwrap_or_else(Schema::any));
            }
        }
        self.run.insert("steps", steps);
        &self.run
    }
}

/// What is known of one step that has ended.
fn step(output: Option<Schema>) -> Schema {
    let step = Schema::object().required("status", Schema::choice(["succeeded", "failed", "skipped"]));
    let step = match output {
        Some(output) => step.optional("output", output),
        None => step,
    };
    step.optional("error", error())
        .optional("started_at", Schema::string())
        .optional("finished_at", Schema::string())
}

/// What is known of a failure's `error`.
pub(super) fn error() -> Schema {
    Schema::object()
        .required("kind", Schema::choice(ErrorKind::ALL.map(ErrorKind::as_str)))
        .required("message", Schema::string())
}
