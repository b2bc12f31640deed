//! `riposte schedule`

use crate::cli::{Schedule, ScheduleNext};
use crate::command::{playbook, show};
use crate::exit::{Exit, usage};
use crate::render::moment::moment;
use crate::render::schedule::{Times, lines, to_json};
use crate::render::style::Style;
use anyhow::Result;
use riposte_engine::Clock;
use riposte_executor::SystemClock;

pub(crate) fn run(arguments: Schedule) -> Result<Exit> {
    match arguments {
        Schedule::Next(arguments) => next(&arguments),
    }
}

fn next(arguments: &ScheduleNext) -> Result<Exit> {
    let now = SystemClock.now();
    let from = arguments.from.as_deref().map_or(Ok(now), |text| moment(text, now)).map_err(usage)?;
    let playbook = playbook::open(&arguments.playbook)?.playbook;
    let count = usize::try_from(arguments.number).unwrap_or(usize::MAX);
    let schedules: Vec<Times<'_>> =
        playbook.schedules().map(|schedule| Times::after(&playbook.name, schedule, from, count)).collect();
    if schedules.is_empty() {
        let name = &playbook.name;
        return Err(usage(format!("{name} has no schedule: it would stand under `triggers`, as `schedule`")));
    }
    show(arguments.output, || lines(&schedules, Style::stdout()), || to_json(&playbook.name, &schedules))?;
    Ok(Exit::Done)
}
