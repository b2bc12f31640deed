//! Schedules: when runs start by themselves, and with which inputs.

use super::Checker;
use super::fit::misfit;
use crate::diagnostic::{list, quote};
use crate::yaml::{Field, Fields, Node, Places, Spanned};
use crate::{Code, Cron, CronFault, Diagnostic, Inputs, Missed, Overlap, Schedule, Zone, suggest};
use riposte_model::format_duration;
use serde_json::{Map, Value};
use std::ops::Range;
use std::time::Duration;

impl Checker<'_> {
    /// A schedule, and where its times stand.
    pub(super) fn schedule(
        &mut self,
        node: &Spanned<Node>,
        inputs: &Inputs,
    ) -> Option<(Schedule, Range<usize>)> {
        let mut fields = Fields::of("a schedule", node, &mut self.found)?;
        let cron = fields.require("schedule", &mut self.found);
        let zone = fields.take("timezone");
        let missed = fields.take("missed");
        let overlap = fields.take("overlap");
        let jitter_field = fields.take("jitter");
        let given = fields.take("inputs");
        let place = cron.map_or(fields.head(), |field| field.value.span.clone());
        fields.finish(&mut self.found);

        let cron = cron.and_then(|field| self.cron(field));
        let zone = zone.map_or(Some(Zone::UTC), |field| self.zone(field));
        let words = [("skip", Missed::Skip), ("once", Missed::Once), ("all", Missed::All)];
        let missed = missed.and_then(|field| field.word(&words, &mut self.found));
        let words = [("skip", Overlap::Skip), ("queue", Overlap::Queue), ("allow", Overlap::Allow)];
        let overlap = overlap.and_then(|field| field.word(&words, &mut self.found));
        let jitter = jitter_field.and_then(|field| field.duration(&mut self.found));
        if let (Some(cron), Some(jitter), Some(field)) = (&cron, jitter, jitter_field) {
            self.jitter(cron, jitter, field);
        }
        let inputs = self.scheduled_inputs(given, inputs, &place);
        let schedule = Schedule {
            cron: cron?,
            zone: zone?,
            missed: missed.unwrap_or(Missed::Skip),
            overlap: overlap.unwrap_or(Overlap::Skip),
            jitter,
            inputs: inputs?,
        };
        Some((schedule, place))
    }

    fn cron(&mut self, field: Field<'_>) -> Option<Cron> {
        let text = field.text(&mut self.found)?;
        let error = match Cron::parse(&text.value) {
            Ok(cron) => return Some(cron),
            Err(error) => error,
        };
        let code = match error.fault {
            CronFault::Syntax => Code::Cron,
            CronFault::NeverFires => Code::NeverFires,
        };
        let span = Places::new(self.source, &field.value.span, text).of(&error.span);
        self.found.push(Diagnostic::error(code, error.message, span, error.label).with_help_if(error.help));
        None
    }

    fn zone(&mut self, field: Field<'_>) -> Option<Zone> {
        let name = &field.text(&mut self.found)?.value;
        let error = match Zone::parse(name) {
            Ok(zone) => return Some(zone),
            Err(error) => error,
        };
        let near = suggest(name, Zone::names(), "").filter(|help| help.starts_with("did"));
        let city = error.near.map(|zone| format!("did you mean `{zone}`?"));
        let any = "it is a name of the IANA database, like `Europe/Paris` or `UTC`";
        self.found.push(
            Diagnostic::error(
                Code::TimeZone,
                format!("no time zone is called {}", quote(name)),
                field.value.span.clone(),
                "not a time zone",
            )
            .with_help(city.or(near).unwrap_or_else(|| any.to_owned())),
        );
        None
    }

    /// Runs of one schedule start in the order of their times.
    fn jitter(&mut self, cron: &Cron, jitter: Duration, field: Field<'_>) {
        let pause = cron.shortest_pause();
        if jitter >= pause {
            self.found.push(Diagnostic::error(
                Code::Jitter,
                format!(
                    "`jitter` must be shorter than {}, the time from one run to the next",
                    format_duration(pause)
                ),
                field.value.span.clone(),
                "a run could start after the next one",
            ));
        }
    }

    /// The inputs of every run. They are all there is: nobody is asked, and no body is read.
    fn scheduled_inputs(
        &mut self,
        field: Option<Field<'_>>,
        inputs: &Inputs,
        head: &Range<usize>,
    ) -> Option<Map<String, Value>> {
        let before = self.found.len();
        let mut given = Map::new();
        let declared = &inputs.declarations().properties;
        for (name, node) in field.and_then(|field| field.mapping(&mut self.found)).unwrap_or_default() {
            if self.found.is_full() {
                return None;
            }
            let told = self.found.len();
            self.literal(node);
            match declared.get(&name.value) {
                Some(_) if self.found.len() > told => {}
                Some(property) => {
                    let value = node.value.to_json();
                    for violation in property.schema.violations(&value) {
                        let route = std::slice::from_ref(&name.value);
                        self.found.push(misfit(Code::ScheduledInput, node, route, violation));
                    }
                }
                None => {
                    let names = declared.keys().map(String::as_str);
                    let problem = Diagnostic::error(
                        Code::UnknownInput,
                        format!("no input is called {}", quote(&name.value)),
                        name.span.clone(),
                        "not declared under `inputs`",
                    );
                    self.found.push(problem.with_help_if(suggest(&name.value, names, "inputs")));
                }
            }
            given.insert(name.value.clone(), node.value.to_json());
        }
        if field.is_some_and(|field| !matches!(field.value.value, Node::Map(_))) {
            // That was told about above, and says nothing of what is missing.
            return None;
        }
        let missing: Vec<&str> = declared
            .iter()
            .filter(|(name, input)| input.default.is_none() && !given.contains_key(*name))
            .map(|(name, _)| name.as_str())
            .collect();
        self.missing_inputs(&missing, &field.map_or(head.clone(), |field| field.key.span.clone()));
        // What does not fit was told about above; what remains is to fill in the defaults.
        let accepted = inputs.accept(given).ok();
        accepted.filter(|_| self.found.len() == before)
    }

    fn missing_inputs(&mut self, missing: &[&str], place: &Range<usize>) {
        let Some(first) = missing.first() else { return };
        let (values, verb) = if missing.len() == 1 { ("the input", "is") } else { ("the inputs", "are") };
        let names = list(missing.iter().copied());
        let mut problem = Diagnostic::error(
            Code::UnboundInput,
            format!("this schedule gives {values} {names} no value"),
            place.clone(),
            format!("{names} {verb} missing"),
        );
        for name in missing {
            if let Some(input) = self.scopes.inputs.get(*name) {
                problem = problem.with_secondary(input.span.clone(), "declared here, without a default");
            }
        }
        self.found.push(problem.with_help(format!(
            "write `inputs: {{ {first}: ... }}` beside `schedule`, or give it a `default`"
        )));
    }

    /// Tells of what looks as if it was meant to be computed: there is nothing yet to compute it from.
    fn literal(&mut self, node: &Spanned<Node>) {
        match &node.value {
            Node::Str(text) if text.value.contains("${{") && !self.found.is_full() => {
                self.found.push(
                    Diagnostic::error(
                        Code::ScheduledInput,
                        "the inputs of a schedule are written out, and not computed",
                        node.span.clone(),
                        "an expression",
                    )
                    .with_help("let a step of the playbook compute it"),
                );
            }
            Node::Seq(items) => items.iter().for_each(|item| self.literal(item)),
            Node::Map(entries) => entries.iter().for_each(|(_, value)| self.literal(value)),
            _ => {}
        }
    }
}
