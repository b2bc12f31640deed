use super::*;
use proptest::prelude::*;
use riposte_model::{ActionName, Completion, Permissions, RateLimit, Schema};
use serde_json::json;
use std::time::Duration;

fn who(run: u8, step: u8) -> Claimant {
    let run = format!("run_{run:032x}").parse().unwrap();
    Claimant { run, step: StepPath::root(&format!("s{step}")) }
}

fn claim(device: u8, priority: Priority) -> Claim {
    Claim { target: Target { connection: "c".into(), device: device.to_string() }, priority }
}

const SCAN: Priority = Priority::Collection;
const ISOLATE: Priority = Priority::Containment;

#[test]
fn one_after_another_in_the_order_in_which_they_came() {
    let mut devices = Devices::default();
    assert!(devices.ask(&claim(1, SCAN), &who(1, 1)));
    assert!(!devices.ask(&claim(1, SCAN), &who(2, 1)));
    assert!(!devices.ask(&claim(1, SCAN), &who(1, 2)));
    assert!(devices.ask(&claim(2, SCAN), &who(3, 1)), "another device is free");
    assert!(!devices.ask(&claim(1, SCAN), &who(2, 1)), "asking again changes nothing");
    assert!(devices.ask(&claim(1, SCAN), &who(1, 1)), "and what is held stays so");
    assert_eq!(devices.release(&who(1, 1)), [who(2, 1)]);
    assert_eq!(devices.release(&who(9, 9)), [], "who has no place changes nothing");
    assert_eq!(devices.release(&who(2, 1)), [who(1, 2)]);
    assert_eq!(devices.release(&who(1, 2)), []);
    assert_eq!(devices.forget(who(3, 1).run), []);
    assert!(devices.is_empty());
}

#[test]
fn an_isolation_does_not_wait_for_a_scan_and_goes_before_those_that_do() {
    let mut devices = Devices::default();
    assert!(devices.ask(&claim(1, SCAN), &who(1, 1)));
    assert!(!devices.ask(&claim(1, SCAN), &who(2, 1)));
    assert!(devices.ask(&claim(1, ISOLATE), &who(3, 1)));
    assert!(!devices.ask(&claim(1, ISOLATE), &who(4, 1)), "two isolations wait for each other");
    let target = claim(1, SCAN).target;
    assert_eq!(devices.holders(&target).collect::<Vec<_>>(), [&who(3, 1), &who(1, 1)]);
    assert_eq!(devices.release(&who(1, 1)), [], "the next scan waits for the isolations too");
    assert_eq!(devices.release(&who(3, 1)), [who(4, 1)]);
    assert_eq!(devices.release(&who(4, 1)), [who(2, 1)]);
}

#[test]
fn a_step_takes_the_device_over_from_one_that_is_over_unless_somebody_waits_for_it() {
    let mut devices = Devices::default();
    let over = |other: &Claimant| *other == who(1, 1);
    assert!(devices.ask(&claim(1, ISOLATE), &who(1, 1)));
    assert!(!devices.ask(&claim(1, SCAN), &who(1, 2)));
    assert!(devices.ask_after(&claim(1, SCAN), &who(1, 2), over));
    assert!(!devices.ask_after(&claim(1, SCAN), &who(2, 1), over), "the next step has it");
    assert_eq!(devices.release(&who(1, 1)), []);
    assert!(!devices.ask_after(&claim(1, SCAN), &who(1, 3), over), "another run waits for it");
    assert_eq!(devices.release(&who(1, 2)), [who(2, 1)]);
}

#[test]
fn who_has_not_begun_makes_way_for_an_isolation_that_came_meanwhile() {
    let mut devices = Devices::default();
    assert!(devices.ask(&claim(1, SCAN), &who(1, 1)));
    assert!(devices.confirm(&claim(1, SCAN), &who(1, 1)));
    assert!(devices.ask(&claim(1, ISOLATE), &who(2, 1)));
    assert!(devices.confirm(&claim(1, ISOLATE), &who(2, 1)));
    assert!(!devices.confirm(&claim(1, SCAN), &who(1, 1)), "the isolation is there before");
    assert!(!devices.ask(&claim(1, SCAN), &who(3, 1)));
    assert_eq!(devices.release(&who(2, 1)), [who(1, 1)], "in the order in which they came");
    assert!(devices.confirm(&claim(1, SCAN), &who(1, 1)));
}

#[test]
fn what_is_under_way_after_a_crash_holds_whatever_else_does() {
    let mut devices = Devices::default();
    devices.hold(&claim(1, SCAN), &who(1, 1));
    devices.hold(&claim(1, SCAN), &who(2, 1));
    assert!(!devices.ask(&claim(1, SCAN), &who(3, 1)));
    assert!(devices.ask(&claim(1, SCAN), &who(2, 1)));
    assert_eq!(devices.release(&who(1, 1)), []);
    assert_eq!(devices.forget(who(2, 1).run), [who(3, 1)]);
}

