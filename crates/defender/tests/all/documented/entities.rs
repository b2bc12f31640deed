//! Alerts, devices, files, users, indicators and hunting.

use riposte_defender::{
    AddMachineTag, AddMachineTagMultiple, AlertClassification, AlertDetermination, AlertField, AlertSeverity,
    AlertStatus, AlertUpdate, BatchDeleteIndicators, BatchUpdateAlerts, CreateAlertByReference,
    CreateIndicator, DeleteIndicator, DeviceValue, Filter, FindMachinesByIp, FindMachinesByTag, GetAlert,
    GetAlertDomains, GetAlertFiles, GetAlertIps, GetAlertMachine, GetAlertUser, GetFile, GetFileMachines,
    GetFileStatistics, GetMachine, GetMachineLogonUsers, GetUserMachines, ImportIndicators, IndicatorAction,
    IndicatorField, IndicatorSeverity, IndicatorType, ListAlerts, ListIndicators, ListMachines, MachineField,
    NewIndicator, RemoveMachineTag, RemoveMachineTagMultiple, RunAdvancedQuery, SetDeviceValue, UpdateAlert,
    UpdateMachine,
};

use super::row::{Row, load};

const MACHINE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const ALERT: &str = "636688558380765161_2136280442";

pub(super) fn rows() -> Vec<Row> {
    [alerts(), around_an_alert(), machines(), changes_of_machines(), files_and_users(), indicators()]
        .into_iter()
        .flatten()
        .collect()
}

fn alerts() -> Vec<Row> {
    let since = "2019-11-22T00:00:00Z".parse().expect("a moment");
    let since = Filter::at_or_after(AlertField::LastUpdateTime, since);
    // The update of both documented requests.
    let update = || AlertUpdate {
        status: Some(AlertStatus::Resolved),
        assigned_to: Some("secop2@contoso.com".into()),
        classification: Some(AlertClassification::FalsePositive),
        determination: Some(AlertDetermination::Malware),
        comment: Some("Resolve my alert and assign to secop2".into()),
    };
    let batch = ["da637399794050273582_760707377", "da637399989469816469_51697947354"];
    vec![
        Row::new("get_alert", GetAlert { alert_id: "da637472900382838869_1364969609".into() }),
        Row::new("list_alerts", ListAlerts::default()),
        Row::new("list_alerts.expand_evidence", ListAlerts { filter: None, top: Some(10), evidence: true }),
        Row::new(
            "list_alerts.filter_last_update_time",
            ListAlerts { filter: Some(since), ..ListAlerts::default() },
        ),
        Row::new(
            "update_alert",
            UpdateAlert { alert_id: "121688558380765161_2136280442".into(), update: update() },
        )
        .answered_by("get_alert", ""),
        Row::new(
            "batch_update_alerts",
            BatchUpdateAlerts { alert_ids: batch.map(str::to_owned).to_vec(), update: update() },
        ),
        Row::new(
            "create_alert_by_reference",
            CreateAlertByReference {
                machine_id: MACHINE.into(),
                event_time: "2018-08-03T16:45:21.7115183Z".into(),
                report_id: "20776".into(),
                severity: AlertSeverity::Low,
                title: "example".into(),
                description: "example alert".into(),
                recommended_action: "nothing".into(),
                category: "Exploit".into(),
            },
        )
        .answered_by("get_alert", ""),
    ]
}

fn around_an_alert() -> Vec<Row> {
    let alert_id = || ALERT.to_owned();
    vec![
        Row::new("get_alert_files", GetAlertFiles { alert_id: alert_id() }),
        Row::new("get_alert_ips", GetAlertIps { alert_id: alert_id() }),
        Row::new("get_alert_domains", GetAlertDomains { alert_id: alert_id() }),
        Row::new("get_alert_machine", GetAlertMachine { alert_id: alert_id() }),
        Row::new("get_alert_user", GetAlertUser { alert_id: alert_id() }),
    ]
}

fn machines() -> Vec<Row> {
    let risky = Filter::equals(MachineField::RiskScore, "High");
    let by_ip = FindMachinesByIp {
        address: "10.248.240.38".parse().expect("an address"),
        moment: "2019-09-22T08:44:05Z".parse().expect("a moment"),
    };
    let by_tag = FindMachinesByTag { tag: "testTag".into(), prefix: true };
    vec![
        Row::new("get_machine", GetMachine { machine_id: MACHINE.into() }),
        Row::new("list_machines", ListMachines::default()),
        Row::new("list_machines.filter_risk_score", ListMachines { filter: Some(risky), top: None }),
        Row::new("find_machines_by_ip", by_ip).answered_by("list_machines", ""),
        Row::new("find_machines_by_tag", by_tag).answered_by("list_machines", ""),
        Row::new("get_machine_logon_users", GetMachineLogonUsers { machine_id: MACHINE.into() }),
    ]
}

