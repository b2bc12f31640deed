//! `riposte actions`

use crate::cli::Actions;
use crate::command::show;
use crate::exit::{Exit, usage};
use crate::render::catalogue as render;
use crate::render::style::Style;
use anyhow::Result;
use riposte_actions::catalogue;

pub(crate) fn run(arguments: &Actions) -> Result<Exit> {
    let catalogue = catalogue();
    let style = Style::stdout();
    let Some(name) = &arguments.name else {
        show(
            arguments.output,
            || render::list(catalogue.iter().map(AsRef::as_ref), style),
            || catalogue.iter().map(|action| render::to_json(action)).collect(),
        )?;
        return Ok(Exit::Done);
    };
    let action = catalogue.get(name).ok_or_else(|| {
        let hint = riposte_expr::nearest(name, catalogue.names())
            .or_else(|| catalogue.names().find(|known| known.split('.').any(|part| part == name)))
            .map_or_else(
                || "`riposte actions` lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
        usage(format!("no action is called `{name}`: {hint}"))
    })?;
    show(arguments.output, || render::one(action, style), || render::to_json(action))?;
    Ok(Exit::Done)
}
