//! Strings that hold `${{ expression }}` parts.

use std::fmt;
use std::ops::Range;

use riposte_model::{Schema, article};
use serde_json::Value;

use crate::problem::ProblemKind;
use crate::syntax::{Lexeme, Scanner};
use crate::{Bindings, Checked, Explanation, Expression, Problem, Reference, Scope};

/// What begins an expression.
const OPENING: &str = "${{";
/// What gives a literal `${{`.
const ESCAPED: &str = "$${{";

/// A string that may hold `${{ expression }}` parts.
#[derive(Clone, Debug)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Literal(String),
    /// An expression, and where in the text its source begins.
    Expression(Expression, usize),
}

/// As written.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Literal(text) => f.write_str(&text.replace(OPENING, ESCAPED))?,
                Part::Expression(expression, _) => write!(f, "{OPENING}{}}}}}", expression.source())?,
            }
        }
        Ok(())
    }
}

impl Template {
    /// Compiles it. `$${{` is a literal `${{`. Offsets of problems are in `text`.
    pub fn parse(text: &str) -> Result<Template, Vec<Problem>> {
        let mut parts = Vec::new();
        let mut problems = Vec::new();
        let mut literal = String::new();
        let mut position = 0;
        while let Some(rest) = text.get(position..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with(ESCAPED) {
                literal.push_str(OPENING);
                position += ESCAPED.len();
            } else if rest.starts_with(OPENING) {
                let start = position + OPENING.len();
                let end = match end_of_expression(text, position, start) {
                    Ok(end) => end,
                    Err(problem) => {
                        problems.push(problem);
                        break;
                    }
                };
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                match Expression::parse(text.get(start..end).unwrap_or_default()) {
                    Ok(expression) => parts.push(Part::Expression(expression, start)),
                    Err(found) => problems.extend(found.into_iter().map(|problem| problem.shifted(start))),
                }
                position = end + 2;
            } else {
                // As far as the next `$`, which may be this one.
                let width = rest.char_indices().skip(1).find(|(_, character)| *character == '$');
                let width = width.map_or(rest.len(), |(index, _)| index);
                literal.push_str(rest.get(..width).unwrap_or_default());
                position += width;
            }
        }
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Literal(literal));
        }
        if problems.is_empty() { Ok(Template { parts }) } else { Err(problems) }
    }

    /// The text it always gives (unescaped), if there is no expression in it.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it is one expression with nothing around it, and so keeps that expression's type.
    pub fn is_whole(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Expression(..)])
    }

    /// Checks every expression; inside a longer string each must give a scalar.
    pub fn check(&self, scope: &Scope) -> Checked {
        let mut problems = Vec::new();
        let mut whole = Schema::string();
        if let Some(text) = self.as_literal() {
            whole = Schema::choice([text]);
        }
        for (expression, start) in self.expressions() {
            let checked = expression.check(scope);
            let sound = checked.problems.is_empty();
            problems.extend(checked.problems.into_iter().map(|problem| problem.shifted(start)));
            if self.is_whole() {
                whole = checked.schema;
            } else if sound && matches!(checked.schema.type_name(), "array" | "object" | "null") {
                problems.push(not_scalar(expression, start, checked.schema.type_name()));
            }
        }
        Checked { schema: whole, problems }
    }

    /// What its expressions read, in the order of the text.
    pub fn references(&self) -> Vec<Reference> {
        let parts = self.expressions().flat_map(|(expression, start)| {
            let references = expression.references().into_iter();
            references.map(move |reference| reference.shifted(start))
        });
        parts.collect()
    }

    /// The conditions in its expressions that are decided by what is written there, and how.
    pub fn decided(&self) -> Vec<(Range<usize>, bool)> {
        let parts = self.expressions().flat_map(|(expression, start)| {
            let decided = expression.decided_inside().into_iter();
            decided.map(move |(span, answer)| (span.start + start..span.end + start, answer))
        });
        parts.collect()
    }

    /// Computes the text, or the one expression's value. Each expression has the whole fuel.
    pub fn evaluate(&self, bindings: &Bindings<'_>) -> Result<Value, Problem> {
        if let [Part::Expression(expression, start)] = self.parts.as_slice() {
            return expression.evaluate(bindings).map_err(|problem| problem.shifted(*start));
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Expression(expression, start) => {
                    match expression.evaluate_text(bindings).map_err(|problem| problem.shifted(*start))? {
                        Some(part) => text.push_str(&part),
                        None => return Err(not_scalar(expression, *start, "value that is no scalar")),
                    }
                }
            }
        }
        Ok(Value::String(text))
    }

    /// Computes as [`evaluate`](Self::evaluate) does, and tells what every part of every expression gave. Behind one that
    /// failed none is evaluated.
    pub fn explain(&self, bindings: &Bindings<'_>) -> Explanation {
        if let [Part::Expression(expression, start)] = self.parts.as_slice() {
            let explained = expression.explain(bindings);
            return Explanation {
                result: explained.result.map_err(|problem| problem.shifted(*start)),
                expressions: explained.expressions.into_iter().map(|part| part.shifted(*start)).collect(),
            };
        }
        let mut result = Ok(String::new());
        let mut expressions = Vec::new();
        for part in &self.parts {
            match (part, &mut result) {
                (Part::Literal(literal), Ok(text)) => text.push_str(literal),
                (Part::Literal(_), Err(_)) => {}
                (Part::Expression(expression, start), Err(_)) => {
                    expressions.push(expression.not_evaluated().shifted(*start));
                }
                (Part::Expression(expression, start), Ok(text)) => {
                    let (given, explained) = expression.explain_text(bindings);
                    expressions.push(explained.shifted(*start));
                    match given {
                        Ok(Some(given)) => text.push_str(&given),
                        Ok(None) => {
                            result = Err(not_scalar(expression, *start, "value that is no scalar"));
                        }
                        Err(problem) => result = Err(problem.shifted(*start)),
                    }
                }
            }
        }
        Explanation { result: result.map(Value::String), expressions }
    }

    fn expressions(&self) -> impl Iterator<Item = (&Expression, usize)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Expression(expression, start) => Some((expression, *start)),
        })
    }
}

