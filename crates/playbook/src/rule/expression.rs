//! Expressions: compiled, checked against what is in scope at their place, their problems placed in the file.

use super::outline::{Standing, Turn};
use super::{Checker, hint};
use crate::diagnostic::{list, quote};
use crate::yaml::{Field, Node, Places, Spanned, Text, meant_boolean};
use crate::{Code, Diagnostic, suggest};
use riposte_expr::{Checked, Expression, Problem, ProblemKind, Reference, Scope, Segment, Template};
use riposte_model::{Schema, Type, article};
use std::ops::Range;

/// Most expressions in one text.
const MAX_IN_TEXT: usize = 100;
/// Most expressions in one playbook.
const MAX_IN_ALL: usize = 2000;

/// From where an expression looks at the run.
#[derive(Clone, Copy, Debug)]
pub(super) enum At<'r> {
    /// Before there is a run.
    Trigger,
    /// From a step.
    Step(&'r [Turn]),
    /// From the end of a list of steps: of a loop's, or of all.
    End(&'r [Turn]),
}

impl<'r> At<'r> {
    /// The way to the step, or to the list.
    pub(super) fn route(self) -> Option<&'r [Turn]> {
        match self {
            At::Trigger => None,
            At::Step(route) | At::End(route) => Some(route),
        }
    }
}

/// A text in which expressions stand.
struct Origin<'t> {
    span: &'t Range<usize>,
    text: &'t Text,
}

