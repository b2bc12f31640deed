//! `defender.create_indicator`

use crate::defender::entity::{Single, indicator, indicator_argument, indicator_permissions, new_indicator};
use crate::defender::shape::{self, name, without_annotations};
use riposte_defender::CreateIndicator;
use riposte_model::{ActionSpec, Effect, Priority};

/// Submits an indicator, or changes the one of this value and type. Effect: `idempotent`. Source: "Submit or Update Indicator API".
pub(super) const ACTION: Single<CreateIndicator> = Single {
    spec,
    operation: |arguments| Ok(CreateIndicator { indicator: new_indicator(arguments) }),
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("create_indicator"),
        summary: "Block, allow or audit a file, address, domain or URL; one of this value and type is changed",
        arguments: indicator_argument(),
        output: indicator(),
        effect: Effect::Idempotent,
        priority: Priority::Containment,
        inverse: Some(name("delete_indicator")),
        permissions: indicator_permissions(),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/post-ti-indicator",
        ..shape::question()
    }
}