#[test]
fn who_gives_up_leaves_the_queue_and_makes_way() {
    let mut devices = Devices::default();
    assert!(devices.ask(&claim(1, SCAN), &who(1, 1)));
    for waiting in [who(2, 1), who(2, 2), who(3, 1)] {
        assert!(!devices.ask(&claim(1, SCAN), &waiting));
    }
    assert_eq!(devices.release(&who(2, 2)), []);
    assert_eq!(devices.forget(who(2, 1).run), []);
    assert_eq!(devices.release(&who(1, 1)), [who(3, 1)]);
}

#[test]
fn only_what_must_not_be_repeated_claims_a_device() {
    let spec = |effect, device| ActionSpec {
        name: ActionName::parse("defender.scan").unwrap(),
        summary: "",
        arguments: Schema::object(),
        output: Schema::object(),
        effect,
        completion: Completion::Followed,
        priority: SCAN,
        device,
        inverse: None,
        permissions: Permissions::default(),
        rate_limit: RateLimit::default(),
        default_timeout: Duration::from_secs(1),
        docs: "",
    };
    let arguments = json!({ "machine_id": "d", "other": 1 });
    let of = |effect, device| Claim::of(&spec(effect, device), arguments.as_object().unwrap());
    let target = Target { connection: "defender".into(), device: "d".into() };
    assert_eq!(of(Effect::Once, Some("machine_id")), Some(Claim { target, priority: SCAN }));
    assert_eq!(of(Effect::Idempotent, Some("machine_id")), None);
    assert_eq!(of(Effect::Read, Some("machine_id")), None);
    assert_eq!(of(Effect::Once, None), None);
    assert_eq!(of(Effect::Once, Some("absent")), None);
    assert_eq!(of(Effect::Once, Some("other")), None);
}

/// Something that is done with the queues.
#[derive(Clone, Debug)]
enum Step {
    Ask(u8, u8, u8, Priority),
    Release(u8, u8),
    Forget(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let priority =
        prop_oneof![Just(Priority::Containment), Just(Priority::Collection), Just(Priority::Enrichment)];
    prop_oneof![
        4 => (0..4_u8, 0..3_u8, 0..2_u8, priority).prop_map(|(run, step, device, p)| Step::Ask(run, step, device, p)),
        2 => (0..4_u8, 0..3_u8).prop_map(|(run, step)| Step::Release(run, step)),
        1 => (0..4_u8).prop_map(Step::Forget),
    ]
}

/// What must be so, kept as simply as possible: everybody who asked and has not left, in that order.
#[derive(Default)]
struct Model(Vec<(Claimant, Claim, bool)>);

impl Model {
    /// Whether the rule lets these two hold one device together.
    fn may_overlap(one: Priority, other: Priority) -> bool {
        (one == ISOLATE) != (other == ISOLATE)
    }

