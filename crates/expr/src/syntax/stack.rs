//! Room for the parser: it takes up to 160 KiB of stack a bracket where nothing is optimised, and nobody knows how much the
//! caller has left.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Bytes of stack for the parser: twice what the worst text within the bounds of [`shape`](super::shape) was seen to take. Of
/// these only what is used is ever in memory.
const PARSER_STACK: usize = 16 << 20;

/// Bytes of stack for what calls the parser.
const CALLER_STACK: usize = 8 << 20;

thread_local! {
    /// Whether this thread has room for the parser.
    static HAS_ROOM: Cell<bool> = const { Cell::new(false) };
}

/// Runs on one thread with room for the parser, so that none is begun for each of many expressions that are compiled by it: a
/// playbook has dozens, and to begin and to await a thread takes longer than to parse most of them.
pub fn with_parser_stack<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    if HAS_ROOM.get() {
        return run();
    }
    let (mut run, mut value) = (Some(run), None);
    let ran = on_thread(PARSER_STACK + CALLER_STACK, || value = run.take().map(|run| run()));
    if let Some(Err(panic)) = ran {
        resume_unwind(panic);
    }
    // If there is no thread to be had, each expression tries for itself.
    value.or_else(|| run.map(|run| run())).expect("what has run has given its value")
}

/// Runs the parser where there is room for it. `None` if there is no thread, or if the parser panicked.
pub(super) fn parsing<T: Send>(run: impl FnOnce() -> T + Send) -> Option<T> {
    if HAS_ROOM.get() {
        // Nothing that the parser has left half-done is looked at again.
        return catch_unwind(AssertUnwindSafe(run)).ok();
    }
    on_thread(PARSER_STACK, run)?.ok()
}

fn on_thread<T: Send>(stack: usize, run: impl FnOnce() -> T + Send) -> Option<std::thread::Result<T>> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("parse".to_owned()).stack_size(stack);
        let run = || {
            HAS_ROOM.set(true);
            run()
        };
        Some(thread.spawn_scoped(scope, run).ok()?.join())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_with_room_for_the_parser_begins_no_other_thread() {
        let here = || std::thread::current().id();
        let (outer, inner, parsed) = with_parser_stack(|| (here(), with_parser_stack(here), parsing(here)));
        assert_eq!((inner, parsed), (outer, Some(outer)));
        assert_ne!(outer, here());
    }

    #[test]
    fn a_panic_of_the_parser_ends_the_parsing_only_and_one_of_the_caller_goes_on() {
        assert_eq!(parsing(|| panic!("the parser")), None::<()>);
        assert_eq!(with_parser_stack(|| parsing(|| panic!("the parser"))), None::<()>);
        let told = catch_unwind(|| with_parser_stack(|| panic!("the caller")));
        assert_eq!(told.unwrap_err().downcast_ref(), Some(&"the caller"));
    }

    #[test]
    fn the_deepest_expression_is_parsed_wherever_it_stands() {
        let deepest = format!("{}1{}", "(".repeat(32), ")".repeat(32));
        let alone = super::super::parse(&deepest).is_ok();
        assert_eq!(with_parser_stack(|| super::super::parse(&deepest).is_ok()), alone);
    }
}
