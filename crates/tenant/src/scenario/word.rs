//! The small values of a scenario: words out of a few, lengths of time, and ranges of them.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::clock::parse_duration;
use crate::fault::Fault;
use crate::truth::{MAX_STEP, System};

/// One of a few words, spelled exactly so. A wrong one is answered with all of them.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $($word:literal),+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) &'static str);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const WORDS: &[&str] = &[$($word),+];
                let text = String::deserialize(deserializer)?;
                let found = WORDS.iter().find(|word| **word == text);
                found.map(|word| Self(word)).ok_or_else(|| D::Error::unknown_variant(&text, WORDS))
            }
        }
    )+};
}

words! {
    /// What the sensor of a device reports.
    Health: "Active", "Inactive", "ImpairedCommunication", "NoSensorData", "NoSensorDataImpairedCommunication",
        "Unknown";
    /// The risk of a device.
    Risk: "None", "Informational", "Low", "Medium", "High";
    /// How exposed a device is.
    Exposure: "None", "Low", "Medium", "High";
    /// How much a device is worth.
    Worth: "Normal", "Low", "High";
    /// How grave an alert is, or what an indicator raises.
    Severity: "Informational", "Low", "Medium", "High";
    /// How far somebody is with an alert.
    AlertStatus: "New", "InProgress", "Resolved";
    /// What kind of thing an alert is about.
    Category: "Backdoor", "CommandAndControl", "Collection", "CredentialAccess", "CredentialStealing",
        "DefenseEvasion", "Delivery", "Discovery", "Execution", "Exfiltration", "Exploit", "General", "Impact",
        "InitialAccess", "LateralMovement", "Malware", "Persistence", "PrivilegeEscalation", "Ransomware",
        "Reconnaissance", "SuspiciousActivity", "UnwantedSoftware", "Weaponization";
    /// What found an alert.
    Source: "WindowsDefenderAtp", "WindowsDefenderAv", "CustomDetection", "CustomerTI", "MTP",
        "WindowsDefenderSmartScreen", "ThirdPartySensors", "AutomatedInvestigation", "OfficeATP";
    /// What somebody thinks of an alert.
    Classification: "TruePositive", "InformationalExpectedActivity", "FalsePositive";
    /// Why somebody thinks so.
    Determination: "MultiStagedAttack", "MaliciousUserActivity", "CompromisedUser", "Malware", "Phishing",
        "UnwantedSoftware", "SecurityTesting", "LineOfBusinessApplication", "ConfirmedActivity", "NotMalicious",
        "InsufficientData", "Other";
    /// What is known of a file.
    Verdict: "Unknown", "Clean", "Pua", "Malware";
    /// What an indicator's value is.
    IndicatorKind: "FileSha1", "FileSha256", "FileMd5", "CertificateThumbprint", "IpAddress", "DomainName", "Url";
    /// What an indicator does.
    IndicatorAction: "Alert", "AlertAndBlock", "Allowed", "Audit", "Block", "BlockAndRemediate", "Warn";
}

/// An operating system, by its `osPlatform`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Platform(pub(crate) System);

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let found = System::KNOWN.iter().find(|system| system.platform == text);
        found.map(|system| Self(*system)).ok_or_else(|| {
            let known: Vec<&str> = System::KNOWN.iter().map(|system| system.platform).collect();
            D::Error::custom(format!("unknown system `{text}`, expected one of {}", known.join(", ")))
        })
    }
}

/// A length of time, such as `90s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Length(pub(crate) Duration);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_duration(&text).map(Self).ok_or_else(|| D::Error::custom(no_length(&text)))
    }
}

/// A range of lengths: `1s..3s`, or one length that is always so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lengths(pub(crate) RangeInclusive<Duration>);

impl<'de> Deserialize<'de> for Lengths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (from, to) = text.split_once("..").unwrap_or((&text, &text));
        match (parse_duration(from.trim()), parse_duration(to.trim())) {
            (Some(_), Some(to)) if to > MAX_STEP => {
                let most = MAX_STEP.as_secs() / 86_400;
                Err(D::Error::custom(format!("`{text}` is longer than {most} days")))
            }
            (Some(from), Some(to)) if from <= to => Ok(Self(from..=to)),
            (Some(_), Some(_)) => Err(D::Error::custom(format!("`{text}` goes from long to short"))),
            (from, _) => Err(D::Error::custom(no_length(if from.is_none() { from_of(&text) } else { to }))),
        }
    }
}

fn from_of(text: &str) -> &str {
    text.split_once("..").map_or(text, |(from, _)| from)
}

fn no_length(text: &str) -> String {
    format!("`{text}` is no length of time: write a number with ms, s, m, h or d, for example 90s")
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
