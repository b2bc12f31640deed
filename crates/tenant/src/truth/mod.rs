//! What really happened: devices, and the machine actions that were opened on them.
//!
//! Pure state. Time and requests are passed in; there is no clock, no HTTP and no JSON here. How far an action has come
//! is never stored: it follows from its plan and the time at which someone asks, so nothing runs in the background.
//!
//! Whether a device is isolated does not decide what may be asked of it: a device that is not isolated can be released,
//! and one that is can be isolated again, each time by a new action that succeeds and changes nothing. The documentation
//! is silent about both; it only knows the refusal of a second action of a kind while the first is under way. To refuse
//! more would teach clients an error that nobody has seen.

mod action;
mod begin;
mod device;
mod entity;
mod investigation;
mod label;
mod library;
mod pace;
mod past;
mod seed;
mod session;
mod state;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use crate::config::Duplicates;
use crate::log::{Effect, EffectKind};
use crate::scenario::DeviceSeed;

pub(crate) use action::{Action, ActionKind, Phase, Status, Subject};
pub(crate) use begin::{List, Refused, begin, no_device};
pub(crate) use device::{Device, DeviceRefused, System};
pub(crate) use entity::{
    Alert, AlertChange, Contact, Entities, Evidence, File, Indicator, IndicatorDraft, Logon, MAX_ANSWERS,
    NewAlert, Stored, User,
};
pub(crate) use investigation::Investigation;
pub(crate) use library::{LibraryFile, UploadRefused};
pub(crate) use pace::MAX_STEP;
pub use pace::Pace;
pub(crate) use past::Snapshot;
pub(crate) use session::{CommandState, Session, SessionCommand};

use action::{Cancellation, Plan};

/// Machine actions a tenant can hold, and investigations. Past it a request is refused aloud: an effect is never forgotten.
pub(crate) const MAX_ACTIONS: usize = 100_000;
/// The id of the first investigation, of the size that the documented examples show.
const FIRST_INVESTIGATION: usize = 63_004;
/// Devices a tenant can hold.
pub(crate) const MAX_DEVICES: usize = 10_000;

/// A request to do something to a device, already validated.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) kind: ActionKind,
    pub(crate) scope: Option<&'static str>,
    pub(crate) subject: Subject,
    pub(crate) requestor: String,
    pub(crate) comment: String,
}

/// What became of an order.
#[derive(Debug)]
pub(crate) enum Opened<'a> {
    /// A new action.
    New(&'a Action),
    /// The one of this kind that was under way already; nothing was opened.
    Existing(&'a Action),
}

/// Why an order opened nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OrderRefused {
    #[error("no such device")]
    NoSuchDevice,
    #[error("Action is already in progress")]
    AlreadyActive,
    #[error("the simulated tenant holds {MAX_ACTIONS} of these, which is its limit")]
    Full,
}

/// Why a cancellation changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CancelRefused {
    #[error("no such machine action")]
    NoSuchAction,
    #[error("the machine action is final")]
    Final(Status),
}

/// Everything that is true in this tenant.
#[derive(Debug)]
pub(crate) struct Truth {
    devices: Vec<Device>,
    /// In the order of creation.
    actions: Vec<Action>,
    by_id: HashMap<Uuid, usize>,
    /// In the order of creation.
    investigations: Vec<Investigation>,
    /// The offboardings that had not ended when they were last looked at.
    leaving: Vec<Uuid>,
    library: Vec<LibraryFile>,
    rng: ChaCha8Rng,
    pace: Pace,
    /// When the tenant started. What was done before is no effect of anybody's request.
    pub(super) began: DateTime<Utc>,
}

