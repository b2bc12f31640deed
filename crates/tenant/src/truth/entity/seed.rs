//! The alerts, files, users and contacts with which a tenant begins.
//!
//! They hang on the seeded devices, the first of which is the same in every tenant. Ids and hashes follow the documented
//! examples; addresses and names are from the ranges reserved for documentation.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Alert, Comment, Contact, Evidence, File, Logon, User};
use crate::truth::Device;

const RUNDLL: &str = "ff836cfb1af40252bd2a2ea843032e99a5b262ed";
const SUSPICIOUS: &str = "8563f95b2f8a284fc99da44500cd51a77c1ff36c";
const UNWANTED: &str = "4388963aaa83afe2042a46a3c017ad50bdcdafb3";

fn id(devices: &[Device], index: usize) -> String {
    devices.get(index).map(|device| device.id.clone()).unwrap_or_default()
}

/// Three alerts, newest first: new, under way and resolved.
pub(super) fn alerts(devices: &[Device], now: DateTime<Utc>) -> Vec<Alert> {
    let ago = |minutes| now - TimeDelta::minutes(minutes);
    vec![
        Alert {
            // The id of the documented example.
            id: "da637472900382838869_1364969609".into(),
            incident: 1_126_093,
            severity: "High",
            status: "New",
            classification: None,
            determination: None,
            assigned_to: None,
            source: "WindowsDefenderAtp",
            detector: "17e10bbc-3a68-474a-8aad-faef14d43952",
            category: "Execution",
            family: None,
            title: "Suspicious PowerShell command line".into(),
            description: "A suspicious PowerShell activity was observed on the machine.".into(),
            techniques: ["T1059.001", "T1218.011"].map(String::from).to_vec(),
            created: ago(12),
            first_event: ago(15),
            last_event: ago(14),
            updated: ago(12),
            resolved: None,
            device: id(devices, 0),
            user: Some("user1".into()),
            comments: Vec::new(),
            evidence: vec![
                Evidence::User { account: "user1".into() },
                Evidence::Process {
                    sha1: RUNDLL.into(),
                    folder: "C:\\Windows\\SysWOW64".into(),
                    id: 3276,
                    command_line: "rundll32.exe  c:\\temp\\suspicious.dll,RepeatAfterMe".into(),
                },
                Evidence::File { sha1: SUSPICIOUS.into(), folder: "c:\\temp".into() },
                Evidence::Ip("198.51.100.23".into()),
                Evidence::Url("http://www.example.net/suspicious.dll".into()),
            ],
        },
        Alert {
            id: "da637308392288907382_-880718168".into(),
            incident: 7587,
            severity: "Medium",
            status: "InProgress",
            classification: None,
            determination: None,
            assigned_to: Some("secop123@contoso.example".into()),
            source: "WindowsDefenderAv",
            detector: "5c6b7d86-c91f-4f8c-8aec-9d2086f46527",
            category: "SuspiciousActivity",
            family: Some("Meterpreter".into()),
            title: "Suspicious 'Meterpreter' behavior was detected".into(),
            description: "Malware was found active on the machine.".into(),
            techniques: ["T1064", "T1085", "T1220"].map(String::from).to_vec(),
            created: ago(26 * 60),
            first_event: ago(26 * 60 + 4),
            last_event: ago(26 * 60 + 3),
            updated: ago(25 * 60),
            resolved: None,
            device: id(devices, 1),
            user: Some("user2".into()),
            comments: vec![Comment {
                text: "I have a look.".into(),
                author: "secop123@contoso.example".into(),
                at: ago(25 * 60),
            }],
            evidence: vec![
                Evidence::User { account: "user2".into() },
                Evidence::File { sha1: UNWANTED.into(), folder: "C:\\Users\\user2\\Downloads".into() },
            ],
        },
        Alert {
            id: "ar637200000000000000_1234567890".into(),
            incident: 7001,
            severity: "Informational",
            status: "Resolved",
            classification: Some("FalsePositive"),
            determination: Some("NotMalicious"),
            assigned_to: Some("Automation".into()),
            source: "CustomDetection",
            detector: "360fdb3b-18a9-471b-9ad0-ad80a4cbcb02",
            // Seen on real tenants: the word, not the value.
            category: "null",
            family: None,
            title: "Backup deleted".into(),
            description: "A custom rule matched.".into(),
            techniques: Vec::new(),
            created: ago(9 * 24 * 60),
            first_event: ago(9 * 24 * 60 + 20),
            last_event: ago(9 * 24 * 60 + 20),
            updated: ago(8 * 24 * 60),
            resolved: Some(ago(8 * 24 * 60)),
            device: id(devices, 2),
            user: None,
            comments: Vec::new(),
            evidence: Vec::new(),
        },
    ]
}

