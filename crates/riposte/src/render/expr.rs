//! Why an expression has the value that it has.

use crate::render::clean;
use crate::render::style::Style;
use riposte_expr::{Explained, Explanation, Outcome, Passes, Problem, Role};
use serde_json::{Value, json};

/// Most characters of a part's text in a line.
const MOST_SOURCE: usize = 80;

/// A problem with the line that it is about:
///
/// ```text
/// no value is called `input`
///   input.score > 50
///   ^^^^^ not in scope here
///   help: did you mean `inputs`?
/// ```
pub(crate) fn problem(source: &str, problem: &Problem) -> String {
    let start = source.get(..problem.span.start).unwrap_or_default();
    let line_start = start.rfind('\n').map_or(0, |newline| newline + 1);
    let rest = source.get(line_start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let end = problem.span.end.min(line_start + line.len());
    // Counted as it is shown: what is escaped takes more room.
    let width = |text: &str| clean(text).chars().count();
    let before = width(source.get(line_start..problem.span.start).unwrap_or_default());
    let marked = width(source.get(problem.span.start..end).unwrap_or_default()).max(1);
    let mut drawn = format!(
        "{}\n  {}\n  {}{} {}",
        problem.message,
        clean(line),
        " ".repeat(before),
        "^".repeat(marked),
        problem.label
    );
    if let Some(help) = &problem.help {
        drawn.push_str(&format!("\n  help: {help}"));
    }
    drawn
}

/// Every part with its value, and the result last.
pub(crate) fn tree(explanation: &Explanation, style: Style) -> String {
    let mut lines = Vec::new();
    for expression in &explanation.expressions {
        lines.push(line(expression, style));
        branches(&shown_below(expression), "", style, &mut lines);
        lines.push(String::new());
    }
    match &explanation.result {
        Ok(value) => {
            let text = serde_json::to_string_pretty(value).unwrap_or_default();
            lines.extend(text.lines().map(|line| style.strong(&clean(line))));
        }
        Err(_) => lines.push(style.bad("no result")),
    }
    lines.join("\n")
}

/// What stands below a line of the tree.
enum Branch<'e> {
    Part(&'e Explained),
    Item(String, Vec<Branch<'e>>),
    More(usize),
}

fn branches(list: &[Branch<'_>], indent: &str, style: Style, lines: &mut Vec<String>) {
    for (index, branch) in list.iter().enumerate() {
        let last = index + 1 == list.len();
        let (joint, deeper) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let deeper = format!("{indent}{deeper}");
        match branch {
            Branch::Part(part) => {
                lines.push(format!("{}{}", style.dim(&format!("{indent}{joint}")), line(part, style)));
                branches(&shown_below(part), &deeper, style, lines);
            }
            Branch::Item(text, parts) => {
                lines.push(format!("{}{text}", style.dim(&format!("{indent}{joint}"))));
                branches(parts, &deeper, style, lines);
            }
            Branch::More(count) => {
                let items = if *count == 1 { "item" } else { "items" };
                lines.push(style.dim(&format!("{indent}{joint}… {count} more {items}")));
            }
        }
    }
}

/// A part and what became of it, in one line.
fn line(part: &Explained, style: Style) -> String {
    let mut source = clean(&part.source.split_whitespace().collect::<Vec<_>>().join(" "));
    if source.chars().count() > MOST_SOURCE {
        source = source.chars().take(MOST_SOURCE - 1).chain(std::iter::once('…')).collect();
    }
    let outcome = match &part.outcome {
        Outcome::Value(shown) => match shown.text.as_str() {
            "true" => style.good("true"),
            "false" => style.warn("false"),
            text => clean(text),
        },
        Outcome::Failed(problem) => style.bad(&format!("failed: {}", clean(&problem.message))),
        Outcome::FailedInside => style.bad("failed, see below"),
        Outcome::NotEvaluated => style.dim("not evaluated"),
    };
    format!("{source} {} {outcome}", style.dim("→"))
}

/// What tells more than the part's own line: no literals, nothing of what was not evaluated, and of a reference that was
/// found only what was computed on the way.
fn shown_below(part: &Explained) -> Vec<Branch<'_>> {
    let mut below = Vec::new();
    match (&part.outcome, part.role) {
        (Outcome::NotEvaluated, _) => return below,
        (Outcome::Value(_), Role::Reference) => on_the_way(part, &mut below),
        _ => below.extend(part.parts.iter().filter(|part| part.role != Role::Literal).map(Branch::Part)),
    }
    if let Some(Passes { variable, first, more }) = &part.passes {
        for pass in first {
            let parts = pass.parts.iter().filter(|part| part.role != Role::Literal).map(Branch::Part);
            let item = format!("{} = {}", clean(variable), clean(&pass.item.text));
            below.push(Branch::Item(item, parts.collect()));
        }
        if *more > 0 {
            below.push(Branch::More(*more));
        }
    }
    below
}

fn on_the_way<'e>(reference: &'e Explained, below: &mut Vec<Branch<'e>>) {
    for (index, part) in reference.parts.iter().enumerate() {
        match part.role {
            Role::Literal => {}
            // What is read from; an index has a value of its own.
            Role::Reference if index == 0 => on_the_way(part, below),
            Role::Reference | Role::Operation => below.push(Branch::Part(part)),
        }
    }
}

/// The explanation as JSON. This shape is a promise to scripts.
pub(crate) fn document(expression: &str, explanation: &Explanation) -> Value {
    json!({
        "expression": expression,
        "result": explanation.result.as_ref().ok(),
        "problem": explanation.result.as_ref().err().map(to_json),
        "expressions": explanation.expressions.iter().map(part).collect::<Vec<_>>(),
    })
}

fn to_json(problem: &Problem) -> Value {
    json!({
        "message": problem.message,
        "start": problem.span.start,
        "end": problem.span.end,
        "label": problem.label,
        "help": problem.help,
    })
}

fn part(part: &Explained) -> Value {
    let mut value = json!({
        "source": part.source,
        "start": part.span.start,
        "end": part.span.end,
        "outcome": match &part.outcome {
            Outcome::Value(_) => "value",
            Outcome::Failed(_) => "failed",
            Outcome::FailedInside => "failed_inside",
            Outcome::NotEvaluated => "not_evaluated",
        },
    });
    let Some(map) = value.as_object_mut() else { return value };
    match &part.outcome {
        Outcome::Value(shown) => {
            map.insert("value".to_owned(), shown.text.as_str().into());
            map.insert("is".to_owned(), shown.sort.as_str().into());
        }
        Outcome::Failed(problem) => {
            map.insert("problem".to_owned(), to_json(problem));
        }
        Outcome::FailedInside | Outcome::NotEvaluated => {}
    }
    let parts: Vec<Value> = part.parts.iter().map(self::part).collect();
    map.insert("parts".to_owned(), parts.into());
    if let Some(passes) = &part.passes {
        let items: Vec<Value> = passes
            .first
            .iter()
            .map(|pass| {
                let parts: Vec<Value> = pass.parts.iter().map(self::part).collect();
                json!({ "item": pass.item.text, "parts": parts })
            })
            .collect();
        map.insert("variable".to_owned(), passes.variable.as_str().into());
        map.insert("items".to_owned(), items.into());
        map.insert("more_items".to_owned(), passes.more.into());
    }
    value
}
