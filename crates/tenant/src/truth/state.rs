//! What is true of a device now: it follows from the actions that succeeded on it.

use chrono::{DateTime, Utc};

use super::{Action, ActionKind, Device, Status, Subject, Truth};

impl Truth {
    /// Whether the device is cut off: the last of its isolations and releases to succeed decides, which need not be
    /// the last one requested.
    pub(crate) fn is_isolated(&self, device: &Device, now: DateTime<Utc>) -> bool {
        self.last_decides(device, now, ActionKind::Isolate, ActionKind::Unisolate)
    }

    /// Whether only a fixed set of applications may run on the device, decided in the same way.
    pub(crate) fn is_restricted(&self, device: &Device, now: DateTime<Utc>) -> bool {
        self.last_decides(device, now, ActionKind::RestrictCodeExecution, ActionKind::UnrestrictCodeExecution)
    }

    /// The files that were stopped and quarantined on the device, by SHA-1, each once, in the order of request.
    pub(crate) fn quarantined<'a>(&'a self, device: &Device, now: DateTime<Utc>) -> Vec<&'a str> {
        let mut files = Vec::new();
        for (action, _) in self.succeeded(device, now) {
            if let (ActionKind::StopAndQuarantineFile, Subject::File(sha1)) = (action.kind, &action.subject)
                && !files.contains(&sha1.as_str())
            {
                files.push(sha1);
            }
        }
        files
    }

    /// When the device left the service, if it has.
    pub(crate) fn left_at(&self, device: &Device, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut left = self.succeeded(device, now).filter(|(action, _)| action.kind == ActionKind::Offboard);
        left.next().map(|(_, at)| at)
    }

    fn last_decides(&self, device: &Device, now: DateTime<Utc>, sets: ActionKind, lifts: ActionKind) -> bool {
        let mut last: Option<(DateTime<Utc>, bool)> = None;
        for (action, at) in self.succeeded(device, now) {
            let is_set = action.kind == sets;
            if (is_set || action.kind == lifts) && last.is_none_or(|(before, _)| before <= at) {
                last = Some((at, is_set));
            }
        }
        last.is_some_and(|(_, is_set)| is_set)
    }

    /// The actions that succeeded on a device, oldest first, and when.
    fn succeeded<'a>(
        &'a self,
        device: &Device,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = (&'a Action, DateTime<Utc>)> {
        self.actions.iter().filter(|action| action.device == device.id).filter_map(move |action| {
            let phase = action.phase(now);
            (phase.status == Status::Succeeded).then_some((action, phase.since))
        })
    }
}
