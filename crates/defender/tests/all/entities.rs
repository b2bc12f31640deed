//! Alerts, devices, files, users, indicators and hunting against their documented examples. Where a page shows no answer, the
//! documented answer of another page for the same resource stands in.

use chrono::{DateTime, Utc};
use riposte_defender::{
    AddMachineTag, AddMachineTagMultiple, Alert, AlertClassification, AlertDetermination, AlertField,
    AlertSeverity, AlertStatus, AlertUpdate, BatchDeleteIndicators, BatchUpdateAlerts,
    CreateAlertByReference, CreateIndicator, DeleteIndicator, DeviceValue, Error, Filter, FindMachinesByIp,
    FindMachinesByTag, GetAlert, GetAlertDomains, GetAlertFiles, GetAlertIps, GetAlertMachine, GetAlertUser,
    GetFile, GetFileMachines, GetFileStatistics, GetMachineAlerts, GetMachineLogonUsers, GetUserMachines,
    ImportIndicators, IndicatorAction, IndicatorField, IndicatorSeverity, IndicatorType, ListAlerts,
    ListIndicators, ListMachines, Loss, MachineField, NewIndicator, RemoveMachineTag,
    RemoveMachineTagMultiple, RunAdvancedQuery, SetDeviceValue, Timestamp, UpdateAlert, UpdateMachine,
};
use serde_json::{Value, json};

use crate::{
    examples::{check, example},
    server::{PATIENCE, Server, authority, client, json_response},
};

const MACHINE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const ALERT: &str = "636688558380765161_2136280442";

/// An example whose page shows no answer, with one.
pub(crate) fn answered(mut example: Value, body: &Value) -> Value {
    assert_eq!(example["response"]["body_documented"], false);
    example["response"]["body"] = body.clone();
    example
}

