//! The tenant's truth next to what was ordered, and to what the journal says of it.

use super::orders::{device, wished};
use super::round::Round;
use crate::daemon::get;
use riposte_model::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) kills: usize,
    /// Orders, runs that nobody called that began for them, and runs in all that ended.
    pub(super) orders: usize,
    pub(super) started: usize,
    pub(super) finished: usize,
    /// Orders that were given again and recognized.
    pub(super) duplicates: usize,
    pub(super) wished: usize,
    pub(super) done: usize,
    /// Unknown outcomes that were found to be carried out, and that were not.
    pub(super) adopted: usize,
    pub(super) absent: usize,
}

impl Figures {
    pub(super) fn add(&mut self, other: &Figures) {
        self.kills += other.kills;
        self.orders += other.orders;
        self.started += other.started;
        self.finished += other.finished;
        self.duplicates += other.duplicates;
        self.wished += other.wished;
        self.done += other.done;
        self.adopted += other.adopted;
        self.absent += other.absent;
    }
}

/// One attempt to act as the journal tells it.
#[derive(Debug)]
struct Acted {
    /// Run, step and attempt.
    call: String,
    device: String,
    stops_harm: bool,
    /// The provider's id of the action; none if it was certainly not carried out.
    id: Option<String>,
    intended: i64,
    ended: i64,
}

pub(super) fn judge(round: &Round, socket: &Path, figures: &mut Figures) {
    let seed = round.seed;
    let ready = get(socket, "/readyz").unwrap().body;
    assert_eq!(ready["troubled"].as_array().map(Vec::len), Some(0), "seed {seed}: {ready}");

    let list = get(socket, "/api/v1/runs?limit=500").unwrap().body;
    let runs: Vec<Value> = list["runs"].as_array().unwrap().iter().map(|run| show(socket, run)).collect();
    for run in &runs {
        assert_eq!(run["status"], "succeeded", "seed {seed}: {run:#}");
    }
    began_once(round, &runs);
    figures.orders = round.orders.len();
    figures.started = runs.iter().filter(|run| run["parent"].is_null()).count();
    figures.finished = runs.len();
    figures.duplicates = round.given.iter().map(|given| given.duplicates).sum();

    let acted: Vec<Acted> = runs.iter().flat_map(|run| look_at(seed, run, figures)).collect();
    in_turn(seed, &acted);
    figures.wished = done_once(round, &acted);
    figures.done = round.practice.tenant.effects().len();

    let verify = round.scratch.riposte(&["journal", "verify"]).output().unwrap();
    let said = String::from_utf8_lossy(&verify.stdout);
    assert!(verify.status.success() && said.contains("(0 not over)"), "seed {seed}: {verify:?}");
}

fn show(socket: &Path, run: &Value) -> Value {
    get(socket, &format!("/api/v1/runs/{}", run["run_id"].as_str().unwrap())).unwrap().body
}

