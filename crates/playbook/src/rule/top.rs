//! The keys of the file itself.

use super::expression::At;
use super::scope::Scopes;
use super::{Checker, Outline};
use crate::load::Found;
use crate::report::LineIndex;
use crate::yaml::{Field, Fields, Node, Spanned};
use crate::{Code, Computed, Diagnostic, Inputs, Playbook};
use riposte_model::{Catalogue, SourceHash};
use std::sync::Arc;

/// Keys of the language that are not served yet.
const UNSERVED: [&str; 4] = ["on_failure", "always", "defaults", "concurrency"];

/// Checks a whole file. Without a playbook there is at least one problem.
pub(crate) fn playbook(
    source: &Arc<str>,
    root: &Spanned<Node>,
    catalogue: &Catalogue,
    found: Found,
) -> (Option<Playbook>, Found) {
    let mut checker = Checker {
        source,
        lines: LineIndex::new(source),
        catalogue,
        outline: Outline::default(),
        scopes: Scopes::default(),
        patterns: 0,
        expressions: 0,
        found,
    };
    let playbook = checker.playbook(source, root);
    (playbook, checker.found)
}

impl Checker<'_> {
    fn playbook(&mut self, source: &Arc<str>, root: &Spanned<Node>) -> Option<Playbook> {
        if root.value == Node::Null {
            let problem = Diagnostic::error(Code::Empty, "the file is empty", root.span.clone(), "");
            self.found.push(problem.with_help("a playbook has at least `name` and `steps`"));
            return None;
        }
        let mut fields = Fields::of("a playbook", root, &mut self.found)?.unserved(&UNSERVED);
        let name = fields.require("name", &mut self.found).and_then(|field| self.playbook_name(field));
        let description = fields.take("description").and_then(|field| field.text(&mut self.found));
        let inputs = fields.take("inputs");
        let triggers = fields.take("triggers");
        let steps = fields.require("steps", &mut self.found);
        let outputs = fields.take("outputs");
        fields.finish(&mut self.found);

        let inputs = inputs.map_or_else(Inputs::default, |field| self.inputs(field));
        self.scopes.declare(&inputs);
        let steps = steps.and_then(|field| field.filled_list(&mut self.found));
        self.outline = Outline::of(steps.unwrap_or_default(), &mut self.found);
        let triggers = triggers.map_or_else(Vec::new, |field| self.triggers(field, &inputs));
        let steps = steps.map(|steps| self.steps(steps, &mut Vec::new()));
        let outputs = outputs.map_or_else(Vec::new, |field| self.outputs(field));
        self.unused_inputs();
        Some(Playbook {
            name: name?,
            hash: SourceHash::of(source),
            source: Arc::clone(source),
            description: description.map(|text| text.value.clone()),
            inputs,
            triggers,
            steps: steps?,
            outputs,
        })
    }

    fn outputs(&mut self, field: Field<'_>) -> Vec<(String, Computed)> {
        let named = self.named_values("an output", field, At::End);
        named.into_iter().map(|(name, value)| (name, value.into_computed())).collect()
    }
}
