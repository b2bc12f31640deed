//! What was before: actions that made a device what it is when the tenant starts, and how everything was some time ago.

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::action::{Action, ActionKind, Plan, Subject};
use super::{Device, Entities, LibraryFile, Truth};
use crate::scenario::DeviceSeed;

/// How long before the start the actions were that a device begins with.
const AGE: TimeDelta = TimeDelta::days(1);
/// How long they took.
const TOOK: TimeDelta = TimeDelta::minutes(1);

impl Truth {
    /// Adds the actions that made a device what it is told to be. They ended long ago, and are no effects.
    pub(super) fn make_past(&mut self, device: usize, seed: &DeviceSeed) {
        let states = [
            (seed.isolated, ActionKind::Isolate),
            (seed.restricted, ActionKind::RestrictCodeExecution),
            (seed.offboarded, ActionKind::Offboard),
        ];
        for (_, kind) in states.into_iter().filter(|(is_so, _)| *is_so) {
            self.make_past_action(device, kind, Subject::Device);
        }
        for sha1 in &seed.quarantined {
            self.make_past_action(device, ActionKind::StopAndQuarantineFile, Subject::File(sha1.0.clone()));
        }
        if seed.offboarded
            && let Some(device) = self.devices.get_mut(device)
        {
            device.onboarded = false;
        }
    }

    fn make_past_action(&mut self, device: usize, kind: ActionKind, subject: Subject) {
        let id = uuid::Builder::from_random_bytes(self.rng.random()).into_uuid();
        let Some(device) = self.devices.get(device) else { return };
        let created = self.began - AGE;
        self.by_id.insert(id, self.actions.len());
        self.actions.push(Action {
            id,
            kind,
            scope: (kind == ActionKind::Isolate).then_some("Full"),
            subject,
            requestor: PERSON.into(),
            comment: "Done before the tenant started.".into(),
            device: device.id.clone(),
            device_name: device.name.clone(),
            created,
            pending: std::time::Duration::ZERO,
            running: std::time::Duration::ZERO,
            plan: Plan::Scheduled { starts: created, ends: created + TOOK },
        });
    }
}

/// Who asked for it.
const PERSON: &str = "analyst@contoso.example";

/// Everything that does not know its own past, as it was at some time.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    devices: Vec<Device>,
    library: Vec<LibraryFile>,
    entities: Entities,
}

impl Snapshot {
    /// How it is now.
    pub(crate) fn of(truth: &Truth, entities: &Entities) -> Self {
        Self {
            devices: truth.devices.clone(),
            library: truth.library.clone(),
            entities: entities.without_changes(),
        }
    }

    /// How many things it holds.
    pub(crate) fn len(&self) -> usize {
        self.devices.len() + self.library.len() + self.entities.len()
    }

    /// Together with the actions and investigations as they were at a time: later ones are not there, and the others are
    /// as far as they were.
    pub(crate) fn with_actions(self, truth: &Truth, at: DateTime<Utc>) -> (Truth, Entities) {
        let actions: Vec<Action> = truth
            .actions
            .iter()
            .filter(|action| action.created <= at)
            .map(|action| action.as_of(at))
            .collect();
        let past = Truth {
            devices: self.devices,
            by_id: actions.iter().enumerate().map(|(index, action)| (action.id, index)).collect(),
            actions,
            investigations: truth.investigations.iter().filter(|one| one.created <= at).cloned().collect(),
            leaving: Vec::new(),
            library: self.library,
            // Nothing is drawn in the past.
            rng: ChaCha8Rng::seed_from_u64(0),
            pace: truth.pace.clone(),
            began: truth.began,
        };
        (past, self.entities)
    }
}
