//! The indicators of the tenant.

use chrono::{DateTime, TimeDelta, Utc};

/// Indicators that may be active at once, as documented.
const MAX_ACTIVE: usize = 15_000;

/// An indicator that somebody submits, already validated.
#[derive(Debug, Clone)]
pub(crate) struct IndicatorDraft {
    pub(crate) value: String,
    pub(crate) kind: &'static str,
    pub(crate) action: &'static str,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) application: Option<String>,
    pub(crate) expires: Option<DateTime<Utc>>,
    pub(crate) severity: Option<&'static str>,
    pub(crate) recommended: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) educate_url: Option<String>,
    pub(crate) generate_alert: bool,
}

/// One indicator.
#[derive(Debug, Clone)]
pub(crate) struct Indicator {
    pub(crate) id: u64,
    pub(crate) draft: IndicatorDraft,
    /// Whether a person made it, in the portal; applications with `Ti.ReadWrite` alone do not see those.
    pub(crate) by_person: bool,
    pub(crate) author: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
    pub(crate) updated_by: String,
}

impl Indicator {
    fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.draft.expires.is_none_or(|end| end > now)
    }

    /// The same value of the same kind is the same indicator. Hashes and names have no case.
    fn is(&self, draft: &IndicatorDraft) -> bool {
        self.draft.kind == draft.kind && self.draft.value.eq_ignore_ascii_case(&draft.value)
    }
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Created(u64),
    Changed(u64),
}

impl Stored {
    pub(crate) const fn id(self) -> u64 {
        match self {
            Self::Created(id) | Self::Changed(id) => id,
        }
    }
}

/// There are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Max capacity exceeded: there are {MAX_ACTIVE} active indicators")]
pub(crate) struct IndicatorsFull;

/// All indicators, oldest first.
#[derive(Debug, Clone)]
pub(crate) struct Indicators {
    rows: Vec<Indicator>,
    last_id: u64,
}

impl Indicators {
    /// No indicator.
    pub(super) fn none() -> Self {
        Self { rows: Vec::new(), last_id: 994 }
    }

    /// Two that a person made before anybody automated anything.
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        let mut indicators = Self::none();
        let made = now - TimeDelta::days(40);
        for (kind, value, action, title) in [
            ("DomainName", "www.example.org", "Warn", "Newly registered domain"),
            ("FileSha256", "0".repeat(63).as_str(), "Allowed", "Own installer"),
        ] {
            let value = if kind == "FileSha256" { format!("{value}1") } else { value.to_owned() };
            let draft = IndicatorDraft {
                value,
                kind,
                action,
                title: title.into(),
                description: "Made in the portal.".into(),
                application: None,
                expires: None,
                severity: Some("Informational"),
                recommended: None,
                groups: Vec::new(),
                educate_url: None,
                generate_alert: false,
            };
            indicators.insert(draft, "analyst@contoso.example", true, made);
        }
        indicators
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Indicator> {
        self.rows.iter()
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Indicator> {
        self.rows.iter().find(|indicator| indicator.id == id)
    }

    /// Creates an indicator, or changes the one of this value and kind: all but its application and its origin.
    pub(crate) fn submit(
        &mut self,
        draft: IndicatorDraft,
        author: &str,
        now: DateTime<Utc>,
    ) -> Result<Stored, IndicatorsFull> {
        if let Some(known) = self.rows.iter_mut().find(|known| known.is(&draft)) {
            let application = known.draft.application.take();
            known.draft = IndicatorDraft { application, ..draft };
            known.updated = now;
            author.clone_into(&mut known.updated_by);
            return Ok(Stored::Changed(known.id));
        }
        if self.rows.iter().filter(|indicator| indicator.is_active(now)).count() >= MAX_ACTIVE {
            return Err(IndicatorsFull);
        }
        Ok(Stored::Created(self.insert(draft, author, false, now)))
    }

    pub(super) fn insert(
        &mut self,
        draft: IndicatorDraft,
        author: &str,
        by_person: bool,
        now: DateTime<Utc>,
    ) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        self.rows.push(Indicator {
            id,
            draft,
            by_person,
            author: author.to_owned(),
            created: now,
            updated: now,
            updated_by: author.to_owned(),
        });
        id
    }

    /// Deletes it. Tells whether it was there.
    pub(crate) fn delete(&mut self, id: u64) -> bool {
        let before = self.rows.len();
        self.rows.retain(|indicator| indicator.id != id);
        self.rows.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(value: &str, action: &'static str) -> IndicatorDraft {
        IndicatorDraft {
            value: value.into(),
            kind: "FileSha1",
            action,
            title: String::new(),
            description: String::new(),
            application: Some(action.into()),
            expires: None,
            severity: None,
            recommended: None,
            groups: Vec::new(),
            educate_url: None,
            generate_alert: false,
        }
    }

    #[test]
    fn the_same_value_is_changed_and_keeps_its_application() {
        let now = DateTime::UNIX_EPOCH;
        let mut indicators = Indicators::new(now);
        let Ok(Stored::Created(id)) = indicators.submit(draft("ab", "Block"), "app", now) else {
            panic!("a new value");
        };
        let again = indicators.submit(draft("AB", "Allowed"), "app", now);
        assert_eq!(again, Ok(Stored::Changed(id)));
        let known = indicators.get(id).unwrap();
        assert_eq!((known.draft.action, known.draft.application.as_deref()), ("Allowed", Some("Block")));
        assert!(indicators.delete(id));
        assert!(!indicators.delete(id));
        assert_ne!(indicators.submit(draft("ab", "Block"), "app", now).unwrap().id(), id);
    }

    #[test]
    fn past_the_limit_of_active_ones_a_new_one_is_refused() {
        let now = DateTime::UNIX_EPOCH;
        let mut indicators = Indicators::new(now);
        for n in indicators.rows.len()..MAX_ACTIVE {
            indicators.insert(draft(&n.to_string(), "Block"), "app", false, now);
        }
        assert_eq!(indicators.submit(draft("one more", "Block"), "app", now), Err(IndicatorsFull));
        assert!(indicators.submit(draft("9", "Allowed"), "app", now).is_ok());
        indicators.rows[5].draft.expires = Some(now);
        assert!(indicators.submit(draft("one more", "Block"), "app", now).is_ok());
    }
}
