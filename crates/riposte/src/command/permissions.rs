//! Permissions that playbooks need and the application lacks, in words.

use riposte_model::ActionSpec;

/// What to do about a permission that is missing.
pub(super) const GRANT: &str = "grant it in Entra, with admin consent";

/// What is missing for an action, and what comes of that.
pub(super) fn ungranted(action: &ActionSpec) -> String {
    format!(
        "the application has not been granted {}: `{}` will fail as `forbidden`",
        action.permissions.application.join(" or "),
        action.name
    )
}