/// The byte of the `}}` that closes an expression: not one in a string, and not one that closes a map.
fn end_of_expression(text: &str, opening: usize, start: usize) -> Result<usize, Problem> {
    let mut scanner = Scanner::new(text, start);
    let mut open = 0usize;
    let mut closed = None;
    let mut unreadable = None;
    while let Some(next) = scanner.next_token() {
        let token = match next {
            Ok(token) => token,
            // A stray character is reported when the expression is parsed; a string without end hides the end.
            Err(problem) => {
                unreadable.get_or_insert(problem);
                continue;
            }
        };
        match token.kind {
            Lexeme::Sign(b'{', _) => open += 1,
            Lexeme::Sign(b'}', _) if open > 0 => open -= 1,
            Lexeme::Sign(b'}', _) if closed == Some(token.span.start) => return Ok(token.span.start - 1),
            Lexeme::Sign(b'}', _) => closed = Some(token.span.end),
            Lexeme::Sign(..) | Lexeme::Word | Lexeme::Number | Lexeme::Text | Lexeme::Bytes => {}
        }
    }
    Err(unreadable.unwrap_or_else(|| {
        Problem::new(
            ProblemKind::Syntax,
            opening..start,
            "an expression is not closed",
            "no `}}` follows this",
        )
        .with_help("close it with `}}`; write `$${{` for the characters themselves")
    }))
}

fn not_scalar(expression: &Expression, start: usize, what: &str) -> Problem {
    Problem::new(
        ProblemKind::Type,
        start..start + expression.source().len(),
        format!(
            "inside a longer string an expression gives a string, a number or a boolean, not {} {what}",
            article(what)
        ),
        "no scalar",
    )
    .with_help("join a list with `.join(\", \")`, or take one property")
}
