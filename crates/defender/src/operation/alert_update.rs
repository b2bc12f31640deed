use crate::{
    request::RequestParts,
    resource::{AlertClassification, AlertDetermination, AlertStatus},
};

/// What is to be changed of one or many alerts. What is None stays.
///
/// State is set, so repeating it is harmless; a comment is added by each call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertUpdate {
    /// `New`, `InProgress` or `Resolved`.
    pub status: Option<AlertStatus>,
    /// Who works on it.
    pub assigned_to: Option<String>,
    /// Verdict.
    pub classification: Option<AlertClassification>,
    /// Finer verdict; which one goes with which verdict is on the page.
    pub determination: Option<AlertDetermination>,
    /// A comment to add; may be sent alone.
    pub comment: Option<String>,
}

impl AlertUpdate {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == AlertUpdate::default()
    }

    /// Adds what is to be changed to a body; the verdicts as the page spells them that is asked.
    pub(super) fn write(
        &self,
        parts: RequestParts,
        classification: impl Fn(&AlertClassification) -> &str,
        determination: impl Fn(&AlertDetermination) -> &str,
    ) -> RequestParts {
        // One page's table capitalises these names; the examples, which work, do not.
        parts
            .optional_field("status", self.status.as_ref().map(AlertStatus::as_str))
            .optional_field("assignedTo", self.assigned_to.as_deref())
            .optional_field("classification", self.classification.as_ref().map(classification))
            .optional_field("determination", self.determination.as_ref().map(determination))
            .optional_field("comment", self.comment.as_deref())
    }
}
