//! Playbooks for worlds: made from a seed, in the language's own text.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng};
use riposte_model::{
    ActionName, ActionSpec, Catalogue, Completion, Effect, Permissions, Priority, RateLimit, Schema,
};
use riposte_playbook::{Playbook, load_all};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// Actions of a world: one that strikes, one that strikes without stopping harm, one that strikes and is done with it, one
/// that does the same and leaves no trace, one that may be repeated, one that only looks, and one that looks for as long as
/// it has time.
pub fn catalogue() -> Catalogue {
    let scan = spec("scan", Effect::Once, Completion::Followed);
    [
        spec("strike", Effect::Once, Completion::Followed),
        ActionSpec { priority: Priority::Collection, ..scan },
        spec("mark", Effect::Once, Completion::Immediate),
        spec(TRACELESS, Effect::Once, Completion::Immediate),
        spec("label", Effect::Idempotent, Completion::Immediate),
        spec("look", Effect::Read, Completion::Immediate),
        spec("fetch", Effect::Read, Completion::Fetched),
    ]
    .into_iter()
    .collect()
}

/// What the provider keeps no log of.
pub(crate) const TRACELESS: &str = "tell";

fn spec(operation: &str, effect: Effect, completion: Completion) -> ActionSpec {
    ActionSpec {
        name: ActionName::parse(&format!("world.{operation}")).expect("a valid name"),
        summary: "acts in a simulated world",
        arguments: Schema::object().optional("target", Schema::string()),
        output: Schema::object().optional("seen", Schema::integer()),
        effect,
        completion,
        priority: Priority::Containment,
        device: Some("target"),
        inverse: None,
        permissions: Permissions::default(),
        rate_limit: RateLimit::default(),
        default_timeout: Duration::from_secs(3600),
        docs: "",
    }
}

/// Most levels of blocks and branches in each other.
const MAX_DEPTH: u32 = 3;

/// The playbook of a seed, and those that it may call.
pub fn generated(seed: u64) -> (Arc<Playbook>, Vec<Arc<Playbook>>) {
    let mut playbooks = generate(&mut ChaCha8Rng::seed_from_u64(seed));
    (playbooks.remove(0), playbooks)
}

/// A playbook, and behind it those that it may call, which load. Panics if they do not: then the generator, or the
/// language, is wrong.
pub(crate) fn generate(random: &mut impl Rng) -> Vec<Arc<Playbook>> {
    let texts: Vec<String> = (0..=CALLED).map(|number| text(random, number)).collect();
    let files = texts.iter().enumerate().map(|(number, text)| (format!("{number}.yaml"), text.clone()));
    let mut playbooks: Vec<_> = load_all(files.collect(), &catalogue())
        .into_iter()
        .zip(&texts)
        .map(|(loaded, text)| {
            let report = loaded.report;
            loaded.playbook.unwrap_or_else(|| {
                #[expect(clippy::panic, reason = "a test's own playbook must load")]
                {
                    panic!("{}\n{text}", report.render(riposte_playbook::Style::Plain))
                }
            })
        })
        .collect();
    playbooks.reverse();
    playbooks
}

/// How many playbooks can be called. Each may call those before it.
const CALLED: usize = 2;

fn text(random: &mut impl Rng, number: usize) -> String {
    let mut text =
        format!("name: world-{number}\ninputs:\n  device: {{ type: string, default: d0 }}\nsteps:\n");
    let depth = if number == CALLED { MAX_DEPTH } else { 1 };
    let (mut steps_so_far, calls) = (0, number);
    let mut inside = Inside { depth, may_stop: true, calls, number: &mut steps_so_far };
    steps(random, &mut text, 1, &mut inside);
    for handler in ["on_failure", "always"] {
        if random.random_range(0..4) == 0 {
            let _ = writeln!(text, "{handler}:");
            let mut inside = Inside { depth: 1, may_stop: false, calls, number: &mut steps_so_far };
            steps(random, &mut text, 1, &mut inside);
        }
    }
    text
}

/// What is around a list of steps.
struct Inside<'n> {
    /// Levels that are left.
    depth: u32,
    may_stop: bool,
    /// How many playbooks it may call.
    calls: usize,
    /// Steps so far.
    number: &'n mut u32,
}

impl Inside<'_> {
    fn deeper(&mut self, may_stop: bool) -> Inside<'_> {
        let may_stop = self.may_stop && may_stop;
        Inside { depth: self.depth - 1, may_stop, calls: self.calls, number: self.number }
    }
}

/// The device of a step: mostly that of the run.
fn target(random: &mut impl Rng) -> &'static str {
    match random.random_range(0..4) {
        0 => "with: { target: d0 }",
        1 => "with: { target: d1 }",
        _ => "with: { target: \"${{ inputs.device }}\" }",
    }
}

