//! `kill -9` of the daemon at moments drawn from a seed, again and again until every run has ended: then each order has begun
//! one run, and the tenant has done exactly what the playbooks wish.
//!
//! A moment is a request that the tenant has carried out and is about to answer, or a line that the daemon has said, or some
//! time from its start, when it may still be taking up what the one before has left. Which of them, the seed says; where within
//! it the kill strikes is left to the machine. Nothing that is asserted depends on it.

mod chance;
mod judge;
mod orders;
mod resumed;
mod round;

use judge::Figures;
use round::Round;
use std::io::Write;
use std::time::Instant;

/// Rounds from this seed on, until so many daemons were killed.
fn kill(seed: u64, kills: usize) -> Figures {
    let mut all = Figures::default();
    for seed in seed.. {
        all.add(&Round::new(seed).play());
        if all.kills >= kills {
            break;
        }
    }
    all
}

#[test]
fn however_often_the_daemon_is_killed_each_order_is_carried_out_once() {
    let figures = kill(1, 8);
    assert!(figures.kills >= 8, "{figures:?}");
    assert_eq!((figures.started, figures.done), (figures.orders, figures.wished), "{figures:?}");
}

/// `cargo test -p riposte --test all five_hundred -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
#[expect(clippy::disallowed_methods, reason = "for whoever reads the figures")]
fn five_hundred_kills() {
    let began = Instant::now();
    let figures = kill(1000, 500);
    writeln!(std::io::stderr(), "{figures:?} in {:?}", began.elapsed()).unwrap();
    assert!(
        figures.adopted > 0 && figures.absent > 0,
        "no kill struck between an intent and its answer: {figures:?}"
    );
    assert_eq!((figures.started, figures.done), (figures.orders, figures.wished), "{figures:?}");
}