pub(super) fn files(devices: &[Device], now: DateTime<Utc>) -> Vec<File> {
    let days = |days| now - TimeDelta::days(days);
    vec![
        File {
            sha1: RUNDLL.into(),
            sha256: "a4752c71d81afd3d5865d24ddb11a6b0c615062fcc448d24050c2172d2cbccd6".into(),
            md5: "8d5b7cc9a832e21d22503057e1fec8e9".into(),
            name: "rundll32.exe".into(),
            size: 113_984,
            prevalence: 1_948_412,
            first_observed: days(900),
            last_observed: days(0),
            signed: Some((
                "Microsoft Corporation".into(),
                "Windows".into(),
                "Microsoft Code Signing PCA".into(),
            )),
            verdict: ("Unknown", None),
            devices: vec![id(devices, 0), id(devices, 1), id(devices, 5)],
        },
        File {
            sha1: SUSPICIOUS.into(),
            sha256: "dc0ade0c95d6db98882bc8fa6707e64353cd6f7767ff48d6a81a6c2aef21c608".into(),
            md5: "3f4b3a9c1d5e2b6f8a7c0d9e1f2a3b4c".into(),
            name: "suspicious.dll".into(),
            size: 40_448,
            prevalence: 3,
            first_observed: days(2),
            last_observed: days(0),
            signed: None,
            verdict: ("Malware", Some("Trojan:Win32/Meterpreter".into())),
            devices: vec![id(devices, 0)],
        },
        File {
            sha1: UNWANTED.into(),
            sha256: "413c58c8267d2c8648d8f6384bacc2ae9c929b2b96578b6860b5087cd1bd6462".into(),
            md5: "82849dc81d94056224445ea73dc6153a".into(),
            name: "mobisaver.exe".into(),
            size: 22_139_496,
            prevalence: 180_022,
            first_observed: days(1_200),
            last_observed: days(3),
            signed: Some((
                "CHENGDU YIWO Tech Development Co., Ltd.".into(),
                "EaseUS MobiSaver for Android".into(),
                "VeriSign Class 3 Code Signing 2010 CA".into(),
            )),
            verdict: ("Pua", Some("PUA:Win32/FusionCore".into())),
            devices: vec![id(devices, 1)],
        },
    ]
}

pub(super) fn users(devices: &[Device], now: DateTime<Utc>) -> (Vec<User>, Vec<Logon>) {
    let user = |name: &str, sid: &str, admin| User {
        name: name.into(),
        domain: "contoso".into(),
        sid: sid.into(),
        admin,
    };
    let users = vec![
        user("user1", "S-1-5-21-72051607-1745760036-109187956-93922", true),
        user("user2", "S-1-5-21-72051607-1745760036-109187956-93923", false),
        user("svc-backup", "S-1-5-21-72051607-1745760036-109187956-1105", false),
    ];
    let logon = |user: &str, device, kinds, first, last| Logon {
        user: user.into(),
        device: id(devices, device),
        kinds,
        first: now - TimeDelta::hours(first),
        last: now - TimeDelta::hours(last),
    };
    let logons = vec![
        logon("user1", 0, "Interactive", 24 * 80, 1),
        logon("user1", 2, "Network,RemoteInteractive", 24 * 30, 50),
        logon("user2", 1, "Interactive", 24 * 60, 2),
        logon("user2", 0, "Network", 24 * 3, 60),
        logon("svc-backup", 2, "Network", 24 * 300, 5),
    ];
    (users, logons)
}

/// The host of the first alert, and two that are harmless.
pub(super) fn contacts(devices: &[Device], now: DateTime<Utc>) -> Vec<Contact> {
    let contact = |domain, address, device, first, last| Contact {
        domain,
        address,
        device: id(devices, device),
        first: now - TimeDelta::minutes(first),
        last: now - TimeDelta::minutes(last),
    };
    const DAY: i64 = 24 * 60;
    vec![
        contact("www.example.net", "198.51.100.23", 0, 15, 14),
        contact("updates.example.com", "203.0.113.80", 0, 29 * DAY, 60),
        contact("updates.example.com", "203.0.113.81", 1, 29 * DAY, 3 * DAY),
        contact("updates.example.com", "203.0.113.80", 5, 20 * DAY, 5 * DAY),
        contact("mail.example.org", "2001:db8::25", 2, 8 * DAY, DAY),
    ]
}