/// Each order began one run, whatever became of its answers, and no run began without one.
fn began_once(round: &Round, runs: &[Value]) {
    let seed = round.seed;
    let mut answered = BTreeSet::new();
    for (order, given) in round.orders.iter().zip(&round.given) {
        assert_eq!(given.runs.len(), 1, "seed {seed}: {order:?} is {:?}", given.runs);
        assert!(given.begun <= 1, "seed {seed}: {order:?} began {} times", given.begun);
        answered.extend(given.runs.iter().cloned());
    }
    assert_eq!(answered.len(), round.orders.len(), "seed {seed}: two orders have one run");
    let began = runs.iter().filter(|run| run["parent"].is_null());
    let began: BTreeSet<String> = began.map(|run| run["run_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(began, answered, "seed {seed}");
}

/// What one run did. Nothing of it may be in doubt.
fn look_at(seed: u64, run: &Value, figures: &mut Figures) -> Vec<Acted> {
    // The attempts under way, by step: one each.
    let mut open: HashMap<String, (&Value, Option<String>)> = HashMap::new();
    let mut doubts = BTreeSet::new();
    let mut acted = Vec::new();
    for event in run["events"].as_array().unwrap() {
        let step = event["step"].as_str().unwrap_or_default().to_owned();
        match event["kind"].as_str().unwrap() {
            "call_intended" => assert!(open.insert(step, (event, None)).is_none(), "seed {seed}: {event}"),
            "outcome_unknown" => drop(doubts.insert(step)),
            "call_accepted" => open.get_mut(&step).unwrap().1 = Some(id(event)),
            "reconciled" => {
                assert!(doubts.remove(&step), "seed {seed}: {event}");
                match event["finding"]["result"].as_str().unwrap() {
                    "adopted" => {
                        open.get_mut(&step).unwrap().1 = Some(id(&event["finding"]));
                        figures.adopted += 1;
                    }
                    "absent" => {
                        let (intent, id) = open.remove(&step).unwrap();
                        acted.push(attempt(run, intent, id, event));
                        figures.absent += 1;
                    }
                    other => panic!("seed {seed}: {other} in {event}"),
                }
            }
            "call_succeeded" | "call_failed" => {
                if let Some((intent, id)) = open.remove(&step) {
                    acted.push(attempt(run, intent, id, event));
                }
            }
            _ => {}
        }
    }
    assert!(doubts.is_empty() && open.is_empty(), "seed {seed}: {doubts:?}, {open:?} in {run:#}");
    acted
}

fn attempt(run: &Value, intent: &Value, id: Option<String>, end: &Value) -> Acted {
    Acted {
        call: format!("{} {} {}", run["run_id"], intent["step"], intent["attempt"]),
        device: intent["arguments"]["machine_id"].as_str().unwrap().to_owned(),
        stops_harm: matches!(
            intent["action"].as_str().unwrap(),
            "defender.isolate_machine" | "defender.restrict_code_execution"
        ),
        id,
        intended: millis(&intent["at"]),
        ended: millis(&end["at"]),
    }
}

fn id(of: &Value) -> String {
    of["provider_id"].as_str().unwrap().to_owned()
}

fn millis(at: &Value) -> i64 {
    Timestamp::try_from(at.as_str().unwrap().to_owned()).unwrap().as_millis()
}

/// The tenant has done what was ordered, and each of its actions is that of one step. How many those are.
fn done_once(round: &Round, acted: &[Acted]) -> usize {
    let seed = round.seed;
    let effects = round.practice.tenant.effects();
    let mut done: BTreeMap<(String, String), usize> = BTreeMap::new();
    for effect in &effects {
        *done.entry((effect.device.clone(), effect.kind.to_string())).or_default() += 1;
    }
    assert_eq!(done, wished(&round.orders), "seed {seed}");
    let done: Vec<(&String, &Acted)> =
        acted.iter().filter_map(|acted| Some((acted.id.as_ref()?, acted))).collect();
    let by_id: BTreeMap<&String, &Acted> = done.iter().copied().collect();
    assert_eq!((by_id.len(), done.len()), (effects.len(), effects.len()), "seed {seed}: {acted:#?}");
    for effect in effects {
        let acted = by_id[&effect.action];
        let at = effect.at.timestamp_millis();
        let fits = acted.device == effect.device && acted.intended <= at && at <= acted.ended;
        assert!(fits, "seed {seed}: {acted:?} is not {effect:?}");
    }
    done.len()
}

/// How far the journal's times of two intents may be in the wrong order: who has the device is settled just before they are
/// taken, and a thread may be held up in between.
const HELD_UP_MS: i64 = 250;

/// No two actions were under way on one device, except that what stops harm goes beside what was there before it.
fn in_turn(seed: u64, acted: &[Acted]) {
    for number in 0..super::orders::DEVICES {
        let device = device(number);
        let here: Vec<&Acted> = acted.iter().filter(|acted| acted.device == device).collect();
        for (at, one) in here.iter().enumerate() {
            for other in &here[at + 1..] {
                let (first, second) =
                    if one.intended <= other.intended { (one, other) } else { (other, one) };
                let may_overlap = |first: &Acted, second: &Acted| second.stops_harm && !first.stops_harm;
                let allowed = may_overlap(first, second)
                    || (second.intended - first.intended < HELD_UP_MS && may_overlap(second, first));
                let beside = format!("{} beside {}", second.call, first.call);
                assert!(allowed || second.intended >= first.ended, "seed {seed}: {beside}: {here:#?}");
            }
        }
    }
}
