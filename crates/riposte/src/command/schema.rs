//! `riposte schema`

use crate::cli::Schema;
use crate::command::print;
use crate::exit::Exit;
use anyhow::Result;
use riposte_actions::catalogue;
use riposte_playbook::editor_schema;

pub(crate) fn run(arguments: &Schema) -> Result<Exit> {
    let schema = match (arguments.config, arguments.openapi) {
        (true, _) => riposte_server::config::schema(),
        (_, true) => riposte_server::api::openapi(),
        (false, false) => editor_schema(&catalogue()),
    };
    print(&serde_json::to_string_pretty(&schema)?)?;
    Ok(Exit::Done)
}
