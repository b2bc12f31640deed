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
    }
    // A world without trouble would prove nothing.
    assert!(sum.crashes > 400 && sum.doubts > 400 && sum.effects > 400, "{sum:?}");
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
fn the_same_seed_gives_the_same_life() {
    assert_eq!(live(7, Protection::All), live(7, Protection::All));
}

/// A question in a branch that had not begun came back after another branch had failed.
#[test]
fn a_seed_that_once_failed_holds() {
    assert!(live(17_216, Protection::All).is_ok());
}
