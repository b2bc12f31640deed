//! A scenario: what a tenant holds, how it behaves and what goes wrong, as a file says it.
//!
//! Text comes in, a [`Config`] goes out, or everything wrong with the text, each with its place. What the file leaves out is
//! as in the demo tenant. Reads no files itself.

mod error;
mod event;
mod parts;
mod seed;
mod word;

use std::path::Path;

use chrono::DateTime;
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::config::{Config, Duplicates, MAX_PAGE};
use crate::fault::{Fault, MAX_FAULTS};
use crate::truth::{List, MAX_ANSWERS, Refused, begin, no_device};

pub use error::{Problem, ScenarioError};
pub(crate) use event::EventSeed;
pub use event::{Event, NewAlert, TimedEvent};
pub use seed::Contents;
pub(crate) use seed::{
    AlertSeed, DeviceSeed, EvidenceSeed, FileSeed, IndicatorSeed, LibrarySeed, Sha1, UserSeed,
};

use error::Place;
use parts::{ApplicationPart, PacePart, Skew};
use seed::QuerySeed;

/// Most bytes of a scenario.
pub const MAX_SCENARIO: usize = 1 << 20;

/// Gives the text of a file that a scenario names, or says why not.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> Result<String, String>;

/// What a scenario file says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Scenario {
    seed: Option<u64>,
    application: ApplicationPart,
    pace: PacePart,
    rate_limits: Option<bool>,
    page_size: Option<Spanned<usize>>,
    duplicates: Option<Duplicates>,
    gzip: Option<bool>,
    clock_skew: Option<Skew>,
    devices: Option<Vec<Spanned<DeviceSeed>>>,
    users: Option<Vec<UserSeed>>,
    alerts: Option<Vec<Spanned<AlertSeed>>>,
    files: Option<Vec<Spanned<FileSeed>>>,
    indicators: Option<Vec<IndicatorSeed>>,
    library: Option<Vec<LibrarySeed>>,
    queries: Vec<QuerySeed>,
    faults: Vec<Fault>,
    events: Vec<Spanned<EventSeed>>,
}

impl Config {
    /// Reads a scenario, in YAML. `read` gives the files of certificates and tokens that it names.
    ///
    /// # Errors
    ///
    /// Fails with everything that is wrong: a key that is not known there, a value of another kind, a device that is named
    /// and not there, two devices with one id. Of what is no YAML, or does not have the right form, the first place is told.
    pub fn from_scenario(text: &str, read: ReadFile<'_>) -> Result<Self, ScenarioError> {
        if text.len() > MAX_SCENARIO {
            return Err(ScenarioError::too_large());
        }
        // A file with nothing but comments is the demo tenant.
        let scenario: Option<Scenario> =
            serde_saphyr::from_str(text).map_err(|error| ScenarioError::of_form(&error))?;
        scenario.unwrap_or_default().configured(read)
    }
}

impl Scenario {
    fn configured(self, read: ReadFile<'_>) -> Result<Config, ScenarioError> {
        let mut problems = Vec::new();
        let mut config = Config::default();
        if let Some(seed) = self.seed {
            config.seed = seed;
        }
        self.application.apply(&mut config, read, &mut problems);
        self.pace.apply(&mut config.pace);
        if let Some(size) = self.page_size {
            if !(1..=MAX_PAGE).contains(&size.value) {
                problems
                    .push(Place::of(&size).problem(format!("`page_size` is a number from 1 to {MAX_PAGE}")));
            }
            config.page_size = size.value;
        }
        config.rate_limits = self.rate_limits.unwrap_or(config.rate_limits);
        config.duplicates = self.duplicates.unwrap_or(config.duplicates);
        config.gzip = self.gzip.unwrap_or(config.gzip);
        config.clock_skew = self.clock_skew.map_or(config.clock_skew, Skew::delta);
        config.queries = self.queries.into_iter().map(Into::into).collect();
        config.faults = self.faults;
        for (what, count, most) in [
            ("faults", config.faults.len(), MAX_FAULTS),
            // One is known from the start.
            ("queries", config.queries.len(), MAX_ANSWERS - 1),
        ] {
            if count > most {
                problems.push(
                    Place::default().problem(format!("there are {count} `{what}`; at most {most} are taken")),
                );
            }
        }
        let mut places = Places::default();
        config.contents = Contents {
            devices: self.devices.map(|list| places.devices.take(list)),
            users: self.users,
            alerts: self.alerts.map(|list| places.alerts.take(list)),
            files: self.files.map(|list| places.files.take(list)),
            indicators: self.indicators,
            library: self.library,
        };
        let events = places.events.take(self.events);
        for (event, place) in events.into_iter().zip(&places.events.0) {
            match event.timed() {
                Ok(timed) => config.events.push(timed),
                Err(message) => problems.push(place.problem(message)),
            }
        }
        if problems.is_empty() {
            problems = places.refused(&config);
        }
        if problems.is_empty() { Ok(config) } else { Err(ScenarioError::new(problems)) }
    }
}

/// Where the entries of each list stand.
#[derive(Debug, Default)]
struct Places {
    devices: Entries,
    alerts: Entries,
    files: Entries,
    events: Entries,
}

#[derive(Debug, Default)]
struct Entries(Vec<Place>);

impl Entries {
    /// Remembers where each entry stands, and gives the entries.
    fn take<T>(&mut self, list: Vec<Spanned<T>>) -> Vec<T> {
        self.0 = list.iter().map(Place::of).collect();
        list.into_iter().map(|entry| entry.value).collect()
    }
}

impl Places {
    /// What a tenant would refuse to begin with. It is begun for that, at a time that does not matter.
    fn refused(&self, config: &Config) -> Vec<Problem> {
        let (truth, _, refused) = begin(config, DateTime::UNIX_EPOCH);
        let mut problems: Vec<Problem> = refused
            .into_iter()
            .map(|Refused { list, index, why }| {
                let entries = match list {
                    List::Devices => &self.devices,
                    List::Alerts => &self.alerts,
                    List::Files => &self.files,
                };
                entries.0.get(index).copied().unwrap_or_default().problem(why)
            })
            .collect();
        for (event, place) in config.events.iter().zip(&self.events.0) {
            let device = event.what.device();
            if let Some(key) = device.filter(|key| truth.device(key).is_none()) {
                problems.push(place.problem(no_device(key)));
            }
        }
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }
}