impl Checker<'_> {
    /// `if`: an expression that gives a boolean.
    pub(super) fn condition(&mut self, field: Field<'_>, at: At<'_>) -> Option<Expression> {
        if let Node::Bool(value) = field.value.value {
            self.found.push(decided(value, true, field.value.span.clone()));
            return Expression::parse(if value { "true" } else { "false" }).ok();
        }
        if let Node::Str(text) = &field.value.value
            && !matches!(text.value.as_str(), "true" | "false")
            && let Some(help) = meant_boolean(&text.value)
        {
            self.found.push(
                Diagnostic::error(
                    Code::NotBoolean,
                    format!(
                        "{} must give a boolean, and {} is none",
                        quote(&field.key.value),
                        quote(&text.value)
                    ),
                    field.value.span.clone(),
                    "not `true` or `false`",
                )
                .with_help(help),
            );
            return None;
        }
        let told = self.found.len();
        let (expression, schema) = self.bare(field, at)?;
        // What is wrong and therefore always false is wrong once.
        if let Node::Str(text) = &field.value.value
            && self.found.len() == told
        {
            self.decided(&Origin { span: &field.value.span, text }, expression.decided());
        }
        if !matches!(schema.kind, Type::Any | Type::Boolean) {
            self.found.push(
                Diagnostic::error(
                    Code::NotBoolean,
                    format!("{} must give a boolean, not {}", quote(&field.key.value), describe(&schema)),
                    field.value.span.clone(),
                    format!("this gives {}", describe(&schema)),
                )
                .with_help("compare it with something: `==`, `in`, `>`"),
            );
        }
        Some(expression)
    }

    /// A key whose value is an expression, without braces.
    pub(super) fn bare(&mut self, field: Field<'_>, at: At<'_>) -> Option<(Expression, Schema)> {
        let Node::Str(text) = &field.value.value else {
            self.found.push(field.value.mismatch(&quote(&field.key.value), "an expression"));
            return None;
        };
        let origin = Origin { span: &field.value.span, text };
        if !self.has_room(&origin, 1) {
            return None;
        }
        let expression = match Expression::parse(&text.value) {
            Ok(expression) => expression,
            Err(_) if hint::has_braces(&text.value) => {
                let key = &field.key.value;
                let meant = hint::without_braces(&text.value);
                self.found.push(
                    Diagnostic::error(
                        Code::Braces,
                        format!("{} is an expression without braces", quote(key)),
                        field.value.span.clone(),
                        "braces around an expression",
                    )
                    .with_help(match meant {
                        Some(meant) => format!("drop the braces: `{key}: {meant}`"),
                        None => "drop the braces".to_owned(),
                    }),
                );
                return None;
            }
            Err(problems) => {
                self.report(&origin, problems);
                return None;
            }
        };
        let references = expression.references();
        let schema = self.check(&origin, &references, at, |scope| expression.check(scope));
        Some((expression, schema))
    }

    /// A text with `${{ }}` in it.
    pub(super) fn template(
        &mut self,
        node: &Spanned<Node>,
        text: &Text,
        at: At<'_>,
    ) -> Option<(Template, Schema)> {
        let origin = Origin { span: &node.span, text };
        if !self.has_room(&origin, text.value.matches("${{").count()) {
            return None;
        }
        match Template::parse(&text.value) {
            Ok(template) => {
                let schema = if template.as_literal().is_some() {
                    self.plain_reference(&origin);
                    Schema::string()
                } else {
                    let told = self.found.len();
                    let references = template.references();
                    let schema = self.check(&origin, &references, at, |scope| template.check(scope));
                    if self.found.len() == told {
                        self.decided(&origin, template.decided());
                    }
                    schema
                };
                Some((template, schema))
            }
            Err(problems) => {
                self.report(&origin, problems);
                None
            }
        }
    }

    /// Tells of conditions whose answer no run changes.
    fn decided(&mut self, origin: &Origin<'_>, decided: Vec<(Range<usize>, bool)>) {
        if decided.is_empty() {
            return;
        }
        let places = Places::new(self.source, origin.span, origin.text);
        for (span, answer) in decided {
            let whole = span.len() == origin.text.value.trim().len();
            self.found.push(self::decided(answer, whole, places.of(&span)));
        }
    }

    /// Tells of a text that stays text, and looks as if it was meant to be computed.
    fn plain_reference(&mut self, origin: &Origin<'_>) {
        let Some(reference) = hint::plain_reference(&origin.text.value) else { return };
        // Meant to be read: that nothing reads it would be the same mistake told twice.
        let input = reference.strip_prefix("inputs.").and_then(|rest| rest.split('.').next());
        if let Some(input) = input.and_then(|input| self.scopes.inputs.get_mut(input)) {
            input.is_read = true;
        }
        let line = self.lines.bytes(self.lines.line(origin.span.start)).start;
        let before = self.source.get(line..origin.span.start).unwrap_or_default();
        // Inside of braces and brackets an expression needs quotes.
        let sign = if before.contains(['{', '[']) { "\"" } else { "" };
        self.found.push(
            Diagnostic::warning(
                Code::PlainReference,
                format!("{} is plain text, and looks like a reference", quote(&origin.text.value)),
                origin.span.clone(),
                "stays as it is",
            )
            .with_help(format!("write `{sign}${{{{ {reference} }}}}{sign}`")),
        );
    }

    /// Whether so many more expressions may be compiled: each costs time, and a file may hold a hundred thousand.
    fn has_room(&mut self, origin: &Origin<'_>, count: usize) -> bool {
        let before = self.expressions;
        self.expressions = before.saturating_add(count);
        let message = if count > MAX_IN_TEXT {
            format!("a text has at most {MAX_IN_TEXT} expressions")
        } else if self.expressions > MAX_IN_ALL {
            format!("a playbook has at most {MAX_IN_ALL} expressions")
        } else {
            return true;
        };
        // The first one beyond the limit speaks for all.
        if count > MAX_IN_TEXT || before <= MAX_IN_ALL {
            let problem = Diagnostic::error(Code::TooComplex, message, origin.span.clone(), "too many");
            self.found.push(problem.with_help("let a `set` step compute what is needed more than once"));
        }
        false
    }

    /// The type of the result. Steps are this crate's matter: only it knows what "ended" means.
    fn check(
        &mut self,
        origin: &Origin<'_>,
        references: &[Reference],
        at: At<'_>,
        check: impl FnOnce(&Scope) -> Checked,
    ) -> Schema {
        self.scopes.note_reads(references);
        let Some(route) = at.route() else {
            let Checked { schema, problems } = check(self.scopes.trigger());
            self.report(origin, problems);
            return schema;
        };
        let at_end = matches!(at, At::End(_));
        let mut places = None;
        let read = references.iter().filter(|reference| reference.root() == "steps");
        // Which steps have ended depends on which branch was faster; an expression must not.
        for whole in read.clone().filter(|reference| reference.segments.len() < 2) {
            let places = places.get_or_insert_with(|| Places::new(self.source, origin.span, origin.text));
            self.found.push(
                Diagnostic::error(
                    Code::StepNotEnded,
                    "steps are read by name",
                    places.of(&whole.span),
                    "all steps, whichever have ended",
                )
                .with_help("name the step: `steps.<id>`"),
            );
        }
        let read: Vec<&Segment> = read.filter_map(|reference| reference.segments.get(1)).collect();
        for segment in &read {
            let standing = self.outline.standing(&segment.name, route, at_end);
            if standing != Standing::Ended && !self.found.is_full() {
                let places = places.get_or_insert_with(|| Places::new(self.source, origin.span, origin.text));
                let problem = self.not_ended(&segment.name, places.of(&segment.span), at, standing);
                self.found.push(problem);
            }
        }
        for reference in references {
            if let Some((span, mut problem)) = self.missing(reference, at).filter(|_| !self.found.is_full()) {
                let places = places.get_or_insert_with(|| Places::new(self.source, origin.span, origin.text));
                problem.primary.span = places.of(&span);
                self.found.push(problem);
            }
        }
        let scope = self.scopes.run(read.iter().map(|segment| segment.name.as_str()));
        let Checked { schema, problems } = check(scope);
        self.report(origin, problems);
        schema
    }

    fn not_ended(&self, id: &str, span: Range<usize>, at: At<'_>, standing: Standing) -> Diagnostic {
        let name = quote(id);
        let error = |message: String, label: &str| {
            Diagnostic::error(Code::StepNotEnded, message, span.clone(), label)
        };
        match standing {
            Standing::Later(there) => error(format!("the step {name} runs later"), "has not run yet")
                .with_secondary(there, "its place")
                .with_help(format!("move this step behind {name}")),
            Standing::Beside(there) => {
                error(format!("the step {name} runs beside this one"), "may not have ended yet")
                    .with_secondary(there, "in another branch")
                    .with_help("read it after the `parallel` step, where all branches have ended")
            }
            Standing::InLoop(there) => Diagnostic::error(
                Code::InsideLoop,
                format!("the step {name} is inside a loop, and has run any number of times"),
                span,
                "read from outside of the loop",
            )
            .with_secondary(there, "in the loop's `steps`")
            .with_help("let the loop give it as one of its `outputs`, and read the loop's output"),
            Standing::Around(there) => {
                error(format!("the step {name} has not ended while its own steps run"), "still running")
                    .with_secondary(there, "the step around this one")
                    .with_help("read it after this step, where all of it has ended")
            }
            Standing::Itself => error(format!("the step {name} cannot read itself"), "still running")
                .with_help("read an earlier step"),
            Standing::Ended | Standing::Unknown => {
                let ended = self.outline.ended(at.route().unwrap_or_default(), matches!(at, At::End(_)));
                let near = suggest(id, ended.iter().copied(), "").filter(|help| help.starts_with("did"));
                let near = near
                    .or_else(|| suggest(id, self.outline.ids(), "").filter(|help| help.starts_with("did")));
                let all = || match ended.is_empty() {
                    true => "no step with an id has ended here".to_owned(),
                    false => format!("steps that have ended here: {}", list(ended.iter().copied())),
                };
                Diagnostic::error(
                    Code::UnknownStep,
                    format!("no step is called {name}"),
                    span,
                    "no step has this id",
                )
                .with_help(near.unwrap_or_else(all))
            }
        }
    }

    fn report(&mut self, origin: &Origin<'_>, problems: Vec<Problem>) {
        if problems.is_empty() || self.found.is_full() {
            return;
        }
        let places = Places::new(self.source, origin.span, origin.text);
        for problem in problems {
            let span = places.of(&problem.span);
            let unquoted = (problem.kind == ProblemKind::UnknownName)
                .then(|| hint::unquoted(&origin.text.value, origin.text.form, &problem.span))
                .flatten();
            self.found.push(
                Diagnostic::error(code(problem.kind), problem.message, span, problem.label)
                    .with_help_if(unquoted.or(problem.help)),
            );
        }
    }

    /// Reports what is wrong with a path.
    pub(super) fn report_path(&mut self, span: &Range<usize>, text: &Text, problems: Vec<Problem>) {
        let problems =
            problems.into_iter().map(|problem| Problem { kind: ProblemKind::Path, ..problem }).collect();
        self.report(&Origin { span, text }, problems);
    }
}

