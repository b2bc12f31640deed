//! What starts a run.

use super::Checker;
use crate::diagnostic::{nearest_spelling, quote};
use crate::yaml::{Field, Node, Spanned};
use crate::{Code, Diagnostic, Inputs, Schedule, Trigger};
use std::collections::HashMap;
use std::ops::Range;

/// What a trigger can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Webhook,
    Schedule,
}

/// Keys that only a schedule has; the others are a webhook's.
const OF_SCHEDULES: [&str; 5] = ["timezone", "missed", "overlap", "jitter", "inputs"];

impl Checker<'_> {
    pub(super) fn triggers(&mut self, field: Field<'_>, inputs: &Inputs) -> Vec<Trigger> {
        let mut names: HashMap<String, Range<usize>> = HashMap::new();
        let mut schedules: Vec<(Schedule, Range<usize>)> = Vec::new();
        let mut triggers = Vec::new();
        for node in field.list(&mut self.found).unwrap_or_default() {
            if self.found.is_full() {
                break;
            }
            match self.trigger_kind(node) {
                None => {}
                Some(Kind::Webhook) => {
                    let Some((webhook, name)) = self.webhook(node) else { continue };
                    match names.get(&webhook.name) {
                        Some(first) => self.found.push(
                            Diagnostic::error(
                                Code::DuplicateTrigger,
                                format!("two triggers are called {}", quote(&webhook.name)),
                                name,
                                "used a second time here",
                            )
                            .with_secondary(first.clone(), "first used here"),
                        ),
                        None => {
                            names.insert(webhook.name.clone(), name);
                        }
                    }
                    triggers.push(Trigger::Webhook(webhook));
                }
                Some(Kind::Schedule) => {
                    let Some((schedule, place)) = self.schedule(node, inputs) else { continue };
                    self.doubled(&schedule, &place, &schedules);
                    schedules.push((schedule.clone(), place));
                    triggers.push(Trigger::Schedule(schedule));
                }
            }
        }
        triggers
    }

    /// What a trigger is, by its keys: also by those that are misspelt, or stand beside one that is missing.
    fn trigger_kind(&mut self, node: &Spanned<Node>) -> Option<Kind> {
        // That it must be a mapping is told by whoever reads it as one.
        let Node::Map(entries) = &node.value else { return Some(Kind::Webhook) };
        let keys = || entries.iter().map(|(key, _)| key);
        let key = |name: &str| keys().find(|key| key.value == name);
        match (key("webhook"), key("schedule")) {
            (Some(_), None) => return Some(Kind::Webhook),
            (None, Some(_)) => return Some(Kind::Schedule),
            (Some(webhook), Some(schedule)) => {
                let (first, second) = match webhook.span.start < schedule.span.start {
                    true => (webhook, schedule),
                    false => (schedule, webhook),
                };
                self.found.push(
                    Diagnostic::error(
                        Code::TriggerKind,
                        "a trigger is one thing, and this one has `webhook` and `schedule`",
                        second.span.clone(),
                        "a second kind",
                    )
                    .with_secondary(first.span.clone(), "the first")
                    .with_help("make two triggers of it"),
                );
                return None;
            }
            (None, None) => {}
        }
        if let Some(cron) = key("cron") {
            self.found.push(
                Diagnostic::error(
                    Code::UnknownKey,
                    "a trigger has no key `cron`",
                    cron.span.clone(),
                    "unknown key",
                )
                .with_help("write `schedule`"),
            );
            return None;
        }
        let is_near = |name: &str| keys().any(|key| nearest_spelling(&key.value, &[name]).is_some());
        if is_near("schedule")
            || (!is_near("webhook") && keys().any(|key| OF_SCHEDULES.contains(&key.value.as_str())))
        {
            return Some(Kind::Schedule);
        }
        let of_webhooks = ["auth", "each", "bind", "if", "dedupe"];
        if is_near("webhook") || keys().any(|key| of_webhooks.contains(&key.value.as_str())) {
            return Some(Kind::Webhook);
        }
        self.found.push(
            Diagnostic::error(
                Code::TriggerKind,
                "a trigger must say what starts a run",
                node.head(),
                "nothing starts one here",
            )
            .with_help("give it `webhook` or `schedule`"),
        );
        None
    }

    /// Tells of a schedule that starts what another one starts already. It would not be one run more but each run twice.
    fn doubled(&mut self, schedule: &Schedule, place: &Range<usize>, others: &[(Schedule, Range<usize>)]) {
        let same = others.iter().find(|(other, _)| {
            other.cron == schedule.cron && other.zone == schedule.zone && other.inputs == schedule.inputs
        });
        if let Some((_, first)) = same {
            self.found.push(
                Diagnostic::error(
                    Code::DuplicateSchedule,
                    "two schedules start the same runs at the same times",
                    place.clone(),
                    "starts each run a second time",
                )
                .with_secondary(first.clone(), "started by this one already")
                .with_help("remove one of them, or give them other `inputs`"),
            );
        }
    }
}
