//! When a failed call is tried again.

use super::Checker;
use crate::retry::{Jitter, MAX_ATTEMPTS, Policy, PolicyError};
use crate::yaml::{Field, Fields, Node};
use crate::{Code, Diagnostic};
use riposte_model::ErrorKind;

impl Checker<'_> {
    /// What is not written is as in the default policy.
    pub(super) fn retry(&mut self, field: Field<'_>) -> Option<Policy> {
        if let Node::Int(attempts) = field.value.value {
            let problem = field.value.mismatch("`retry`", "a mapping");
            let help = format!("write `{{ attempts: {attempts} }}`");
            self.found.push(Diagnostic { help: vec![help], ..problem });
            return None;
        }
        let before = self.found.len();
        let mut fields = Fields::of("`retry`", field.value, &mut self.found)?;
        let default = Policy::default();
        let attempts = fields.take("attempts");
        let initial = fields.take("initial");
        let factor = fields.take("factor");
        let max = fields.take("max");
        let jitter = fields.take("jitter");
        let on = fields.take("on");
        fields.finish(&mut self.found);

        let most = i64::from(MAX_ATTEMPTS);
        let read_attempts = attempts.map(|field| field.integer(1..=most, &mut self.found));
        let read_initial = initial.map(|field| field.duration(&mut self.found));
        let read_factor = factor.map(|field| field.number(&mut self.found));
        let read_max = max.map(|field| field.duration(&mut self.found));
        let words = [("equal", Jitter::Equal), ("none", Jitter::None)];
        let read_jitter = jitter.map(|field| field.word(&words, &mut self.found));
        let read_on = on.map(|field| self.kinds(field));
        if self.found.len() > before {
            return None;
        }
        let policy = Policy::new(
            read_attempts
                .flatten()
                .and_then(|attempts| u32::try_from(attempts).ok())
                .unwrap_or(default.attempts()),
            read_initial.flatten().unwrap_or(default.initial()),
            read_factor.flatten().unwrap_or(default.factor()),
            read_max.flatten().unwrap_or(default.max()),
            read_jitter.flatten().unwrap_or(default.jitter()),
            read_on,
        );
        let error = match policy {
            Ok(policy) => return Some(policy),
            Err(error) => error,
        };
        let place = match error {
            PolicyError::Attempts => attempts,
            PolicyError::Initial => initial.or(max),
            PolicyError::Factor => factor,
            PolicyError::Max => max,
            PolicyError::Kind(_) => on,
        };
        let span = place.map_or(field.value.head(), |field| field.value.span.clone());
        self.found.push(Diagnostic::error(Code::Retry, error.to_string(), span, "makes no sense"));
        None
    }

    /// The kinds of failure that are tried again. Those that never are stay out, so that each is told about.
    fn kinds(&mut self, field: Field<'_>) -> Vec<ErrorKind> {
        let mut kinds = Vec::new();
        let words = ErrorKind::ALL.map(|kind| (kind.as_str(), kind));
        for item in field.filled_list(&mut self.found).unwrap_or_default() {
            if matches!(item.value, Node::Str(_)) {
                let Some(kind) = (Field { key: field.key, value: item }).word(&words, &mut self.found) else {
                    continue;
                };
                if Policy::may_repeat(kind) {
                    kinds.push(kind);
                } else {
                    let repeatable = ErrorKind::ALL.into_iter().filter(|kind| Policy::may_repeat(*kind));
                    let repeatable: Vec<&str> = repeatable.map(ErrorKind::as_str).collect();
                    self.found.push(
                        Diagnostic::error(
                            Code::Retry,
                            PolicyError::Kind(kind).to_string(),
                            item.span.clone(),
                            "never retried",
                        )
                        .with_help(format!("kinds that are: {}", crate::diagnostic::list(repeatable))),
                    );
                }
            } else {
                self.found.push(item.mismatch("a kind of failure", "text"));
            }
        }
        kinds
    }
}