    /// Everybody whose turn it is, in the order in which they are served.
    fn serve(&mut self) -> Vec<Claimant> {
        let mut served = Vec::new();
        for first in [true, false] {
            for at in 0..self.0.len() {
                let (who, claim, holds) = self.0[at].clone();
                if holds || (claim.priority == ISOLATE) != first {
                    continue;
                }
                let goes_first = |number: usize, priority| match (claim.priority, priority) {
                    (ISOLATE, ISOLATE) => number < at,
                    (ISOLATE, _) => false,
                    (_, ISOLATE) => true,
                    (_, _) => number < at,
                };
                let is_blocked = self.0.iter().enumerate().any(|(number, (_, other, holds))| {
                    number != at
                        && other.target == claim.target
                        && (*holds
                            && !(claim.priority == ISOLATE && Self::may_overlap(ISOLATE, other.priority))
                            || goes_first(number, other.priority))
                });
                if !is_blocked {
                    self.0[at].2 = true;
                    served.push(who);
                }
            }
        }
        served
    }
}

fn sorted(mut all: Vec<Claimant>) -> Vec<String> {
    let mut texts: Vec<String> = all.drain(..).map(|who| format!("{who:?}")).collect();
    texts.sort();
    texts
}

proptest! {
    /// Whatever happens: the rule holds, who holds goes on holding, the order is kept, and who left is forgotten.
    #[test]
    fn the_rule_holds_whatever_happens(steps in prop::collection::vec(step(), 0..60)) {
        let (mut devices, mut model) = (Devices::default(), Model::default());
        for step in steps {
            match step {
                Step::Ask(run, step, device, priority) => {
                    let (who, claim) = (who(run, step), claim(device, priority));
                    let stands = model.0.iter().find(|(other, at, _)| *other == who && at.target == claim.target);
                    let held = stands.is_some_and(|(_, _, holds)| *holds);
                    if stands.is_none() {
                        model.0.push((who.clone(), claim.clone(), false));
                    }
                    let served = model.serve();
                    prop_assert_eq!(devices.ask(&claim, &who), held || served.contains(&who));
                    prop_assert!(served.iter().all(|one| *one == who), "asking serves nobody else");
                }
                Step::Release(run, step) => {
                    let gone = who(run, step);
                    model.0.retain(|(who, _, _)| *who != gone);
                    prop_assert_eq!(sorted(devices.release(&gone)), sorted(model.serve()));
                }
                Step::Forget(run) => {
                    let gone = who(run, 0).run;
                    model.0.retain(|(who, _, _)| who.run != gone);
                    prop_assert_eq!(sorted(devices.forget(gone)), sorted(model.serve()));
                }
            }
            for (at, (who, claim, holds)) in model.0.iter().enumerate() {
                let holders: Vec<_> = devices.holders(&claim.target).collect();
                prop_assert_eq!(holders.contains(&who), *holds);
                for (other, with, both) in &model.0[..at] {
                    prop_assert!(
                        !(*holds && *both && claim.target == with.target)
                            || Model::may_overlap(claim.priority, with.priority),
                        "{:?} and {:?} overlap", who, other
                    );
                }
            }
        }
        // Nobody waits for ever: as long as those who hold leave, everybody comes to hold.
        while let Some((who, _, _)) = model.0.iter().find(|(_, _, holds)| *holds).cloned() {
            model.0.retain(|(other, _, _)| *other != who);
            prop_assert_eq!(sorted(devices.release(&who)), sorted(model.serve()));
        }
        prop_assert!(model.0.is_empty(), "{:?} waits for ever", model.0.first());
        prop_assert!(devices.is_empty(), "{:?}", devices);
    }

    /// What was under way before a crash holds, and then nobody new comes in beside it against the rule.
    #[test]
    fn nobody_comes_in_beside_what_was_under_way(
        held in prop::collection::vec((0..4_u8, 0..2_u8, any::<bool>()), 0..6),
        asked in prop::collection::vec((0..2_u8, any::<bool>()), 0..12),
    ) {
        let priority = |stops_harm| if stops_harm { ISOLATE } else { SCAN };
        let mut devices = Devices::default();
        for (run, device, stops_harm) in &held {
            devices.hold(&claim(*device, priority(*stops_harm)), &who(*run, *device));
        }
        for (run, (device, stops_harm)) in (4..).zip(asked) {
            let wanted = claim(device, priority(stops_harm));
            if devices.ask(&wanted, &who(run, device)) && !stops_harm {
                prop_assert_eq!(devices.holders(&wanted.target).count(), 1);
            }
        }
        let granted: Vec<_> = (0..16).flat_map(|run| devices.forget(who(run, 0).run)).collect();
        prop_assert!(granted.iter().all(|one| (4..16).any(|run| one.run == who(run, 0).run)));
        prop_assert!(devices.is_empty());
    }
}

#[test]
fn the_same_device_of_two_connections_is_two_devices() {
    let mut devices = Devices::default();
    let here = claim(1, SCAN);
    let there = Claim { target: Target { connection: "d".into(), ..here.target.clone() }, ..here.clone() };
    assert!(devices.ask(&here, &who(1, 1)));
    assert!(devices.ask(&there, &who(1, 2)));
    assert!(!devices.ask(&there, &who(2, 1)));
    assert_eq!(devices.held_by(who(1, 1).run), [(who(1, 1), here.clone()), (who(1, 2), there.clone())]);
    assert_eq!(devices.release(&who(1, 1)), []);
    assert_eq!(devices.held_by(who(1, 1).run), [(who(1, 2), there)]);
    assert!(devices.ask(&here, &who(3, 1)));
    assert_eq!(devices.forget(who(1, 2).run), [who(2, 1)]);
}

#[test]
fn a_device_with_one_place_takes_no_more_room_than_the_place() {
    assert_eq!(size_of::<Few<Place>>(), size_of::<Place>());
    assert_eq!((size_of::<Place>(), size_of::<Few<Arc<str>>>()), (40, 24));
}

#[test]
fn the_room_of_a_wave_is_given_back() {
    let mut devices = Devices::default();
    let run = |number: u32| -> RunId { format!("run_{number:032x}").parse().unwrap() };
    for number in 0..1_000 {
        let target = Target { connection: "c".into(), device: number.to_string() };
        let who = Claimant { run: run(number), step: StepPath::root("s") };
        assert!(devices.ask(&Claim { target, priority: SCAN }, &who));
    }
    for number in 0..990 {
        assert_eq!(devices.forget(run(number)), []);
    }
    let rooms = (devices.queues["c"].capacity(), devices.runs.capacity());
    assert!(rooms.0 < 100 && rooms.1 < 100, "{rooms:?}");
    (990..1_000).for_each(|number| assert_eq!(devices.held_by(run(number)).len(), 1));
}
