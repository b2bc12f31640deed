//! What each shipped playbook does with which inputs, to which devices.

use super::hooks::{ALERT, BATCH, FEED, GRAPH, SENTINEL, SIEM};

/// One run of a shipped playbook.
pub(super) struct Case {
    /// Its name.
    pub(super) playbook: &'static str,
    /// What is particular about this one.
    pub(super) when: &'static str,
    /// `NAME=VALUE`. Braces hold a device's name, or `action`: the newest machine action.
    pub(super) inputs: &'static [&'static str],
    /// A message that arrives instead of the inputs.
    pub(super) event: Option<&'static str>,
    /// Other playbooks that are run before, with their inputs.
    pub(super) before: &'static [(&'static str, &'static [&'static str])],
    /// Devices that somebody without riposte has isolated before.
    pub(super) isolated_by_hand: &'static [&'static str],
    /// Hunting queries, and the devices that they find.
    pub(super) hunts: &'static [(&'static str, &'static [&'static str])],
    /// How the run ends.
    pub(super) status: &'static str,
    /// All that it does, to which device, in any order.
    pub(super) does: &'static [&'static str],
    /// All devices that are isolated in the end.
    pub(super) isolated: &'static [&'static str],
    /// All devices on which code is restricted in the end.
    pub(super) restricted: &'static [&'static str],
    /// What a chat is told: the address and the body of each request.
    pub(super) told: &'static [&'static str],
    /// Places in the outputs, and the JSON there.
    pub(super) outputs: &'static [(&'static str, &'static str)],
}

/// Does nothing, and succeeds.
const QUIET: Case = Case {
    playbook: "",
    when: "as usual",
    inputs: &[],
    event: None,
    before: &[],
    isolated_by_hand: &[],
    hunts: &[],
    status: "succeeded",
    does: &[],
    isolated: &[],
    restricted: &[],
    told: &[],
    outputs: &[],
};

const ON_DESKTOP: &[&str] = &["device_id={desktop}", "reason=test"];
/// The DLL of the first alert, which nobody has signed.
const UNSIGNED: &str = "sha1=8563f95b2f8a284fc99da44500cd51a77c1ff36c";
/// A program of Windows.
const SIGNED: &str = "sha1=ff836cfb1af40252bd2a2ea843032e99a5b262ed";
const ALERT_ID: &str = "alert_id=da637472900382838869_1364969609";

const RAN: &str = "DeviceProcessEvents | where Timestamp > ago(1d) | where SHA1 =~ \
                   \"8563f95b2f8a284fc99da44500cd51a77c1ff36c\" | distinct DeviceId | take 101";
const CLICKED: &str = "DeviceNetworkEvents | where Timestamp > ago(7d) | where RemoteUrl has \"login.example.net\" | \
                       summarize Clicks = count() by DeviceId, DeviceName, InitiatingProcessAccountName | take 1000";
const ENCODED: &str = "DeviceProcessEvents | where Timestamp > ago(70m) | where InitiatingProcessFileName in~ \
                       (\"winword.exe\", \"excel.exe\", \"outlook.exe\", \"powerpnt.exe\") | where FileName =~ \
                       \"powershell.exe\" and ProcessCommandLine has_any (\"-enc\", \"-EncodedCommand\") | distinct \
                       DeviceId | take 100";

