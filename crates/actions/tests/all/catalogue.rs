//! Every question is answered, and every inverse leads back.

use crate::world::{ALERT, DEVICE, World};
use riposte_model::Effect;
use serde_json::{Value, json};

#[tokio::test]
async fn every_look_at_an_entity_is_answered_as_the_catalogue_says() {
    let world = World::new().await;
    let device = json!({ "machine_id": DEVICE });
    let alert = json!({ "alert_id": ALERT });
    let file = "8563f95b2f8a284fc99da44500cd51a77c1ff36c";
    let address = world.done("get_machine", device.clone()).await["lastIpAddress"].clone();
    let since = "2020-01-01T00:00:00Z";
    for (action, arguments, rows) in [
        ("list_indicators", json!({}), Some(2)),
        ("list_indicators", json!({ "action": "Allowed", "created_since": since, "top": 5 }), Some(1)),
        ("get_alert", alert.clone(), None),
        ("list_alerts", json!({}), Some(3)),
        (
            "list_alerts",
            json!({ "status": "New", "severity": "High", "category": "Execution",
            "detection_source": "WindowsDefenderAtp", "incident_id": 1_126_093, "created_since": since,
            "updated_since": since, "evidence": true, "top": 9 }),
            Some(1),
        ),
        ("get_alert_files", alert.clone(), Some(2)),
        ("get_alert_ips", alert.clone(), Some(1)),
        ("get_alert_domains", alert.clone(), Some(1)),
        ("get_alert_machine", alert.clone(), None),
        ("get_alert_user", alert, None),
        ("list_machines", json!({}), Some(6)),
        (
            "list_machines",
            json!({ "health_status": "Active", "risk_score": "High", "tag": "test tag 1",
            "name_starts_with": "desktop-", "last_seen_since": since, "os_platform": "Windows10",
            "exposure_level": "Medium", "device_value": "Normal", "last_ip_address": address, "top": 3 }),
            Some(1),
        ),
        ("list_machines", json!({ "tag": "x' or '1' eq '1" }), Some(0)),
        ("find_machines_by_tag", json!({ "tag": "test", "prefix": true }), Some(1)),
        ("find_machines_by_tag", json!({ "tag": "test" }), Some(0)),
        ("get_machine_logon_users", device.clone(), Some(2)),
        ("get_machine_alerts", device, Some(1)),
        ("run_advanced_query", json!({ "query": "DeviceInfo" }), None),
        ("get_file", json!({ "file_hash": file }), None),
        ("get_file_machines", json!({ "sha1": file }), Some(1)),
        ("get_file_statistics", json!({ "file_hash": file, "look_back_hours": 48 }), None),
        ("get_file_alerts", json!({ "sha1": file }), Some(1)),
        ("get_domain_alerts", json!({ "domain": "www.example.net" }), Some(1)),
        ("get_domain_alerts", json!({ "domain": "nobody.example" }), Some(0)),
        ("get_domain_machines", json!({ "domain": "updates.example.com" }), Some(3)),
        ("get_domain_statistics", json!({ "domain": "nobody.example" }), None),
        ("get_ip_alerts", json!({ "ip_address": "198.51.100.23" }), Some(1)),
        ("get_ip_statistics", json!({ "ip_address": "2001:db8::25", "look_back_hours": 48 }), None),
        ("get_user_alerts", json!({ "user_name": "user1" }), Some(1)),
        ("get_user_machines", json!({ "user_name": "user1" }), Some(2)),
    ] {
        let output = world.done(action, arguments).await;
        assert_eq!(output.as_array().map(Vec::len), rows, "{action}");
    }
    assert!(world.did().is_empty());
}

