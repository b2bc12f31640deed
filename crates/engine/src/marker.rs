//! What makes a call recognisable at the provider.

use crate::event::CallIntended;
use riposte_model::{RunId, StepPath};
use serde::{Deserialize, Serialize};

/// Text that travels with a call where the provider keeps it, unique to run, step and attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marker(String);

impl Marker {
    /// The marker of one attempt of one step of one run: `[riposte run_… isolate #1]`.
    pub fn new(run: RunId, step: &StepPath, attempt: u32) -> Self {
        Marker(format!("[riposte {run} {step} #{attempt}]"))
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What all attempts of the step share.
    pub fn of_any_attempt(&self) -> &str {
        self.0.rfind(" #").map_or(self.0.as_str(), |at| &self.0[..at + 2])
    }
}

impl std::fmt::Display for Marker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl CallIntended {
    /// Whether text that the provider keeps comes from this call, or from an earlier attempt that may turn up in its place.
    /// An attempt of which it is known what it opened is none of these: a step that is retried would be told how the old
    /// action ended, while the new one is under way.
    pub fn is_marked(&self, text: &str) -> bool {
        let shared = self.marker.of_any_attempt();
        text.match_indices(shared).any(|(at, _)| {
            let rest = &text[at + shared.len()..];
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            // What cannot be read as a number may be this one.
            rest[..digits].parse::<u32>().map_or(self.known == 0, |attempt| attempt > self.known)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_model::ActionName;
    use serde_json::Map;

    fn call(attempt: u32, known: u32) -> CallIntended {
        let (run, step) =
            ("run_00000000000000000000000000000001".parse().unwrap(), StepPath::root("evidence").turn(1));
        let (action, marker) = (ActionName::parse("world.strike").unwrap(), Marker::new(run, &step, attempt));
        CallIntended { step, attempt, action, arguments: Map::new(), marker, known }
    }

    #[test]
    fn a_marker_names_run_step_and_attempt() {
        let marker = call(12, 0).marker;
        assert_eq!(marker.as_str(), "[riposte run_00000000000000000000000000000001 evidence[1] #12]");
        assert_eq!(marker.of_any_attempt(), "[riposte run_00000000000000000000000000000001 evidence[1] #");
    }

    #[test]
    fn a_call_is_known_by_its_marker_and_by_those_of_attempts_that_may_turn_up_late() {
        let text = |attempt| format!("{} because", call(attempt, 0).marker);
        assert!(call(3, 0).is_marked(&text(3)) && call(3, 0).is_marked(&text(1)));
        assert!(call(3, 1).is_marked(&text(3)) && call(3, 1).is_marked(&text(2)));
        assert!(!call(3, 1).is_marked(&text(1)), "what attempt 1 opened is known, and is another action");
        assert!(!call(3, 2).is_marked(&text(2)) && call(30, 2).is_marked(&text(20)));
        assert!(!call(3, 0).is_marked("because") && !call(3, 0).is_marked("[riposte run_1 other #3]"));
        // An author may quote an old marker in a comment.
        assert!(call(3, 1).is_marked(&format!("{}{}", text(3), text(1))));
    }
}
