//! Many lives, and the proof that the judge can find a fault.

use riposte_simulation::{Life, Protection, live};

const SEEDS: u64 = 1_000;

#[test]
fn no_life_breaks_an_invariant() {
    let mut sum = Life::default();
    for seed in 0..SEEDS {
        let life = live(seed, Protection::All).unwrap_or_else(|violation| {
            panic!(
                "seed {}: {}; again: live({}, Protection::All)",
                violation.seed, violation.what, violation.seed
            )
        });
        sum.crashes += life.crashes;
        sum.doubts += life.doubts;
        sum.effects += life.effects;
        sum.calls += life.calls;
        sum.cancels += life.cancels;
        sum.withdrawals += life.withdrawals;
        sum.left_open += life.left_open;
    }
    // A world without trouble would prove nothing.
    assert!(sum.crashes > 400 && sum.doubts > 400 && sum.effects > 400, "{sum:?}");
    assert!(sum.calls > 400 && sum.cancels > 100, "{sum:?}");
    assert!(sum.withdrawals > 20 && sum.left_open > 5, "{sum:?}");
}

#[test]
fn repeating_an_unknown_call_is_noticed() {
    assert!((0..SEEDS).any(|seed| live(seed, Protection::NoReconcile).is_err()));
}

#[test]
fn believing_absence_too_early_is_noticed() {
    assert!((0..SEEDS).any(|seed| live(seed, Protection::NoVisibilityDelay).is_err()));
}

#[test]
fn a_called_run_that_goes_on_although_its_caller_was_cancelled_is_noticed() {
    assert!((0..SEEDS).any(|seed| live(seed, Protection::NoLookAtCaller).is_err()));
}

#[test]
fn a_cancelled_run_that_leaves_the_provider_at_work_is_noticed() {
    let violations: Vec<_> =
        (0..SEEDS).filter_map(|seed| live(seed, Protection::NoWithdrawal).err()).collect();
    let told = |what: &str| what.ends_with("is accepted, and at the provider it is Open");
    assert!(violations.iter().any(|violation| told(&violation.what)), "{violations:#?}");
}

#[test]
fn the_same_seed_gives_the_same_life() {
    assert_eq!(live(7, Protection::All), live(7, Protection::All));
}

/// As many as somebody has time for: `SEEDS=20000 cargo test --release -p riposte-simulation -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
#[expect(clippy::disallowed_methods, reason = "who runs it says how long it may take")]
fn no_life_breaks_an_invariant_however_many_there_are() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(20 * SEEDS);
    let (mut sum, mut violations) = (Life::default(), Vec::new());
    for seed in 0..seeds {
        match live(seed, Protection::All) {
            Ok(life) => {
                sum.events += life.events;
                sum.crashes += life.crashes;
                sum.doubts += life.doubts;
                sum.effects += life.effects;
                sum.calls += life.calls;
                sum.cancels += life.cancels;
                sum.withdrawals += life.withdrawals;
                sum.left_open += life.left_open;
            }
            Err(violation) => violations.push(violation),
        }
    }
    #[expect(clippy::print_stdout, reason = "these figures are what it is run for")]
    {
        println!("{seeds} seeds: {sum:?}");
    }
    assert!(violations.is_empty(), "{violations:#?}");
}
