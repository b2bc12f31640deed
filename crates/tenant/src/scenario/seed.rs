//! The things with which a tenant begins, as a scenario and the control API name them.
//!
//! Plain data: what is left out is drawn or made up where the thing is made, in `truth`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::word::{
    AlertStatus, Category, Classification, Determination, Exposure, Health, IndicatorAction, IndicatorKind,
    Length, Platform, Risk, Severity, Source, Verdict, Worth,
};
use crate::config::HuntingAnswer;

/// One device. Only its name must be there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceSeed {
    /// Drawn where it is left out.
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) os: Option<Platform>,
    #[serde(default = "yes")]
    pub(crate) online: bool,
    /// Follows from `online` where it is left out.
    pub(crate) health: Option<Health>,
    pub(crate) risk: Option<Risk>,
    pub(crate) exposure: Option<Exposure>,
    pub(crate) value: Option<Worth>,
    pub(crate) group: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    pub(crate) ip: Option<std::net::IpAddr>,
    pub(crate) external_ip: Option<std::net::IpAddr>,
    /// How long ago it was last seen.
    pub(crate) last_seen: Option<Length>,
    /// Account names of those who logged on.
    #[serde(default)]
    pub(crate) users: Vec<String>,
    #[serde(default)]
    pub(crate) isolated: bool,
    #[serde(default)]
    pub(crate) restricted: bool,
    #[serde(default)]
    pub(crate) offboarded: bool,
    /// Files that were quarantined on it, by SHA-1.
    #[serde(default)]
    pub(crate) quarantined: Vec<Sha1>,
}

const fn yes() -> bool {
    true
}

/// A SHA-1 in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Sha1(pub(crate) String);

impl TryFrom<String> for Sha1 {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => Err(format!("`{text}` is no SHA-1: it has 40 hexadecimal digits")),
        }
    }
}

/// One account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserSeed {
    pub(crate) name: String,
    pub(crate) domain: Option<String>,
    pub(crate) sid: Option<String>,
    #[serde(default)]
    pub(crate) admin: bool,
}

/// One alert. Its title and its device must be there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertSeed {
    pub(crate) id: Option<String>,
    pub(crate) title: String,
    /// Id or name.
    pub(crate) device: String,
    pub(crate) description: Option<String>,
    pub(crate) severity: Option<Severity>,
    pub(crate) status: Option<AlertStatus>,
    pub(crate) category: Option<Category>,
    pub(crate) source: Option<Source>,
    pub(crate) classification: Option<Classification>,
    pub(crate) determination: Option<Determination>,
    pub(crate) assigned_to: Option<String>,
    pub(crate) incident: Option<u32>,
    pub(crate) family: Option<String>,
    #[serde(default)]
    pub(crate) techniques: Vec<String>,
    /// Account name of the user it is about.
    pub(crate) user: Option<String>,
    /// How long ago it was raised.
    pub(crate) age: Option<Length>,
    #[serde(default)]
    pub(crate) evidence: EvidenceSeed,
}

/// What was found.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EvidenceSeed {
    pub(crate) users: Vec<String>,
    pub(crate) processes: Vec<ProcessSeed>,
    pub(crate) files: Vec<Sha1>,
    pub(crate) ips: Vec<std::net::IpAddr>,
    pub(crate) domains: Vec<String>,
    pub(crate) urls: Vec<String>,
}

/// One process among the evidence.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProcessSeed {
    pub(crate) sha1: Sha1,
    pub(crate) command_line: String,
    pub(crate) folder: Option<String>,
    pub(crate) pid: Option<u32>,
}

/// One file that was seen.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSeed {
    pub(crate) sha1: Sha1,
    pub(crate) sha256: Option<String>,
    pub(crate) md5: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) size: Option<u64>,
    pub(crate) prevalence: Option<u64>,
    pub(crate) publisher: Option<String>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) threat: Option<String>,
    /// Ids or names of the devices it was seen on.
    #[serde(default)]
    pub(crate) devices: Vec<String>,
}

impl FileSeed {
    /// A file of which nothing else is known.
    pub(crate) fn plain(sha1: Sha1) -> Self {
        Self {
            sha1,
            sha256: None,
            md5: None,
            name: None,
            size: None,
            prevalence: None,
            publisher: None,
            verdict: None,
            threat: None,
            devices: Vec::new(),
        }
    }
}

/// One indicator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndicatorSeed {
    pub(crate) value: String,
    #[serde(rename = "type")]
    pub(crate) kind: IndicatorKind,
    pub(crate) action: IndicatorAction,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) severity: Option<Severity>,
    pub(crate) application: Option<String>,
    /// In how long it ends.
    pub(crate) expires_in: Option<Length>,
    #[serde(default)]
    pub(crate) generate_alert: bool,
    /// Whether a person made it, in the portal.
    #[serde(default)]
    pub(crate) by_person: bool,
}

/// One file of the library for live response.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LibrarySeed {
    pub(crate) name: String,
    pub(crate) sha256: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) parameters: Option<String>,
}

/// What one hunting query finds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuerySeed {
    query: String,
    columns: Vec<ColumnSeed>,
    #[serde(default)]
    results: Vec<Map<String, Value>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnSeed {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

impl From<QuerySeed> for HuntingAnswer {
    fn from(seed: QuerySeed) -> Self {
        Self {
            query: seed.query,
            columns: seed.columns.into_iter().map(|column| (column.name, column.kind)).collect(),
            results: seed.results.into_iter().map(Value::Object).collect(),
        }
    }
}

/// What a tenant holds when it starts. Each list that is there takes the place of the demo tenant's.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    pub(crate) devices: Option<Vec<DeviceSeed>>,
    pub(crate) users: Option<Vec<UserSeed>>,
    pub(crate) alerts: Option<Vec<AlertSeed>>,
    pub(crate) files: Option<Vec<FileSeed>>,
    pub(crate) indicators: Option<Vec<IndicatorSeed>>,
    pub(crate) library: Option<Vec<LibrarySeed>>,
}
