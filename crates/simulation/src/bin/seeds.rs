//! Lives through many seeded worlds, and shows those in which an invariant does not hold.
//!
//! `cargo run --release -p riposte-simulation --bin seeds -- --seeds 100000`. Progress goes to stderr, one table to stdout at
//! the end; the exit code is 1 if there was a violation. Each is shown with the command that tells its life again.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its figures are what it is run for")]

use clap::Parser;
use riposte_simulation::{Fault, Invariant, Life, Protection, Violation, live, tell};
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Most violations that are shown: the first ones say enough.
const SHOWN: usize = 20;

/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(5);

/// Lives through seeded worlds and checks the invariants at the end of each.
#[derive(Parser)]
struct Arguments {
    /// How many worlds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first one's seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only this one, with all that happens in it.
    #[arg(long, conflicts_with_all = ["seeds", "from", "threads"])]
    seed: Option<u64>,
    /// Switches one protection off, to see that it is noticed.
    #[arg(long, value_name = "PROTECTION", value_parser = protection)]
    without: Option<Protection>,
    /// Worlds that are lived in at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=256))]
    threads: u64,
}

fn protection(text: &str) -> Result<Protection, String> {
    let names = Protection::ALL.map(Protection::as_str);
    let found = Protection::ALL.into_iter().find(|one| one.as_str() == text);
    found.ok_or_else(|| format!("one of: {}", names.join(", ")))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let held = match arguments.seed {
        Some(seed) => replay(seed, arguments.without),
        None => all(&arguments),
    };
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tells one life. `false`: an invariant does not hold.
fn replay(seed: u64, without: Option<Protection>) -> bool {
    let (story, end) = tell(seed, without);
    story.iter().for_each(|line| println!("{line}"));
    match end {
        Ok(life) => println!("\nevery invariant holds: {life:?}"),
        Err(violation) => {
            println!("\n{:?} does not hold: {}", violation.invariant, violation.what);
            return false;
        }
    }
    true
}

/// Lives them all. `false`: in some an invariant does not hold.
#[expect(clippy::disallowed_methods, reason = "how long it takes is one of the figures")]
fn all(arguments: &Arguments) -> bool {
    let began = Instant::now();
    let done = AtomicU64::new(0);
    let (life, violations) = std::thread::scope(|scope| {
        let work = |first| {
            let done = &done;
            move || some(arguments, first, done, began)
        };
        let threads: Vec<_> = (0..arguments.threads).map(|first| scope.spawn(work(first))).collect();
        let ends = threads.into_iter().map(|thread| thread.join().expect("panics end in violations"));
        ends.fold((Life::default(), Vec::new()), |(mut sum, mut all), (life, violations)| {
            sum += life;
            all.extend(violations);
            (sum, all)
        })
    });
    table(arguments, began.elapsed(), &life, &violations);
    violations.is_empty()
}

/// Every so many worlds, beginning with this one.
#[expect(clippy::disallowed_methods, reason = "progress is told every few seconds")]
fn some(arguments: &Arguments, first: u64, done: &AtomicU64, began: Instant) -> (Life, Vec<Violation>) {
    let (mut sum, mut violations) = (Life::default(), Vec::new());
    let mut told = began;
    let seeds = arguments.from..arguments.from.saturating_add(arguments.seeds);
    for seed in seeds.skip(as_index(first)).step_by(as_index(arguments.threads)) {
        match catch_unwind(|| live(seed, arguments.without)) {
            Ok(Ok(life)) => sum += life,
            Ok(Err(violation)) => violations.push(violation),
            Err(_) => {
                let what = "the life panicked; the message is above".to_owned();
                violations.push(Violation { seed, invariant: Invariant::NoPanic, what });
            }
        }
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if first == 0 && told.elapsed() >= PROGRESS {
            told = Instant::now();
            eprintln!("{done} of {} worlds, {:.0} s", arguments.seeds, began.elapsed().as_secs_f64());
        }
    }
    (sum, violations)
}

fn as_index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn table(arguments: &Arguments, took: Duration, life: &Life, violations: &[Violation]) {
    let without = arguments.without.map_or("nothing", Protection::as_str);
    println!("{:28}{:>12}", "switched off", without);
    println!("{:28}{:>12}", "seeds", arguments.seeds);
    println!("{:28}{:>12.1}", "seconds", took.as_secs_f64());
    let figures = [
        ("runs", life.runs),
        ("of them called by others", life.called),
        ("events", life.events),
        ("effects", life.effects),
        ("outcomes in doubt", life.doubts),
        ("waits for a device", life.waits),
        ("actions taken back", life.withdrawals),
        ("actions left open", life.left_open),
    ];
    let faults = Fault::ALL.map(|fault| (fault.as_str(), life.faults.of(fault)));
    for (name, count) in figures.into_iter().chain(faults) {
        println!("{name:28}{count:>12}");
    }
    println!("{:28}{:>12}", "violations", violations.len());
    for violation in violations.iter().take(SHOWN) {
        let without =
            arguments.without.map_or_else(String::new, |one| format!(" --without {}", one.as_str()));
        println!("\n{:?}: {}", violation.invariant, violation.what);
        println!(
            "  cargo run --release -p riposte-simulation --bin seeds -- --seed {}{without}",
            violation.seed
        );
    }
}
