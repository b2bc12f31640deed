//! Alerts, files, users and indicators that somebody tells the tenant: in a scenario, or while it runs.

use chrono::{DateTime, TimeDelta, Utc};

use super::alert::{self, MAX_ALERTS};
use super::indicator::Indicators;
use super::{Alert, AlertsFull, Entities, Evidence, File, IndicatorDraft, Logon, User};
use crate::scenario::{AlertSeed, EvidenceSeed, FileSeed, IndicatorSeed, Sha1, UserSeed};
use crate::truth::library::sha256_of;
use crate::truth::{Device, Truth, no_device};

/// Where a file was found of which nothing else is said.
const FOLDER: &str = "C:\\Users\\Public\\Downloads";

impl Entities {
    /// Nothing but what belongs to no device: the indicators and the example of a query.
    pub(crate) fn bare(now: DateTime<Utc>) -> Self {
        let mut bare = Self::new(&[], now);
        bare.alerts.clear();
        bare.files.clear();
        bare.users.clear();
        bare.logons.clear();
        bare.contacts.clear();
        bare
    }

    /// Knows these users and no others.
    pub(crate) fn set_users(&mut self, seeds: &[UserSeed]) {
        self.users = seeds.iter().enumerate().map(|(index, seed)| told_user(seed, index)).collect();
        self.logons.retain(|logon| self.users.iter().any(|user| user.name == logon.user));
    }

    /// Lets users log on to a device. One that nobody knows becomes known.
    pub(crate) fn log_on(&mut self, device: &Device, users: &[String], now: DateTime<Utc>) {
        for name in users {
            let user = self.user_or_new(name);
            self.logons.push(Logon {
                user,
                device: device.id.clone(),
                kinds: "Interactive",
                first: now - TimeDelta::days(30),
                last: device.last_seen.min(now),
            });
        }
    }

    /// The account name of a user, who becomes known.
    fn user_or_new(&mut self, name: &str) -> String {
        if let Some(user) = self.user(name) {
            return user.name.clone();
        }
        let seed = UserSeed { name: name.to_owned(), domain: None, sid: None, admin: false };
        self.users.push(told_user(&seed, self.users.len()));
        name.to_owned()
    }

    pub(crate) fn clear_files(&mut self) {
        self.files.clear();
    }

    /// Knows a file, or says what is wrong with it.
    pub(crate) fn add_file(
        &mut self,
        seed: &FileSeed,
        truth: &Truth,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        if self.file(&seed.sha1.0).is_some() {
            return Err(format!("there is a file with the SHA-1 {} already", seed.sha1.0));
        }
        let devices = seed.devices.iter().map(|key| device_id(truth, key)).collect::<Result<Vec<_>, _>>()?;
        self.files.push(told_file(seed, devices, now));
        Ok(())
    }

    pub(crate) fn clear_alerts(&mut self) {
        self.alerts.clear();
    }

    /// Raises an alert as it is told, or says what is wrong with it. Files and users that it names become known. Gives its id.
    pub(crate) fn add_alert(
        &mut self,
        seed: &AlertSeed,
        truth: &Truth,
        now: DateTime<Utc>,
    ) -> Result<String, String> {
        if self.alerts.len() >= MAX_ALERTS {
            return Err(AlertsFull.to_string());
        }
        if let Some(id) = seed.id.as_deref().filter(|id| self.alert(id).is_some()) {
            return Err(format!("there is an alert with the id `{}` already", crate::text::clean(id)));
        }
        let device = device_id(truth, &seed.device)?;
        let raised = seed.age.map_or(now, |age| now - age.0);
        let new = alert::NewAlert {
            device,
            event: raised - TimeDelta::minutes(2),
            severity: seed.severity.map_or("Medium", |severity| severity.0),
            category: seed.category.map_or("SuspiciousActivity", |category| category.0),
            title: seed.title.clone(),
            description: seed.description.clone().unwrap_or_else(|| seed.title.clone()),
        };
        let user = seed.user.as_deref().map(|name| self.user_or_new(name));
        let evidence = self.evidence(&seed.evidence, &new.device, now);
        let plain = Alert::raised(new, self.alerts.len(), raised);
        let status = seed.status.map_or("New", |status| status.0);
        let alert = Alert {
            id: seed.id.clone().unwrap_or(plain.id),
            incident: seed.incident.unwrap_or(plain.incident),
            status,
            resolved: (status == "Resolved").then_some(raised),
            source: seed.source.map_or(plain.source, |source| source.0),
            classification: seed.classification.map(|word| word.0),
            determination: seed.determination.map(|word| word.0),
            assigned_to: seed.assigned_to.clone(),
            family: seed.family.clone(),
            techniques: seed.techniques.clone(),
            user,
            evidence,
            ..plain
        };
        let id = alert.id.clone();
        // Newest first.
        let place = self.alerts.iter().position(|known| known.created <= raised);
        self.alerts.insert(place.unwrap_or(self.alerts.len()), alert);
        Ok(id)
    }