/// The code of a problem. `Missing`, `Evaluation` and `Fuel` are what an evaluation ends with, and nothing is evaluated
/// here; each stands with the problem that is nearest to it.
fn code(kind: ProblemKind) -> Code {
    match kind {
        ProblemKind::Syntax => Code::Syntax,
        ProblemKind::TooLong | ProblemKind::TooComplex | ProblemKind::Fuel => Code::TooComplex,
        ProblemKind::UnknownName | ProblemKind::Missing => Code::UnknownName,
        ProblemKind::UnknownFunction => Code::UnknownFunction,
        ProblemKind::Unsupported => Code::Unsupported,
        ProblemKind::Type | ProblemKind::Evaluation => Code::ExpressionType,
        ProblemKind::Choice => Code::ImpossibleChoice,
        ProblemKind::Regex => Code::Regex,
        ProblemKind::Path => Code::JsonPath,
    }
}

/// The report of a condition that is always `answer`. `whole`: there is nothing else in it.
fn decided(answer: bool, whole: bool, span: Range<usize>) -> Diagnostic {
    let label = match (answer, whole) {
        (false, true) => "nothing runs because of it",
        (true, true) => "decides nothing",
        (_, false) => "decided by what is written here",
    };
    Diagnostic::warning(Code::Decided, format!("this condition is always {answer}"), span, label)
        .with_help("compare with something that a run brings, or remove it")
}

/// A type with its article.
pub(super) fn describe(schema: &Schema) -> String {
    match schema.type_name() {
        "null" => "null".to_owned(),
        name => format!("{} {name}", article(name)),
    }
}