impl Truth {
    /// A tenant with the devices that belong to this seed.
    pub(crate) fn new(seed: u64, pace: Pace, now: DateTime<Utc>) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let devices = seed::devices(&mut rng, now);
        Self {
            devices,
            actions: Vec::new(),
            by_id: HashMap::new(),
            investigations: Vec::new(),
            leaving: Vec::new(),
            library: library::files(now),
            rng,
            pace,
            began: now,
        }
    }

    pub(crate) fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// Finds a device by id, by computer name or by Entra id; case does not matter.
    pub(crate) fn device(&self, key: &str) -> Option<&Device> {
        self.device_index(key).and_then(|index| self.devices.get(index))
    }

    fn device_index(&self, key: &str) -> Option<usize> {
        let by_id = self.devices.iter().position(|device| device.id.eq_ignore_ascii_case(key));
        by_id.or_else(|| self.devices.iter().position(|device| device.answers_to(key)))
    }

    pub(super) fn clear_devices(&mut self) {
        self.devices.clear();
    }

    /// Adds a device, with the actions that made it what it is told to be.
    pub(crate) fn add_device(
        &mut self,
        seed: &DeviceSeed,
        now: DateTime<Utc>,
    ) -> Result<&Device, DeviceRefused> {
        device::check(seed.id.as_deref(), &seed.name)?;
        if self.devices.len() >= MAX_DEVICES {
            return Err(DeviceRefused::Full(MAX_DEVICES));
        }
        let is_there = |id: &String| self.devices.iter().any(|device| device.id.eq_ignore_ascii_case(id));
        if seed.id.as_ref().is_some_and(is_there) {
            return Err(DeviceRefused::Duplicate);
        }
        let device = seed::told_device(seed, &mut self.rng, now);
        let index = self.devices.len();
        self.devices.push(device);
        self.make_past(index, seed);
        Ok(&self.devices[index])
    }

    /// Connects or disconnects a device. Actions that wait for it start, or wait again.
    pub(crate) fn set_online(&mut self, key: &str, online: bool, now: DateTime<Utc>) -> Option<&Device> {
        self.settle(now);
        let index = self.device_index(key)?;
        let device = self.devices.get_mut(index)?;
        if device.online != online {
            device.online = online;
            device.last_seen = now;
            self.reconnect(index, now);
        }
        self.devices.get(index)
    }

    /// Carries out what an offboarding that has succeeded means from then on: the sensor of its device has stopped. This
    /// alone is not told from the actions each time someone asks, because other actions begin or wait by it.
    pub(crate) fn settle(&mut self, now: DateTime<Utc>) {
        let (ended, leaving) =
            std::mem::take(&mut self.leaving).into_iter().partition::<Vec<Uuid>, _>(|id| {
                self.action(*id).is_none_or(|one| one.phase(now).status.is_final())
            });
        self.leaving = leaving;
        for id in ended {
            let Some(action) = self.action(id) else { continue };
            let (device, phase) = (action.device.clone(), action.phase(now));
            if let (Some(index), Status::Succeeded) = (self.device_index(&device), phase.status) {
                self.devices[index].onboarded = false;
                self.reconnect(index, phase.since);
            }
        }
    }

    /// Lets whatever has not begun on a device follow its coming or going.
    fn reconnect(&mut self, device: usize, now: DateTime<Utc>) {
        let Some(device) = self.devices.get(device) else { return };
        for action in self.actions.iter_mut().filter(|action| action.device == device.id) {
            action.reconnect(device.is_reachable(), now);
        }
        for investigation in self.investigations.iter_mut().filter(|one| one.device == device.id) {
            investigation.reconnect(device.is_reachable(), now);
        }
    }

    /// Opens an action on a device, unless one of the same kind is under way.
    pub(crate) fn open(
        &mut self,
        key: &str,
        order: Order,
        duplicates: Duplicates,
        now: DateTime<Utc>,
    ) -> Result<Opened<'_>, OrderRefused> {
        let device = self.device(key).ok_or(OrderRefused::NoSuchDevice)?;
        let (device_id, device_name) = (device.id.clone(), device.name.clone());
        let reachable = device.is_reachable();
        // Only the latest of its kind can still be under way, because another is never opened beside it.
        let active = self
            .actions
            .iter()
            .rposition(|action| {
                action.kind == order.kind
                    && action.device == device_id
                    && action.subject.excludes(&order.subject)
            })
            .filter(|index| !self.actions[*index].phase(now).status.is_final());
        if let Some(index) = active {
            return match duplicates {
                Duplicates::Refused => Err(OrderRefused::AlreadyActive),
                Duplicates::ReturnsPending => Ok(Opened::Existing(&self.actions[index])),
            };
        }
        if self.actions.len() >= MAX_ACTIONS {
            return Err(OrderRefused::Full);
        }
        let id = uuid::Builder::from_random_bytes(self.rng.random()).into_uuid();
        let pending = self.pace.draw_pending(&mut self.rng);
        let running = self.pace.draw_running(order.kind, &mut self.rng);
        let action = Action {
            id,
            kind: order.kind,
            scope: order.scope,
            subject: self.resolved(order.subject),
            requestor: order.requestor,
            comment: order.comment,
            device: device_id,
            device_name,
            created: now,
            pending,
            running,
            plan: if reachable { Plan::starting(now, pending, running) } else { Plan::Waiting },
        };
        let index = self.actions.len();
        self.by_id.insert(id, index);
        if action.kind == ActionKind::Offboard {
            self.leaving.push(id);
        }
        self.actions.push(action);
        Ok(Opened::New(&self.actions[index]))
    }

    /// Finds out which command of a session fails: the first that needs a file which the library does not have.
    fn resolved(&self, subject: Subject) -> Subject {
        let Subject::Session(session) = subject else { return subject };
        let is_missing = |name: &str| self.library.iter().all(|file| file.name != name);
        let fails_at = session.commands.iter().position(|command| command.needs().is_some_and(is_missing));
        Subject::Session(Session { fails_at, ..session })
    }

    /// How many live response sessions are under way, those that wait for their device included.
    pub(crate) fn sessions(&self, now: DateTime<Utc>) -> usize {
        let of_kind = self.actions.iter().filter(|action| action.kind == ActionKind::LiveResponse);
        of_kind.filter(|action| !action.phase(now).status.is_final()).count()
    }

    /// Starts an investigation. Nothing is documented about one beside another, so each request starts one.
    pub(crate) fn investigate(
        &mut self,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<&Investigation, OrderRefused> {
        let device = self.device(key).ok_or(OrderRefused::NoSuchDevice)?;
        let (device_id, device_name) = (device.id.clone(), device.name.clone());
        let reachable = device.is_reachable();
        if self.investigations.len() >= MAX_ACTIONS {
            return Err(OrderRefused::Full);
        }
        let index = self.investigations.len();
        let pending = self.pace.draw_pending(&mut self.rng);
        let running = self.pace.draw_investigation(&mut self.rng);
        self.investigations.push(Investigation {
            id: (FIRST_INVESTIGATION + index).to_string(),
            device: device_id,
            device_name,
            alert: format!("da{}_{}", self.rng.random_range(100_000..1_000_000), self.rng.random::<i32>()),
            created: now,
            pending,
            running,
            plan: if reachable { Plan::starting(now, pending, running) } else { Plan::Waiting },
        });
        Ok(&self.investigations[index])
    }

    /// Finds an investigation by its id, or by the id of the alert that triggered it.
    pub(crate) fn investigation(&self, key: &str) -> Option<&Investigation> {
        self.investigations.iter().find(|one| one.id == key || one.alert == key)
    }

    /// All investigations, newest first.
    pub(crate) fn investigations(&self) -> impl Iterator<Item = &Investigation> {
        self.investigations.iter().rev()
    }

    pub(crate) fn action(&self, id: Uuid) -> Option<&Action> {
        self.by_id.get(&id).and_then(|index| self.actions.get(*index))
    }

    /// All actions, newest first, as Defender lists them.
    pub(crate) fn actions(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().rev()
    }

    /// Ends an action that is under way. What it would have done does not happen.
    pub(crate) fn cancel(
        &mut self,
        id: Uuid,
        requestor: String,
        comment: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<&Action, CancelRefused> {
        let index = self.by_id.get(&id).copied().ok_or(CancelRefused::NoSuchAction)?;
        let action = self.actions.get_mut(index).ok_or(CancelRefused::NoSuchAction)?;
        let status = action.phase(now).status;
        if status.is_final() {
            return Err(CancelRefused::Final(status));
        }
        let schedule = match action.plan {
            Plan::Scheduled { starts, ends } => Some((starts, ends)),
            Plan::Waiting | Plan::Cancelled(_) => None,
        };
        action.plan = Plan::Cancelled(Cancellation { at: now, requestor, comment, schedule });
        Ok(action)
    }

    /// Every action and investigation created since the start and every action cancelled, oldest first.
    pub(crate) fn effects(&self) -> impl Iterator<Item = Effect> {
        let created = self.actions.iter().filter(|action| self.is_effect(action));
        let created = created.map(|action| effect_of(action, action.kind.into(), action.created));
        let cancelled = self.actions.iter().filter_map(|action| {
            action.cancellation().map(|cancellation| effect_of(action, EffectKind::Cancel, cancellation.at))
        });
        let investigations = self.investigations.iter().map(investigation_effect);
        let mut effects: Vec<Effect> = created.chain(cancelled).chain(investigations).collect();
        effects.sort_by_key(|effect| effect.at);
        effects.into_iter()
    }
}

impl Truth {
    /// Whether somebody asked for this action, and it was not there from the start.
    pub(crate) fn is_effect(&self, action: &Action) -> bool {
        action.created >= self.began
    }
}

/// What an action did to the tenant, for the log.
pub(crate) fn effect_of(action: &Action, kind: EffectKind, at: DateTime<Utc>) -> Effect {
    Effect { at, device: action.device.clone(), kind, action: action.id.to_string() }
}

/// What an investigation did to the tenant, for the log.
pub(crate) fn investigation_effect(investigation: &Investigation) -> Effect {
    Effect {
        at: investigation.created,
        device: investigation.device.clone(),
        kind: EffectKind::StartInvestigation,
        action: investigation.id.clone(),
    }
}

#[cfg(test)]
mod tests;