    fn evidence(&mut self, seed: &EvidenceSeed, device: &str, now: DateTime<Utc>) -> Vec<Evidence> {
        let mut found = Vec::new();
        for name in &seed.users {
            found.push(Evidence::User { account: self.user_or_new(name) });
        }
        for process in &seed.processes {
            self.see_file(&process.sha1, device, now);
            found.push(Evidence::Process {
                sha1: process.sha1.0.clone(),
                folder: process.folder.clone().unwrap_or_else(|| FOLDER.into()),
                id: process.pid.unwrap_or(4_242),
                command_line: process.command_line.clone(),
            });
        }
        for sha1 in &seed.files {
            self.see_file(sha1, device, now);
            found.push(Evidence::File { sha1: sha1.0.clone(), folder: FOLDER.into() });
        }
        found.extend(seed.ips.iter().map(|ip| Evidence::Ip(ip.to_string())));
        found.extend(seed.domains.iter().map(|domain| Evidence::Url(format!("http://{domain}/"))));
        found.extend(seed.urls.iter().map(|url| Evidence::Url(url.clone())));
        found
    }

    /// A file on a device. One that nobody knows becomes known.
    fn see_file(&mut self, sha1: &Sha1, device: &str, now: DateTime<Utc>) {
        if self.file(&sha1.0).is_none() {
            self.files.push(told_file(&FileSeed::plain(sha1.clone()), Vec::new(), now));
        }
        let file = self.files.iter_mut().find(|file| file.sha1 == sha1.0);
        if let Some(file) = file.filter(|file| file.devices.iter().all(|known| known != device)) {
            file.devices.push(device.to_owned());
        }
    }

    /// Holds these indicators and no others.
    pub(crate) fn set_indicators(&mut self, seeds: &[IndicatorSeed], application: &str, now: DateTime<Utc>) {
        self.indicators = Indicators::none();
        for seed in seeds {
            let draft = IndicatorDraft {
                value: seed.value.clone(),
                kind: seed.kind.0,
                action: seed.action.0,
                title: seed.title.clone().unwrap_or_else(|| seed.value.clone()),
                description: seed.description.clone().unwrap_or_else(|| "From a scenario.".into()),
                application: seed.application.clone(),
                expires: seed.expires_in.map(|length| now + length.0),
                severity: seed.severity.map(|severity| severity.0),
                recommended: None,
                groups: Vec::new(),
                educate_url: None,
                generate_alert: seed.generate_alert,
            };
            let author = if seed.by_person { "analyst@contoso.example" } else { application };
            self.indicators.insert(draft, author, seed.by_person, now - TimeDelta::days(1));
        }
    }
}

fn device_id(truth: &Truth, key: &str) -> Result<String, String> {
    truth.device(key).map(|device| device.id.clone()).ok_or_else(|| no_device(key))
}

fn told_file(seed: &FileSeed, devices: Vec<String>, now: DateTime<Utc>) -> File {
    let sha256 = seed.sha256.clone().unwrap_or_else(|| sha256_of(&seed.sha1.0));
    File {
        sha1: seed.sha1.0.clone(),
        md5: seed.md5.clone().unwrap_or_else(|| sha256.chars().take(32).collect()),
        sha256,
        name: seed.name.clone().unwrap_or_else(|| "file.bin".into()),
        size: seed.size.unwrap_or(40_960),
        prevalence: seed.prevalence.unwrap_or(1),
        first_observed: now - TimeDelta::days(2),
        last_observed: now,
        signed: seed.publisher.clone().map(|name| (name.clone(), name, "Code Signing CA".into())),
        verdict: (seed.verdict.map_or("Unknown", |verdict| verdict.0), seed.threat.clone()),
        devices,
    }
}

fn told_user(seed: &UserSeed, index: usize) -> User {
    User {
        name: seed.name.clone(),
        domain: seed.domain.clone().unwrap_or_else(|| "contoso".into()),
        sid: seed
            .sid
            .clone()
            .unwrap_or_else(|| format!("S-1-5-21-72051607-1745760036-109187956-{}", 95_000 + index)),
        admin: seed.admin,
    }
}
