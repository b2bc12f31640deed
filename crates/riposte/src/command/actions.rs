//! `riposte actions`

use crate::cli::{Actions, Output};
use crate::command::{print, print_json};
use crate::exit::{Exit, usage};
use crate::render::catalogue as render;
use crate::render::style::Style;
use anyhow::Result;
use riposte_actions::catalogue;

pub(crate) fn run(arguments: &Actions) -> Result<Exit> {
    let catalogue = catalogue();
    let style = Style::stdout();
    match (&arguments.name, arguments.output) {
        (None, Output::Table) => print(&render::list(catalogue.iter().map(AsRef::as_ref), style))?,
        (None, Output::Json) => print_json(&catalogue.iter().map(|action| render::to_json(action)).collect())?,
        (Some(name), output) => {
            let Some(action) = catalogue.get(name) else {
                let hint = riposte_expr::nearest(name, catalogue.names())
                    .map_or_else(|| "`riposte actions` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
                return Err(usage(format!("no action is called `{name}`: {hint}")));
            };
            match output {
                Output::Table => print(&render::one(action, style))?,
                Output::Json => print_json(&render::to_json(action))?,
            }
        }
    }
    Ok(Exit::Done)
}
