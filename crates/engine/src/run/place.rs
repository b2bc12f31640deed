//! Where a list of steps stands: what is around it, and what its expressions read besides the run's own values.

use super::Run;
use crate::command::Deadline;
use riposte_expr::Bindings;
use riposte_model::{Failure, StepPath};
use riposte_playbook::Section;
use serde_json::{Value, json};
use std::rc::Rc;

/// The place of a list of steps.
#[derive(Clone)]
pub(super) struct Place<'r> {
    /// The step it is in; `None`: the playbook.
    inside: Option<StepPath>,
    section: Section,
    /// When the time of everything around is over.
    pub(super) deadline: Deadline,
    /// The items of the loops around, by their names.
    items: Vec<(&'r str, &'r Value)>,
    /// The steps that have ended in the turns around, the outermost first.
    turns: Vec<&'r Value>,
    /// What the handlers around see as `failure`.
    failure: Option<Rc<Value>>,
}

impl<'r> Place<'r> {
    /// The playbook's own steps.
    pub(super) fn top() -> Self {
        Place {
            inside: None,
            section: Section::Steps,
            deadline: Deadline::default(),
            items: Vec::new(),
            turns: Vec::new(),
            failure: None,
        }
    }

    /// The path of a step in this list.
    pub(super) fn path(&self, id: &str) -> StepPath {
        self.section.path(self.inside.as_ref(), id)
    }

    /// A list in a step of this one; `None`: in the playbook.
    pub(super) fn within(&self, step: Option<&StepPath>, section: Section, deadline: Deadline) -> Self {
        Place { inside: step.cloned(), section, deadline, ..self.clone() }
    }

    /// The same in a loop's turn.
    pub(super) fn with_item(mut self, name: &'r str, item: &'r Value, ended: Option<&'r Value>) -> Self {
        self.items.push((name, item));
        self.turns.extend(ended);
        self
    }

    /// The same where a failure is dealt with; `None`: where there was none.
    pub(super) fn with_failure(mut self, failure: Option<(&StepPath, &Failure)>) -> Self {
        let value = failure.map_or_else(
            || json!({}),
            |(step, failure)| {
                let error = json!({ "kind": failure.kind.as_str(), "message": failure.message });
                json!({ "step": step.as_str(), "error": error })
            },
        );
        self.failure = Some(Rc::new(value));
        self
    }
}

impl Run {
    /// What expressions read at a place.
    pub(super) fn bindings<'b>(&'b self, place: &'b Place<'_>) -> Bindings<'b> {
        let fixed = &self.scope.fixed;
        let mut bindings = Bindings::new()
            .with_late("inputs", &fixed.inputs)
            .with_late("steps", &fixed.unreached)
            .with_late("trigger", &fixed.trigger)
            .with_late("run", &fixed.run);
        for layer in &self.scope.steps {
            bindings = bindings.with_layer("steps", layer);
        }
        for turn in &place.turns {
            bindings = bindings.with_layer("steps", turn);
        }
        for (name, item) in &place.items {
            bindings = bindings.with(*name, item);
        }
        match &place.failure {
            Some(failure) => bindings.with("failure", failure),
            None => bindings,
        }
    }
}
