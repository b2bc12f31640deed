//! Deliveries that begin runs. Their senders repeat them until they have an answer, and sometimes after that.

use super::living::Living;
use super::world::NEVER;
use super::{Fault, Lived, Protection, World};
use rand::{Rng, RngExt};
use riposte_engine::Trigger;
use riposte_model::Timestamp;
use riposte_playbook::Playbook;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Most deliveries in one world.
const MOST: usize = 3;

/// A delivery, and what its sender knows.
pub(super) struct Delivery {
    /// What makes it recognisable.
    pub(super) key: String,
    playbook: Arc<Playbook>,
    device: String,
    /// When it is sent, or sent again.
    pub(super) next_at: Timestamp,
    /// Whether its sender has an answer.
    accepted: bool,
    /// How often it is sent although there is one.
    duplicates: u32,
}

/// The deliveries of a world: the first one begins a run of the first playbook.
pub(super) fn deliveries(
    random: &mut impl Rng,
    playbooks: &[Arc<Playbook>],
    now: Timestamp,
) -> Vec<Delivery> {
    let number = random.random_range(1..=MOST);
    let playbook = |random: &mut _, at| match at {
        0 => 0,
        _ => RngExt::random_range(random, 0..playbooks.len()),
    };
    let one = |at: usize| Delivery {
        key: format!("delivery-{at}"),
        playbook: playbooks[playbook(random, at)].clone(),
        device: format!("d{}", random.random_range(0..2)),
        next_at: now.saturating_add(Duration::from_millis(random.random_range(0..100_000))),
        accepted: false,
        duplicates: random.random_range(0..5_u32).saturating_sub(2),
    };
    (0..number).map(one).collect()
}

impl World {
    /// A delivery arrives: it begins its run, unless that exists. The answer gets back, or is lost.
    pub(super) fn receive(&mut self, number: usize) -> Lived<()> {
        let retry_at = self.later(30_000);
        self.deliveries[number].next_at = retry_at;
        self.note(|| format!("delivery {number} arrives"));
        if self.without != Some(Protection::Dedupe) && self.knows(number) {
            self.life.faults.add(Fault::DuplicateDelivery);
        } else {
            if self.dies(Fault::CrashBeforeCommit)? {
                return Ok(());
            }
            // The run's first event carries the key: both are on disk, or neither.
            self.begin(number);
            if self.dies(Fault::CrashAfterCommit)? {
                return Ok(());
            }
        }
        if self.one_in(8) {
            self.life.faults.add(Fault::LostReceipt);
            return Ok(());
        }
        let again_at = self.later(200_000);
        let delivery = &mut self.deliveries[number];
        delivery.duplicates -= u32::from(delivery.accepted);
        delivery.accepted = true;
        delivery.next_at = if delivery.duplicates > 0 { again_at } else { NEVER };
        Ok(())
    }

    /// Whether a run on disk has this delivery's key.
    fn knows(&self, number: usize) -> bool {
        let key = &self.deliveries[number].key;
        self.runs.iter().any(|living| key_of(living) == Some(key))
    }

    fn begin(&mut self, number: usize) {
        let id = self.next_id();
        let Delivery { key, playbook, device, .. } = &self.deliveries[number];
        let inputs = Map::from_iter([("device".to_owned(), Value::from(device.as_str()))]);
        let body = json!({ "key": key }).into();
        let trigger = Trigger { kind: "webhook".into(), name: "simulation".into(), body };
        let living = Living::begin(id, playbook.clone(), inputs, trigger, None, self.now);
        self.runs.push(Living { driven: true, ..living });
        let at = self.runs.len() - 1;
        self.note(|| format!("run {at} begins for delivery {number}"));
    }
}

/// The key of the delivery that began a run.
pub(super) fn key_of(living: &Living) -> Option<&str> {
    living.run.started().trigger.body.get("key")?.as_str()
}
