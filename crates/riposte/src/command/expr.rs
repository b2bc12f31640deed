//! `riposte expr`

use crate::cli::Expr;
use crate::command::place::Place;
use crate::command::records::resolve;
use crate::command::show;
use crate::compose;
use crate::exit::{Exit, usage};
use crate::files;
use crate::render::expr as render;
use crate::render::say;
use crate::render::style::Style;
use anyhow::{Result, anyhow};
use riposte_actions::catalogue;
use riposte_engine::{Run, Store};
use riposte_expr::{Bindings, Checked, Explanation, Expression, Problem, Scope, Template};
use riposte_journal::Journal;
use riposte_model::{RunId, Schema, parse_bounded};
use riposte_playbook::yaml::{self, Limits};
use riposte_playbook::{Report, load};
use serde_json::{Map, Value};
use std::io::Read;
use std::path::Path;

/// Most bytes of a file with values: as much as an answer of Defender may have.
const MOST_INPUT: usize = 16 << 20;
/// How stdin is called on the command line.
const STDIN: &str = "-";

/// What was given to be evaluated.
enum Subject {
    Bare(Expression),
    Template(Template),
}

pub(crate) async fn run(arguments: Expr) -> Result<Exit> {
    let subject = parse(&arguments.expression)?;
    let values = match (&arguments.input, &arguments.run) {
        (Some(file), _) => read_input(file)?,
        (None, Some(run)) => {
            let journal = compose::existing_journal(&Place::of(&arguments.place)?.data_dir).await?;
            let values = recorded(&journal, run).await;
            journal.close().await;
            values?
        }
        (None, None) => Map::new(),
    };
    check(&arguments.expression, &subject, &values)?;
    let mut bindings = Bindings::new();
    for (name, value) in &values {
        bindings = bindings.with(name, value);
    }
    let explanation = match &subject {
        Subject::Bare(expression) => expression.explain(&bindings),
        Subject::Template(template) => template.explain(&bindings),
    };
    tell(&arguments, &explanation)
}

/// An expression, or a text that holds some between `${{` and `}}`.
fn parse(text: &str) -> Result<Subject> {
    if !text.contains("${{") {
        return Expression::parse(text).map(Subject::Bare).map_err(|problems| wrong(text, &problems));
    }
    let template = Template::parse(text).map_err(|problems| wrong(text, &problems))?;
    if template.as_literal().is_some() {
        return Err(usage("there is no expression in it: `$${{` stands for the characters themselves"));
    }
    Ok(Subject::Template(template))
}

/// Refuses what can be seen to be wrong before anything is evaluated: above all names that are not there.
fn check(text: &str, subject: &Subject, values: &Map<String, Value>) -> Result<()> {
    let scope = values.keys().fold(Scope::new(), |scope, name| scope.with(name, Schema::any()));
    let Checked { problems, .. } = match subject {
        Subject::Bare(expression) => expression.check(&scope),
        Subject::Template(template) => template.check(&scope),
    };
    if problems.is_empty() { Ok(()) } else { Err(wrong(text, &problems)) }
}

fn wrong(text: &str, problems: &[Problem]) -> anyhow::Error {
    let drawn: Vec<String> = problems.iter().map(|problem| render::problem(text, problem)).collect();
    usage(drawn.join("\nerror: "))
}

fn tell(arguments: &Expr, explanation: &Explanation) -> Result<Exit> {
    show(
        arguments.output,
        || render::tree(explanation, Style::stdout()),
        || render::document(&arguments.expression, explanation),
    )?;
    match &explanation.result {
        Ok(_) => Ok(Exit::Done),
        Err(problem) => Err(anyhow!(render::problem(&arguments.expression, problem))),
    }
}

/// The values in a file of JSON or YAML: its top-level keys are the names in scope.
fn read_input(file: &Path) -> Result<Map<String, Value>> {
    let stdin = file == Path::new(STDIN);
    let name = if stdin { "stdin".to_owned() } else { file.display().to_string() };
    let bytes = if stdin { read_stdin()? } else { files::read(file, MOST_INPUT)? };
    // What Windows programs save as UTF-8 begins with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let value = match parse_bounded(bytes, MOST_INPUT) {
        Ok(value) => value,
        Err(error) if file.extension().is_some_and(|extension| extension == "json") => {
            return Err(usage(format!("{name}: {error}")));
        }
        Err(_) => read_yaml(&name, bytes)?,
    };
    match value {
        Value::Object(values) => Ok(values),
        Value::Array(_) => Err(no_mapping(&name, "a list")),
        _ => Err(no_mapping(&name, "a single value")),
    }
}

fn no_mapping(name: &str, what: &str) -> anyhow::Error {
    usage(format!(
        "{name} holds {what}: a mapping is wanted, whose keys are the names in scope, like `inputs`"
    ))
}

fn read_stdin() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST_INPUT).unwrap_or(u64::MAX).saturating_add(1);
    std::io::stdin()
        .lock()
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| usage(format!("cannot read stdin: {error}")))?;
    if bytes.len() > MOST_INPUT {
        return Err(usage(format!("stdin is over the limit of {MOST_INPUT} bytes")));
    }
    Ok(bytes)
}

/// By the same rules as a playbook.
fn read_yaml(name: &str, bytes: &[u8]) -> Result<Value> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        usage(format!("{name} is not UTF-8: byte {} is not part of a character", error.valid_up_to() + 1))
    })?;
    match yaml::read(text, &Limits::default()) {
        Ok(root) => Ok(root.value.to_json()),
        Err(found) => {
            say!("{}", Report::new(name, text, found).render(Style::stderr().into()));
            Err(usage(format!("{name} is neither JSON nor the YAML that playbooks are written in")))
        }
    }
}

/// What expressions saw at the end of a recorded run, or see now if it is not over.
async fn recorded(journal: &Journal, text: &str) -> Result<Map<String, Value>> {
    let id: RunId = resolve(journal, text).await?;
    let events = journal.events(id).await?;
    let Some(hash) = events.first().and_then(|event| match &event.body {
        riposte_engine::EventBody::RunStarted(started) => Some(&started.source),
        _ => None,
    }) else {
        anyhow::bail!("the journal has no beginning of {id}");
    };
    let source = journal.source(hash).await?;
    let loaded = load(&format!("the playbook of {id}"), &source, &catalogue());
    let Some(playbook) = loaded.playbook else {
        say!("{}", loaded.report.render(Style::stderr().into()));
        anyhow::bail!("the playbook of {id} does not load any more: this riposte reads playbooks otherwise");
    };
    let run = Run::replay(id, playbook, &events)?;
    Ok(run.values().into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