#[tokio::test]
async fn a_device_is_found_by_the_address_it_has() {
    let world = World::new().await;
    let device = world.done("get_machine", json!({ "machine_id": DEVICE })).await;
    let find = |ip: &Value| json!({ "ip_address": ip, "timestamp": device["lastSeen"] });
    let found = world.done("find_machines_by_ip", find(&device["lastIpAddress"])).await;
    assert_eq!(found[0]["id"], DEVICE);
    let found = world.done("find_machine_info_by_ip", find(&device["lastIpAddress"])).await;
    assert_eq!(found[0]["id"], DEVICE);
    let nobody = json!("192.0.2.250");
    assert_eq!(world.done("find_machines_by_ip", find(&nobody)).await, json!([]));
    assert_eq!(world.failed("find_machine_info_by_ip", find(&nobody)).await.as_str(), "not_found");
    for action in ["find_machines_by_ip", "find_machine_info_by_ip"] {
        let kind = world.failed(action, find(&json!("10.0.0.1',x='"))).await;
        assert_eq!(kind.as_str(), "invalid", "{action}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_not_sent() {
    let world = World::new().await;
    for action in ["get_ip_alerts", "get_ip_statistics"] {
        for ip in ["10.0.0.0/8", "10.0.0.1/alerts", "example.com"] {
            assert_eq!(world.failed(action, json!({ "ip_address": ip })).await.as_str(), "invalid", "{ip}");
        }
    }
    assert!(world.tenant.log().is_empty());
}

#[test]
fn a_domain_is_a_host_name_and_nothing_more() {
    let catalogue = riposte_actions::catalogue();
    let arguments = &catalogue.get("defender.get_domain_alerts").unwrap().arguments;
    let fits = |domain: &str| arguments.violations(&json!({ "domain": domain })).is_empty();
    for domain in ["example.com", "xn--bcher-kva.example", "_dmarc.example.com", "intranet", &"a".repeat(253)]
    {
        assert!(fits(domain), "{domain}");
    }
    for domain in [
        "",
        "http://example.com",
        "example.com/path",
        "example.com.",
        "..",
        "a b",
        "bücher.example",
        &"a".repeat(254),
    ] {
        assert!(!fits(domain), "{domain}");
    }
}

#[test]
fn what_undoes_an_action_is_undone_by_it() {
    let catalogue = riposte_actions::catalogue();
    let mut for_good = Vec::new();
    for action in catalogue.iter().filter(|action| action.effect == Effect::Idempotent) {
        match &action.inverse {
            Some(inverse) => {
                let inverse = catalogue.get(inverse.as_str()).unwrap();
                assert_eq!(inverse.inverse.as_ref(), Some(&action.name));
            }
            None => for_good.push(action.name.as_str()),
        }
    }
    // A file that is deleted from the library has to be uploaded again, by whoever has it.
    assert_eq!(for_good, ["defender.delete_library_file"]);
}

#[test]
fn what_acts_on_a_device_and_must_not_be_repeated_says_on_which() {
    for action in riposte_actions::catalogue().iter() {
        let takes_one =
            action.arguments.as_object().is_some_and(|all| all.properties.contains_key("machine_id"));
        // An alert is about a device, and does nothing to it.
        let acts =
            action.effect == Effect::Once && action.name.as_str() != "defender.create_alert_by_reference";
        let wanted = (acts && takes_one).then_some("machine_id");
        assert_eq!(action.device, wanted, "{}", action.name);
    }
}

#[test]
fn the_documented_answers_fit_the_outputs() {
    for (action, example) in [
        ("list_indicators", include_str!("../../../defender/tests/examples/list_indicators.json")),
        ("import_indicators", include_str!("../../../defender/tests/examples/import_indicators.json")),
        ("get_alert", include_str!("../../../defender/tests/examples/get_alert.json")),
        ("list_alerts", include_str!("../../../defender/tests/examples/list_alerts.expand_evidence.json")),
        ("get_alert_files", include_str!("../../../defender/tests/examples/get_alert_files.json")),
        ("get_alert_ips", include_str!("../../../defender/tests/examples/get_alert_ips.json")),
        ("get_alert_domains", include_str!("../../../defender/tests/examples/get_alert_domains.json")),
        ("get_alert_machine", include_str!("../../../defender/tests/examples/get_alert_machine.json")),
        ("get_alert_user", include_str!("../../../defender/tests/examples/get_alert_user.json")),
        ("list_machines", include_str!("../../../defender/tests/examples/list_machines.json")),
        (
            "get_machine_logon_users",
            include_str!("../../../defender/tests/examples/get_machine_logon_users.json"),
        ),
        ("run_advanced_query", include_str!("../../../defender/tests/examples/run_advanced_query.json")),
        ("get_file", include_str!("../../../defender/tests/examples/get_file.json")),
        ("get_file_statistics", include_str!("../../../defender/tests/examples/get_file_statistics.json")),
        (
            "get_domain_statistics",
            include_str!("../../../defender/tests/examples/get_domain_statistics.json"),
        ),
        ("get_ip_statistics", include_str!("../../../defender/tests/examples/get_ip_statistics.json")),
    ] {
        let example: Value = serde_json::from_str(example).unwrap();
        let mut body = example["response"]["body"].clone();
        body.as_object_mut().unwrap().retain(|key, _| !key.starts_with("@odata."));
        let body = body.get("value").cloned().unwrap_or(body);
        let catalogue = riposte_actions::catalogue();
        let output = &catalogue.get(&format!("defender.{action}")).unwrap().output;
        assert_eq!(output.violations(&body), [], "{action}");
    }
}
