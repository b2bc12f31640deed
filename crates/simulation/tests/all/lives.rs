//! Many lives, and the proof that the judge can find a fault.

use riposte_simulation::{Fault, Invariant, Life, Protection, live, tell};

const SEEDS: u64 = 2_000;

/// Among how many worlds there is one that shows what a protection is for. They are taken in order, so mostly few are lived.
const ENOUGH: u64 = 1_000;

#[test]
fn no_life_breaks_an_invariant() {
    let mut sum = Life::default();
    for seed in 0..SEEDS {
        sum += live(seed, None).unwrap_or_else(|violation| {
            panic!(
                "{violation:?}; again: cargo run -p riposte-simulation --bin seeds -- --seed {}",
                violation.seed
            )
        });
    }
    // A world without trouble would prove nothing.
    for fault in Fault::ALL {
        assert!(sum.faults.of(fault) > 100, "{}: {sum:?}", fault.as_str());
    }
    assert!(sum.runs > 4_000 && sum.called > 400 && sum.effects > 4_000, "{sum:?}");
    assert!(sum.doubts > 1_000 && sum.waits > 1_000, "{sum:?}");
    assert!(sum.withdrawals > 100 && sum.left_open > 20, "{sum:?}");
}

/// Some life breaks this invariant without that protection; with all of them none does.
fn is_noticed(without: Protection, invariant: Invariant) {
    let breaks = |seed| live(seed, Some(without)).is_err_and(|violation| violation.invariant == invariant);
    assert!((0..ENOUGH).any(breaks), "{invariant:?} holds without {}", without.as_str());
}

#[test]
fn a_call_that_leaves_before_it_is_on_disk_is_noticed() {
    is_noticed(Protection::Intent, Invariant::OnceEach);
}

#[test]
fn a_call_that_is_not_recognised_is_noticed() {
    is_noticed(Protection::Marker, Invariant::OnceEach);
}

#[test]
fn repeating_an_unknown_call_is_noticed() {
    is_noticed(Protection::Reconcile, Invariant::OnceEach);
}

#[test]
fn believing_absence_too_early_is_noticed() {
    is_noticed(Protection::VisibilityDelay, Invariant::OnceEach);
}

#[test]
fn a_delivery_that_begins_a_second_run_is_noticed() {
    is_noticed(Protection::Dedupe, Invariant::OneRunEach);
}

#[test]
fn actions_that_do_not_wait_for_their_device_are_noticed() {
    is_noticed(Protection::DeviceQueue, Invariant::NoOverlap);
}

#[test]
fn forgetting_in_a_crash_who_holds_a_device_is_noticed() {
    is_noticed(Protection::HoldAfterCrash, Invariant::NoOverlap);
}

#[test]
fn a_called_run_that_goes_on_although_its_caller_was_cancelled_is_noticed() {
    is_noticed(Protection::LookAtCaller, Invariant::NothingAfterCancel);
}

#[test]
fn a_cancelled_run_that_leaves_the_provider_at_work_is_noticed() {
    is_noticed(Protection::Withdrawal, Invariant::ReportsAreTrue);
}

#[test]
fn the_same_seed_gives_the_same_life_whether_it_is_told_or_not() {
    let (story, told) = tell(7, None);
    assert_eq!(told, live(7, None));
    assert_eq!((story, told), tell(7, None));
}

/// What the binary prints, and whether it ends well.
fn seeds(arguments: &str) -> (String, bool) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_seeds"));
    let output = command.args(arguments.split(' ')).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.success())
}

#[test]
fn the_binary_ends_in_a_table_and_a_command_for_each_violation() {
    let (table, held) = seeds("--seeds 20 --threads 2");
    assert!(held && table.contains("\nviolations                             0\n"), "{table}");
    let (table, held) = seeds("--seeds 20 --without dedupe");
    assert!(!held && table.contains("\nOneRunEach: delivery-"), "{table}");
    let again = table.split_once("--bin seeds -- ").unwrap().1.lines().next().unwrap();
    let (story, held) = seeds(again);
    let tells = |what| story.contains(what);
    assert!(
        !held && tells("name: world-2") && tells("begins for delivery") && tells("OneRunEach"),
        "{story}"
    );
}