pub(crate) fn body(example: &Value) -> Value {
    example["response"]["body"].clone()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

/// The indicator of both documented requests.
fn indicator(title: &str, action: IndicatorAction, description: &str, expires: &str) -> NewIndicator {
    NewIndicator {
        application: Some("demo-test".into()),
        expiration_time: Some(moment(expires)),
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

#[tokio::test]
async fn create_indicator_is_as_documented() {
    let create = CreateIndicator {
        indicator: indicator("test", IndicatorAction::AlertAndBlock, "test", "2020-12-12T00:00:00Z"),
    };
    let stands_in = body(&example!("list_indicators"))["value"][1].clone();
    let made = check(&create, &answered(example!("create_indicator"), &stands_in)).await;
    assert_eq!(made.id, "996");
    assert_eq!((made.indicator_type, made.action.blocks()), (IndicatorType::FileSha1, true));
}

#[tokio::test]
async fn import_indicators_is_as_documented() {
    let second = NewIndicator {
        indicator_value: "2233".repeat(15) + "2222",
        indicator_type: IndicatorType::FileSha256,
        application: Some("demo-test2".into()),
        severity: Some(IndicatorSeverity::Medium),
        rbac_group_names: Some(vec![]),
        ..indicator("demo2", IndicatorAction::Alert, "demo2", "2021-12-12T00:00:00Z")
    };
    let import = ImportIndicators {
        indicators: vec![
            indicator("demo", IndicatorAction::Alert, "demo2", "2021-12-12T00:00:00Z"),
            second.clone(),
        ],
    };
    let results = check(&import, &example!("import_indicators")).await;
    assert_eq!((results[0].id.as_deref(), results[0].is_failed), (Some("2841"), Some(false)));
    assert_eq!((&results[1].indicator, &results[1].failure_reason), (&second.indicator_value, &None));
}

#[tokio::test]
async fn list_indicators_is_as_documented() {
    let indicators = check(&ListIndicators::default(), &example!("list_indicators")).await;
    assert_eq!((indicators[0].id.as_str(), indicators[0].indicator_value.as_str()), ("995", "12.13.14.15"));
    assert_eq!(indicators[0].indicator_type, IndicatorType::IpAddress);
    assert_eq!(indicators[1].rbac_group_names, ["Group1", "Group2"]);
    assert!(indicators.iter().all(|indicator| indicator.other.is_empty()), "{indicators:?}");
    let filter = Some(Filter::equals(IndicatorField::Action, "AlertAndBlock"));
    let example = example!("list_indicators.filter_action");
    let blocking = check(&ListIndicators { filter, top: None }, &example).await;
    assert!(blocking.iter().all(|indicator| indicator.action == IndicatorAction::AlertAndBlock));
}

#[tokio::test]
async fn indicators_are_deleted_as_documented() {
    check(&DeleteIndicator { indicator_id: "995".into() }, &example!("delete_indicator")).await;
    let ids = ["1", "2", "5"].map(str::to_owned).to_vec();
    check(&BatchDeleteIndicators { indicator_ids: ids }, &example!("batch_delete_indicators")).await;
}

fn check_alert(alert: &Alert, body: &Value) {
    assert_eq!(Some(alert.id.as_str()), body["id"].as_str());
    assert_eq!(alert.severity, AlertSeverity::Low);
    assert_eq!(alert.status, AlertStatus::New);
    assert_eq!(alert.mitre_techniques, ["T1064", "T1085", "T1220"]);
    assert_eq!(alert.related_user.as_ref().and_then(|user| user.user_name.as_deref()), Some("temp123"));
    assert_eq!(alert.comments[0].comment.as_deref(), Some("test comment for docs"));
    assert!(alert.alert_creation_time.as_ref().and_then(Timestamp::moment).is_some());
    assert_eq!(Some(alert.evidence.len()), body["evidence"].as_array().map(Vec::len));
    assert!(alert.other.is_empty(), "{:?}", alert.other);
    assert_eq!(&alert.raw, body);
}

#[tokio::test]
async fn get_alert_is_as_documented() {
    let example = example!("get_alert");
    let alert = check(&GetAlert { alert_id: "da637472900382838869_1364969609".into() }, &example).await;
    check_alert(&alert, &body(&example));
    let process = &alert.evidence[1];
    assert_eq!(
        (process.entity_type.as_deref(), process.process_id, process.parent_process_id),
        (Some("Process"), Some(3276), Some(8420))
    );
    assert_eq!(alert.evidence[0].user_sid.as_deref().map(|sid| sid.starts_with("S-1-5-21-")), Some(true));
}

#[tokio::test]
async fn list_alerts_is_as_documented() {
    let list = example!("list_alerts");
    check_alert(&check(&ListAlerts::default(), &list).await[0], &body(&list)["value"][0]);

    let expanded = example!("list_alerts.expand_evidence");
    let alerts = check(&ListAlerts { filter: None, top: Some(10), evidence: true }, &expanded).await;
    check_alert(&alerts[0], &body(&expanded)["value"][0]);
    assert_eq!(alerts[0].evidence.len(), 3);

    let since = Filter::at_or_after(AlertField::LastUpdateTime, moment("2019-11-22T00:00:00Z"));
    let filtered = example!("list_alerts.filter_last_update_time");
    check(&ListAlerts { filter: Some(since), ..ListAlerts::default() }, &filtered).await;
}

/// The update of both documented requests.
fn resolved() -> AlertUpdate {
    AlertUpdate {
        status: Some(AlertStatus::Resolved),
        assigned_to: Some("secop2@contoso.com".into()),
        classification: Some(AlertClassification::FalsePositive),
        determination: Some(AlertDetermination::Malware),
        comment: Some("Resolve my alert and assign to secop2".into()),
    }
}

#[tokio::test]
async fn update_alert_is_as_documented() {
    let update = UpdateAlert { alert_id: "121688558380765161_2136280442".into(), update: resolved() };
    let example = answered(example!("update_alert"), &body(&example!("get_alert")));
    check_alert(&check(&update, &example).await, &body(&example));
}

#[tokio::test]
async fn batch_update_alerts_is_as_documented() {
    let ids = ["da637399794050273582_760707377", "da637399989469816469_51697947354"];
    let mut batch = BatchUpdateAlerts { alert_ids: ids.map(str::to_owned).to_vec(), update: resolved() };
    let mut example = example!("batch_update_alerts");
    check(&batch, &example).await;
    // Its page has spellings of its own.
    for (classification, determination, spelled) in [
        (
            AlertClassification::InformationalExpectedActivity,
            AlertDetermination::ConfirmedActivity,
            ["Informational, expected activity", "ConfirmedUserActivity"],
        ),
        (AlertClassification::FalsePositive, AlertDetermination::NotMalicious, ["FalsePositive", "Clean"]),
    ] {
        batch.update.classification = Some(classification);
        batch.update.determination = Some(determination);
        example["request"]["body"]["classification"] = spelled[0].into();
        example["request"]["body"]["determination"] = spelled[1].into();
        check(&batch, &example).await;
    }
}

#[tokio::test]
async fn create_alert_by_reference_is_as_documented() {
    let create = CreateAlertByReference {
        machine_id: "1e5bc9d7e413ddd7902c2932e418702b84d0cc07".into(),
        event_time: "2018-08-03T16:45:21.7115183Z".into(),
        report_id: "20776".into(),
        severity: AlertSeverity::Low,
        title: "example".into(),
        description: "example alert".into(),
        recommended_action: "nothing".into(),
        category: "Exploit".into(),
    };
    let example = answered(example!("create_alert_by_reference"), &body(&example!("get_alert")));
    check_alert(&check(&create, &example).await, &body(&example));
}

#[tokio::test]
async fn what_an_alert_is_about_is_as_documented() {
    let id = || ALERT.to_owned();
    let files = check(&GetAlertFiles { alert_id: id() }, &example!("get_alert_files")).await;
    assert_eq!(files[0].sha1, "f2a00fd2f2de1be0214b8529f1e9f67096c1aa70");
    assert_eq!((files[0].size, files[0].is_pe_file, files[0].other.len()), (Some(113_984), Some(true), 0));
    let ips = check(&GetAlertIps { alert_id: id() }, &example!("get_alert_ips")).await;
    assert_eq!(ips.iter().map(|ip| ip.id.as_str()).collect::<Vec<_>>(), ["104.80.104.128", "23.203.232.228"]);
    let domains = check(&GetAlertDomains { alert_id: id() }, &example!("get_alert_domains")).await;
    let hosts: Vec<_> = domains.iter().map(|domain| domain.host.as_str()).collect();
    assert_eq!(hosts, ["www.example.com", "www.example2.com"]);
    let machine = check(&GetAlertMachine { alert_id: id() }, &example!("get_alert_machine")).await;
    assert_eq!((machine.id.as_str(), machine.ip_addresses.len()), (MACHINE, 2));
    let user = check(&GetAlertUser { alert_id: id() }, &example!("get_alert_user")).await;
    assert_eq!((user.id.as_str(), user.log_on_machines_count), ("contoso\\user1", Some(1)));
    assert!(user.other.is_empty());
}

#[tokio::test]
async fn machines_are_listed_as_documented() {
    let machines = check(&ListMachines::default(), &example!("list_machines")).await;
    assert_eq!(machines[0].id, MACHINE);
    let filter = Some(Filter::equals(MachineField::RiskScore, "High"));
    let example = example!("list_machines.filter_risk_score");
    let risky = check(&ListMachines { filter, top: None }, &example).await;
    assert_eq!(risky[0].risk_score.as_str(), "High");
}

#[tokio::test]
async fn machines_are_found_as_documented() {
    let machines = body(&example!("list_machines"));
    let by_ip = FindMachinesByIp {
        address: "10.248.240.38".parse().expect("an address"),
        moment: moment("2019-09-22T08:44:05Z"),
    };
    assert_eq!(check(&by_ip, &answered(example!("find_machines_by_ip"), &machines)).await[0].id, MACHINE);
    let by_tag = FindMachinesByTag { tag: "testTag".into(), prefix: true };
    assert_eq!(check(&by_tag, &answered(example!("find_machines_by_tag"), &machines)).await.len(), 1);
}

#[tokio::test]
async fn a_machine_is_changed_as_documented() {
    let machine = body(&example!("get_machine"));
    let (machine_id, tag) = (MACHINE.to_owned(), "test Tag 2".to_owned());
    let add = AddMachineTag { machine_id: machine_id.clone(), tag: tag.clone() };
    assert_eq!(check(&add, &answered(example!("add_machine_tag"), &machine)).await.id, MACHINE);
    let remove = RemoveMachineTag { machine_id: machine_id.clone(), tag };
    check(&remove, &answered(example!("remove_machine_tag"), &machine)).await;
    let set = SetDeviceValue { machine_id, value: DeviceValue::High };
    check(&set, &answered(example!("set_device_value"), &machine)).await;
    let mut update = answered(example!("update_machine"), &machine);
    update["request"]["path"] = format!("/api/machines/{MACHINE}").into();
    let tags = [
        "Demo Device",
        "Generic User Machine - Attack Source",
        "Windows 10",
        "Windows11",
        "Windows Insider - Fast",
    ];
    let set = UpdateMachine {
        machine_id: MACHINE.into(),
        tags: Some(tags.map(str::to_owned).to_vec()),
        value: Some(DeviceValue::Normal),
    };
    check(&set, &update).await;
    update["request"]["body"] = json!({ "machineTags": [] });
    check(&UpdateMachine { tags: Some(vec![]), value: None, ..set }, &update).await;
}

#[tokio::test]
async fn many_machines_are_tagged_as_documented() {
    let machines = body(&example!("list_machines"));
    let ids = [
        "34e83ca3feea4dae2353006ba389262c033a025e",
        "2a398439b4975924e87a65943972bc702469b329",
        "a610c00c65fdf79960cc0077d9d8c569d23f09a5",
    ];
    let (machine_ids, tag) = (ids.map(str::to_owned).to_vec(), "Tag".to_owned());
    let add = AddMachineTagMultiple { machine_ids: machine_ids.clone(), tag: tag.clone() };
    let tagged = check(&add, &answered(example!("add_machine_tag_multiple"), &machines)).await;
    assert_eq!(tagged[0].id, MACHINE);
    let remove = RemoveMachineTagMultiple { machine_ids, tag };
    check(&remove, &answered(example!("remove_machine_tag_multiple"), &machines)).await;
}

#[tokio::test]
async fn what_happened_on_a_machine_is_as_documented() {
    let users =
        check(&GetMachineLogonUsers { machine_id: MACHINE.into() }, &example!("get_machine_logon_users"))
            .await;
    assert_eq!((users[0].account_name.as_deref(), users[0].is_domain_admin), (Some("user1"), Some(true)));
    // The page has neither request nor answer; the address follows its own description.
    let alerts = json!({
        "request": { "method": "GET", "path": format!("/api/machines/{MACHINE}/alerts"), "body": null },
        "response": { "status": 200, "body": body(&example!("list_alerts")) },
    });
    assert_eq!(check(&GetMachineAlerts { machine_id: MACHINE.into() }, &alerts).await.len(), 1);
}

#[tokio::test]
async fn files_and_users_are_as_documented() {
    let hash = "4388963aaa83afe2042a46a3c017ad50bdcdafb3";
    let file = check(&GetFile { hash: hash.into() }, &example!("get_file")).await;
    assert_eq!((file.sha1.as_str(), file.determination_type.as_deref()), (hash, Some("Pua")));
    let statistics = GetFileStatistics {
        hash: "0991a395da64e1c5fbe8732ed11e6be064081d9f".into(),
        look_back_hours: Some(48),
    };
    let statistics = check(&statistics, &example!("get_file_statistics")).await;
    assert_eq!(
        (statistics.organization_prevalence, statistics.globally_prevalence),
        (Some(14_850), Some(705_012))
    );
    assert_eq!((statistics.top_file_names, statistics.other.len()), (vec!["MREC.exe".to_owned()], 0));
    let machines = body(&example!("list_machines"));
    let with_file = GetFileMachines { sha1: MACHINE.into() };
    check(&with_file, &answered(example!("get_file_machines"), &machines)).await;
    let of_user = GetUserMachines { user: "user1".into() };
    check(&of_user, &answered(example!("get_user_machines"), &machines)).await;
}

#[tokio::test]
async fn run_advanced_query_is_as_documented() {
    let example = example!("run_advanced_query");
    let query = example["request"]["body"]["Query"].as_str().expect("a query").to_owned();
    let found = check(&RunAdvancedQuery { query }, &example).await;
    let columns: Vec<_> = found.schema.iter().filter_map(|column| column.name.as_deref()).collect();
    assert_eq!(columns, ["Timestamp", "FileName", "InitiatingProcessFileName", "DeviceId"]);
    assert_eq!((found.results.len(), &found.results[0]["FileName"]), (2, &json!("csc.exe")));
}

#[tokio::test]
async fn an_answer_without_rows_is_not_an_empty_result() {
    for body in [json!(null), json!({}), json!({"Schema": []}), json!({"Results": null})] {
        let api = Server::start(move |_, _| json_response(200, &body)).await;
        let authority = authority().await;
        let query = RunAdvancedQuery { query: "DeviceInfo".into() };
        let error = client(&api, &authority).send(&query, PATIENCE).await.expect_err("no result");
        assert!(matches!(error, Error::Lost { loss: Loss::Malformed(_), .. }), "{error:?}");
    }
}

#[tokio::test]
async fn text_from_outside_stays_in_its_place() {
    let api = Server::start(|_, _| json_response(200, &json!({ "value": [] }))).await;
    let authority = authority().await;
    let client = client(&api, &authority);
    let tag = "x' or '1' eq '1&$top=1#";
    client.send(&FindMachinesByTag { tag: tag.into(), prefix: false }, PATIENCE).await.expect("no rows");
    let filter = Some(Filter::any(MachineField::MachineTags, tag));
    client.send(&ListMachines { filter, top: None }, PATIENCE).await.expect("no rows");
    client.send(&GetUserMachines { user: "a/../b?c".into() }, PATIENCE).await.expect("no rows");
    let seen = api.seen();
    assert_eq!(seen[0].query, [("tag".to_owned(), tag.to_owned())]);
    let quoted = "machineTags/any(item: item eq 'x'' or ''1'' eq ''1&$top=1#')";
    assert_eq!(seen[1].query, [("$filter".to_owned(), quoted.to_owned())]);
    assert_eq!(seen[2].path, "/api/users/a%2F..%2Fb%3Fc/machines");
}