fn steps(random: &mut impl Rng, text: &mut String, indent: usize, inside: &mut Inside<'_>) {
    let pad = "  ".repeat(indent);
    for _ in 0..random.random_range(1..=3) {
        *inside.number += 1;
        let id = format!("s{}", inside.number);
        let retry = format!(
            "retry: {{ attempts: {}, initial: {}s, jitter: none }}",
            random.random_range(1..=4),
            random.random_range(1..=5)
        );
        let target = target(random);
        let line = match random.random_range(0..15) {
            13 => format!("action: world.label\n{pad}  {target}\n{pad}  {retry}"),
            14 => format!(
                "wait: {{ until: 'timestamp(run.started_at) + duration(\"{}s\")' }}",
                random.random_range(1..=300)
            ),
            0..=3 => {
                let ending = match random.random_range(0..6) {
                    0 => format!("\n{pad}  await: accepted"),
                    1 => format!("\n{pad}  timeout: {}s", random.random_range(1..=400)),
                    _ => String::new(),
                };
                let action = if random.random_bool(0.5) { "strike" } else { "scan" };
                format!("action: world.{action}\n{pad}  {target}\n{pad}  {retry}{ending}")
            }
            4 => format!("action: world.look\n{pad}  {retry}"),
            5 => {
                let action = if random.random_bool(0.5) { TRACELESS } else { "mark" };
                format!("action: world.{action}\n{pad}  {target}\n{pad}  {retry}")
            }
            12 if inside.calls > 0 => {
                let ending = match random.random_range(0..3) {
                    0 => format!("\n{pad}  timeout: {}s", random.random_range(1..=400)),
                    _ => String::new(),
                };
                let called = random.random_range(0..inside.calls);
                format!(
                    "call: world-{called}\n{pad}  with: {{ device: \"${{{{ inputs.device }}}}\" }}{ending}"
                )
            }
            6 => format!("wait: {}s", random.random_range(1..=100)),
            7 if inside.may_stop && random.random_range(0..4) == 0 => "stop: enough".to_owned(),
            7 if random.random_range(0..4) == 0 => "fail: too much".to_owned(),
            7 => "set: { value: \"${{ 1 + 1 }}\" }".to_owned(),
            8 | 10 if inside.depth > 0 => {
                let _ = writeln!(text, "{pad}- id: {id}");
                if random.random_range(0..4) == 0 {
                    let _ = writeln!(text, "{pad}  timeout: {}s", random.random_range(1..=400));
                }
                let _ = writeln!(text, "{pad}  steps:");
                steps(random, text, indent + 2, &mut inside.deeper(true));
                for (handler, may_stop) in [("on_failure", true), ("always", false)] {
                    if random.random_bool(0.5) {
                        let _ = writeln!(text, "{pad}  {handler}:");
                        steps(random, text, indent + 2, &mut inside.deeper(may_stop));
                    }
                }
                continue;
            }
            11 if inside.depth > 0 => {
                let items: Vec<String> =
                    (0..random.random_range(0..=4)).map(|item: i32| item.to_string()).collect();
                let _ = writeln!(
                    text,
                    "{pad}- id: {id}\n{pad}  for_each: '[{}]'\n{pad}  as: i{}\n{pad}  max: {}\n{pad}  on_item_error: {}\n{pad}  outputs: {{ item: \"${{{{ i{} }}}}\" }}\n{pad}  steps:",
                    items.join(", "),
                    inside.number,
                    random.random_range(1..=3),
                    if random.random_bool(0.5) { "stop" } else { "continue" },
                    inside.number,
                );
                steps(random, text, indent + 2, &mut inside.deeper(true));
                continue;
            }
            9 if inside.depth > 0 => {
                let _ = writeln!(
                    text,
                    "{pad}- id: {id}\n{pad}  max: {}\n{pad}  parallel:",
                    random.random_range(1..=3)
                );
                for _ in 0..random.random_range(1..=3) {
                    let _ = writeln!(text, "{pad}    - steps:");
                    steps(random, text, indent + 4, &mut inside.deeper(true));
                }
                continue;
            }
            _ => "set: { value: 1 }".to_owned(),
        };
        let _ = writeln!(text, "{pad}- id: {id}\n{pad}  {line}");
        if random.random_range(0..4) == 0 {
            let _ = writeln!(text, "{pad}  on_error: continue");
        }
        if random.random_range(0..8) == 0 {
            let _ = writeln!(text, "{pad}  if: {}", random.random_bool(0.5));
        }
    }
}