fn changes_of_machines() -> Vec<Row> {
    let (machine_id, tag) = (|| MACHINE.to_owned(), || "test Tag 2".to_owned());
    let many = || {
        [
            "34e83ca3feea4dae2353006ba389262c033a025e",
            "2a398439b4975924e87a65943972bc702469b329",
            "a610c00c65fdf79960cc0077d9d8c569d23f09a5",
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let tags = [
        "Demo Device",
        "Generic User Machine - Attack Source",
        "Windows 10",
        "Windows11",
        "Windows Insider - Fast",
    ];
    vec![
        Row::new("add_machine_tag", AddMachineTag { machine_id: machine_id(), tag: tag() })
            .answered_by("get_machine", ""),
        Row::new("remove_machine_tag", RemoveMachineTag { machine_id: machine_id(), tag: tag() })
            .answered_by("get_machine", ""),
        Row::new(
            "add_machine_tag_multiple",
            AddMachineTagMultiple { machine_ids: many(), tag: "Tag".into() },
        )
        .answered_by("list_machines", ""),
        Row::new(
            "remove_machine_tag_multiple",
            RemoveMachineTagMultiple { machine_ids: many(), tag: "Tag".into() },
        )
        .answered_by("list_machines", ""),
        Row::new("set_device_value", SetDeviceValue { machine_id: machine_id(), value: DeviceValue::High })
            .answered_by("get_machine", ""),
        Row::new(
            "update_machine",
            UpdateMachine {
                machine_id: machine_id(),
                tags: Some(tags.map(str::to_owned).to_vec()),
                value: Some(DeviceValue::Normal),
            },
        )
        .path(
            "/api/machines/{machineId}",
            &format!("/api/machines/{MACHINE}"),
            "the page has a placeholder where the id belongs",
        )
        .answered_by("get_machine", ""),
    ]
}

fn files_and_users() -> Vec<Row> {
    let query = load("run_advanced_query")["request"]["body"]["Query"].as_str().map(str::to_owned);
    vec![
        Row::new("get_file", GetFile { hash: "4388963aaa83afe2042a46a3c017ad50bdcdafb3".into() }),
        Row::new(
            "get_file_statistics",
            GetFileStatistics {
                hash: "0991a395da64e1c5fbe8732ed11e6be064081d9f".into(),
                look_back_hours: Some(48),
            },
        ),
        Row::new("get_file_machines", GetFileMachines { sha1: MACHINE.into() })
            .answered_by("list_machines", ""),
        Row::new("get_user_machines", GetUserMachines { user: "user1".into() })
            .answered_by("list_machines", ""),
        Row::new("run_advanced_query", RunAdvancedQuery { query: query.expect("a query") }),
    ]
}

/// The indicator that the documented requests have in common.
fn indicator(title: &str, action: IndicatorAction, description: &str, expires: &str) -> NewIndicator {
    NewIndicator {
        application: Some("demo-test".into()),
        expiration_time: Some(expires.parse().expect("a moment")),
        severity: Some(IndicatorSeverity::Informational),
        recommended_actions: Some("nothing".into()),
        rbac_group_names: Some(vec!["group1".into(), "group2".into()]),
        ..NewIndicator::new(
            "220e7d15b011d7fac48f2bd61114db1022197f7f",
            IndicatorType::FileSha1,
            action,
            title,
            description,
        )
    }
}

fn indicators() -> Vec<Row> {
    let new = indicator("test", IndicatorAction::AlertAndBlock, "test", "2020-12-12T00:00:00Z");
    let first = indicator("demo", IndicatorAction::Alert, "demo2", "2021-12-12T00:00:00Z");
    let second = NewIndicator {
        indicator_value: "2233".repeat(15) + "2222",
        indicator_type: IndicatorType::FileSha256,
        application: Some("demo-test2".into()),
        severity: Some(IndicatorSeverity::Medium),
        rbac_group_names: Some(vec![]),
        ..indicator("demo2", IndicatorAction::Alert, "demo2", "2021-12-12T00:00:00Z")
    };
    let blocking = Filter::equals(IndicatorField::Action, "AlertAndBlock");
    vec![
        Row::new("create_indicator", CreateIndicator { indicator: new })
            .answered_by("list_indicators", "/value/1"),
        Row::new("import_indicators", ImportIndicators { indicators: vec![first, second] }),
        Row::new("list_indicators", ListIndicators::default()),
        Row::new("list_indicators.filter_action", ListIndicators { filter: Some(blocking), top: None }),
        Row::new("delete_indicator", DeleteIndicator { indicator_id: "995".into() }),
        Row::new(
            "batch_delete_indicators",
            BatchDeleteIndicators { indicator_ids: ["1", "2", "5"].map(str::to_owned).to_vec() },
        ),
    ]
}
