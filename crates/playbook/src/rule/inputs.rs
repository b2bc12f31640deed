//! What a run needs to start.

use super::Checker;
use crate::Inputs;
use crate::yaml::Field;
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
            let (schema, default) = self.property(node).unwrap_or((Schema::any(), None));
            self.scopes.place_input(name, default.is_some());
            properties.insert(name.value.clone(), Property { schema, required: true, default });
        }
        Inputs::new(ObjectSchema { properties, open: false })
    }
}