/// At least one for each playbook, in the order of `playbooks/README.md`.
pub(super) const CASES: &[Case] = &[
    Case {
        playbook: "isolate-device",
        inputs: ON_DESKTOP,
        does: &["isolate desktop"],
        isolated: &["desktop"],
        outputs: &[("/name", "\"desktop-39g9tgl.contoso.example\"")],
        ..QUIET
    },
    Case {
        playbook: "release-device",
        inputs: ON_DESKTOP,
        before: &[("isolate-device", ON_DESKTOP)],
        does: &["unisolate desktop"],
        ..QUIET
    },
    Case {
        playbook: "restrict-code",
        inputs: ON_DESKTOP,
        does: &["restrictCodeExecution desktop"],
        restricted: &["desktop"],
        ..QUIET
    },
    Case {
        playbook: "restrict-code",
        when: "the system cannot do it",
        inputs: &["device_id={linux}", "reason=test"],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "unrestrict-code",
        inputs: ON_DESKTOP,
        before: &[("restrict-code", ON_DESKTOP)],
        does: &["unrestrictCodeExecution desktop"],
        ..QUIET
    },
    Case { playbook: "scan-device", inputs: ON_DESKTOP, does: &["runAntiVirusScan desktop"], ..QUIET },
    Case {
        playbook: "collect-package",
        inputs: ON_DESKTOP,
        does: &["collectInvestigationPackage desktop"],
        outputs: &[("/file", "\"downloads/packages/{action}.zip\"")],
        ..QUIET
    },
    Case {
        playbook: "quarantine-file",
        inputs: &["device_id={desktop}", "reason=test", UNSIGNED],
        does: &["StopAndQuarantineFile desktop"],
        ..QUIET
    },
    Case {
        playbook: "request-sample",
        inputs: &["device_id={desktop}", "reason=test", r"path=C:\temp\suspicious.dll"],
        does: &["runliveresponse desktop"],
        outputs: &[("/file", "\"downloads/live-response/{action}-0\"")],
        ..QUIET
    },
    Case {
        playbook: "run-script",
        inputs: &["device_id={desktop}", "reason=test", "script=minidump.ps1"],
        does: &["runliveresponse desktop"],
        outputs: &[("/file", "\"downloads/live-response/{action}-0\"")],
        ..QUIET
    },
    Case {
        playbook: "run-script",
        when: "the library does not have it",
        inputs: &["device_id={desktop}", "reason=test", "script=nobody.ps1"],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "investigate-device",
        inputs: ON_DESKTOP,
        does: &["startInvestigation desktop"],
        ..QUIET
    },
    Case {
        playbook: "tag-device",
        inputs: &["device_id={desktop}", "add=seen", "remove=test tag 1", "value=Low"],
        does: &["addTag desktop", "removeTag desktop", "setDeviceValue desktop"],
        outputs: &[("/tags_before", r#"["test tag 1", "test tag 2"]"#), ("/value_before", "\"Normal\"")],
        ..QUIET
    },
    Case { playbook: "tag-device", when: "nothing is wanted", inputs: &["device_id={desktop}"], ..QUIET },
    Case {
        playbook: "retire-device",
        inputs: &["device_id={desktop}", "computer_name=desktop-39g9tgl.contoso.example", "reason=test"],
        does: &["offboard desktop"],
        ..QUIET
    },
    Case {
        playbook: "retire-device",
        when: "the name is another device's",
        inputs: &["device_id={desktop}", "computer_name=LAPTOP-7QK2M4P.contoso.example", "reason=test"],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "block-file",
        inputs: &[UNSIGNED, "reason=test"],
        does: &["createIndicator tenant"],
        ..QUIET
    },
    Case {
        playbook: "block-file",
        when: "nobody has ever seen it",
        inputs: &["sha1=00000000000000000000000000000000000000aa", "reason=test"],
        does: &["createIndicator tenant"],
        ..QUIET
    },
    Case {
        playbook: "block-file",
        when: "it is signed",
        inputs: &[SIGNED, "reason=test"],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "block-file",
        when: "it is signed and meant",
        inputs: &[SIGNED, "reason=test", "even_if_signed=true"],
        does: &["createIndicator tenant"],
        ..QUIET
    },
    Case {
        playbook: "unblock-file",
        inputs: &[UNSIGNED],
        before: &[("block-file", &[UNSIGNED, "reason=test"])],
        does: &["deleteIndicator tenant"],
        outputs: &[("/unblocked", "true")],
        ..QUIET
    },
    Case {
        playbook: "quarantine-everywhere",
        inputs: &[UNSIGNED, "reason=test"],
        does: &["StopAndQuarantineFile desktop", "createIndicator tenant"],
        outputs: &[("/asked", r#"["{desktop}"]"#), ("/failed", "[]")],
        ..QUIET
    },
    Case {
        playbook: "quarantine-everywhere",
        when: "it is signed",
        inputs: &[SIGNED, "reason=test"],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "package-link",
        inputs: &["action_id={action}"],
        before: &[("collect-package", ON_DESKTOP)],
        outputs: &[("/available", "true")],
        ..QUIET
    },
    Case {
        playbook: "package-link",
        when: "it is another action",
        inputs: &["action_id={action}"],
        before: &[("scan-device", ON_DESKTOP)],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "show-action",
        inputs: &["action_id={action}"],
        before: &[("scan-device", ON_DESKTOP)],
        outputs: &[
            ("/type", "\"RunAntiVirusScan\""),
            ("/status", "\"Succeeded\""),
            ("/device", "\"{desktop}\""),
        ],
        ..QUIET
    },
    Case {
        playbook: "list-actions",
        inputs: &["device_id={desktop}"],
        before: &[("scan-device", ON_DESKTOP)],
        isolated_by_hand: &["desktop"],
        isolated: &["desktop"],
        outputs: &[("/count", "2"), ("/ours", "1"), ("/failed", "[]")],
        ..QUIET
    },
    Case {
        playbook: "list-file-actions",
        inputs: &["device_id={desktop}"],
        before: &[
            ("scan-device", ON_DESKTOP),
            ("quarantine-file", &["device_id={desktop}", "reason=test", UNSIGNED]),
            ("block-file", &["reason=test", UNSIGNED]),
        ],
        outputs: &[
            ("/count", "1"),
            ("/actions/0/type", "\"StopAndQuarantineFile\""),
            ("/blocked/0/action", "\"BlockAndRemediate\""),
            ("/blocked/0/why", "\"test\""),
        ],
        ..QUIET
    },
    Case {
        playbook: "show-file-action",
        inputs: &["action_id={action}"],
        before: &[("quarantine-file", &["device_id={desktop}", "reason=test", UNSIGNED])],
        outputs: &[("/type", "\"StopAndQuarantineFile\""), ("/status", "\"Succeeded\"")],
        ..QUIET
    },
    Case {
        playbook: "show-file-action",
        when: "it is about no file",
        inputs: &["action_id={action}"],
        before: &[("scan-device", ON_DESKTOP)],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "device-triage",
        event: Some(GRAPH),
        outputs: &[("/health", "\"Active\""), ("/admins", r#"["contoso\\user1"]"#)],
        ..QUIET
    },
    Case { playbook: "stale-devices", outputs: &[("/inactive/0/id", "\"{travel}\"")], ..QUIET },
    Case {
        playbook: "contain-device",
        event: Some(ALERT),
        does: &["collectInvestigationPackage desktop", "isolate desktop", "runAntiVirusScan desktop"],
        isolated: &["desktop"],
        ..QUIET
    },
    Case {
        playbook: "malware-found",
        inputs: &["device_id={desktop}", UNSIGNED, ALERT_ID],
        does: &[
            "StopAndQuarantineFile desktop",
            "createIndicator tenant",
            "runAntiVirusScan desktop",
            "updateAlert desktop",
        ],
        outputs: &[("/quarantined", "true"), ("/blocked", "true"), ("/scanned", "true")],
        ..QUIET
    },
    Case {
        playbook: "malware-found",
        when: "the file is signed",
        event: Some(ALERT),
        does: &["runAntiVirusScan desktop", "updateAlert desktop"],
        outputs: &[("/quarantined", "false"), ("/blocked", "false")],
        ..QUIET
    },
    Case {
        playbook: "malware-found",
        when: "the device cannot quarantine",
        inputs: &["device_id={linux}", UNSIGNED, ALERT_ID],
        status: "failed",
        does: &["createIndicator tenant", "runAntiVirusScan linux", "updateAlert desktop"],
        ..QUIET
    },
    Case {
        playbook: "suspicious-powershell",
        inputs: &["device_id={desktop}", ALERT_ID, "hold=1s"],
        does: &[
            "collectInvestigationPackage desktop",
            "restrictCodeExecution desktop",
            "unrestrictCodeExecution desktop",
            "updateAlert desktop",
        ],
        outputs: &[("/lifted", "true")],
        ..QUIET
    },
    Case {
        playbook: "credential-theft",
        event: Some(SIEM),
        does: &["addTag desktop", "collectInvestigationPackage desktop", "isolate desktop"],
        isolated: &["desktop"],
        outputs: &[("/users", r#"["contoso\\user1", "contoso\\user2"]"#), ("/tagged", "true")],
        ..QUIET
    },
    Case {
        playbook: "ransomware-incident",
        event: Some(SENTINEL),
        does: &["isolate desktop"],
        isolated: &["desktop"],
        outputs: &[("/isolated", r#"["{desktop}"]"#)],
        ..QUIET
    },
    Case {
        playbook: "ransomware-incident",
        when: "it names no device",
        inputs: &["incident=1", "title=test", r#"entities=[{"kind":"Host","properties":{"hostName":"a"}}]"#],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "alert-triage",
        event: Some(BATCH),
        does: &["updateAlert desktop"],
        outputs: &[("/urgent", "true"), ("/malware", r#"["8563f95b2f8a284fc99da44500cd51a77c1ff36c"]"#)],
        ..QUIET
    },
    Case {
        playbook: "alert-triage",
        when: "somebody has it",
        inputs: &["alert_id=da637308392288907382_-880718168"],
        ..QUIET
    },
    Case {
        playbook: "threat-feed",
        event: Some(FEED),
        does: &["importIndicators tenant"],
        outputs: &[("/taken", "3"), ("/refused", "[]")],
        ..QUIET
    },
    Case {
        playbook: "ransomware-hunt",
        inputs: &[UNSIGNED, "reason=test"],
        hunts: &[(RAN, &["laptop", "server", "laptop"])],
        does: &["isolate laptop", "isolate server"],
        isolated: &["laptop", "server"],
        ..QUIET
    },
    Case {
        playbook: "ransomware-hunt",
        when: "more devices than may be isolated",
        inputs: &[UNSIGNED, "reason=test", "most=1"],
        hunts: &[(RAN, &["laptop", "server"])],
        status: "failed",
        ..QUIET
    },
    Case { playbook: "ransomware-hunt", when: "it ran nowhere", inputs: &[UNSIGNED, "reason=test"], ..QUIET },
    Case {
        playbook: "isolate-devices",
        when: "one of them is unknown",
        inputs: &[
            r#"device_ids=["{laptop}", "0000000000000000000000000000000000000000", "{server}", "{laptop}"]"#,
            "reason=test",
        ],
        does: &["isolate laptop", "isolate server"],
        isolated: &["laptop", "server"],
        outputs: &[
            ("/isolated", r#"["{laptop}", "{server}"]"#),
            ("/failed/0/device", "\"0000000000000000000000000000000000000000\""),
        ],
        ..QUIET
    },
    Case {
        playbook: "isolate-devices",
        when: "all are unknown",
        inputs: &[r#"device_ids=["0000000000000000000000000000000000000000"]"#, "reason=test"],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "collect-evidence",
        inputs: &[r#"device_ids=["{desktop}", "{laptop}", "{server}"]"#, "reason=test"],
        does: &[
            "collectInvestigationPackage desktop",
            "collectInvestigationPackage laptop",
            "collectInvestigationPackage server",
        ],
        outputs: &[("/collected/1/device", "\"{laptop}\""), ("/failed", "[]")],
        ..QUIET
    },
    Case {
        playbook: "phishing-click",
        inputs: &["domain=login.example.net", "reason=test"],
        hunts: &[(CLICKED, &["laptop"])],
        does: &["createIndicator tenant"],
        outputs: &[("/devices", r#"["{laptop}"]"#)],
        ..QUIET
    },
    Case {
        playbook: "lost-device",
        when: "it is off",
        inputs: &["device_id={travel}", "reported_by=ticket 7"],
        does: &["addTag travel", "isolate travel", "setDeviceValue travel"],
        outputs: &[("/value_before", "\"Normal\"")],
        ..QUIET
    },
    Case {
        playbook: "false-positive",
        inputs: &["device_id={desktop}", ALERT_ID, UNSIGNED, "tag=contained"],
        before: &[
            ("isolate-device", ON_DESKTOP),
            ("restrict-code", ON_DESKTOP),
            ("block-file", &[UNSIGNED, "reason=test"]),
            ("tag-device", &["device_id={desktop}", "add=contained"]),
        ],
        does: &[
            "deleteIndicator tenant",
            "removeTag desktop",
            "unisolate desktop",
            "unrestrictCodeExecution desktop",
            "updateAlert desktop",
        ],
        outputs: &[("/alert", "\"Resolved\""), ("/left", "[]")],
        ..QUIET
    },
    Case {
        playbook: "classify-alert",
        inputs: &[ALERT_ID, "classification=TruePositive", "determination=Malware", "comment=test"],
        does: &["updateAlert desktop"],
        outputs: &[("/status", "\"Resolved\""), ("/status_before", "\"New\"")],
        ..QUIET
    },
    Case {
        playbook: "classify-alert",
        when: "the two words do not go together",
        inputs: &[ALERT_ID, "classification=FalsePositive", "determination=Malware", "comment=test"],
        status: "failed",
        ..QUIET
    },
    Case {
        playbook: "cancel-our-actions",
        when: "somebody else has asked for something, too",
        inputs: &["reason=test"],
        // Of an offline device, so that it waits.
        before: &[("lost-device", &["device_id={travel}", "reported_by=nobody"])],
        isolated_by_hand: &["laptop"],
        does: &["cancel travel"],
        isolated: &["laptop"],
        ..QUIET
    },
    Case {
        playbook: "scheduled-hunt",
        before: &[("tag-device", &["device_id={server}", "add=hunt-office-powershell"])],
        hunts: &[(ENCODED, &["laptop", "server"])],
        does: &["addTag laptop", "runAntiVirusScan laptop"],
        outputs: &[("/found", "2"), ("/scanned", r#"["{laptop}"]"#), ("/left_out", "0")],
        ..QUIET
    },
    Case {
        playbook: "indicator-clean-up",
        when: "nothing has expired",
        before: &[("phishing-click", &["domain=login.example.net", "reason=test"])],
        ..QUIET
    },
    Case {
        playbook: "notify-chat",
        inputs: &[
            "device_id={desktop}",
            "message=It was isolated.",
            "webhook=http://{chat}/services/{secret}",
        ],
        told: &[r#"/services/T0/B0/0123456789 {"text":"desktop-39g9tgl.contoso.example: It was isolated."}"#],
        outputs: &[("/device", "\"{desktop}\""), ("/status", "200")],
        ..QUIET
    },
    Case {
        playbook: "notify-chat",
        when: "the chat does not want it",
        inputs: &["device_id={desktop}", "message=It was isolated.", "webhook=http://{chat}/services/404"],
        status: "failed",
        told: &[r#"/services/404 {"text":"desktop-39g9tgl.contoso.example: It was isolated."}"#],
        ..QUIET
    },
];
