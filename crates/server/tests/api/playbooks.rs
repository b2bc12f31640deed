//! Playbooks: which there are, and whether their runs may begin.

use crate::stage::{House, QUICK, SLOW};
use riposte_server::config::Role;
use serde_json::{Value, json};

const ENABLE: &str = "POST /api/v1/playbooks/slow/enable";
const DISABLE: &str = "POST /api/v1/playbooks/slow/disable";

#[tokio::test]
async fn each_playbook_is_listed_with_what_starts_it() {
    let house = House::new(&[QUICK, SLOW]).await;
    let listed = house.ask(Role::Viewer, "GET /api/v1/playbooks", &Value::Null).await;
    let hashes =
        house.api.playbooks.read().unwrap().iter().map(|each| each.hash.to_string()).collect::<Vec<_>>();
    assert_eq!(
        listed.body,
        json!({ "playbooks": [
            {
                "name": "quick", "description": "Ends at once.", "source_hash": hashes[0],
                "triggers": [
                    { "kind": "webhook", "name": "alert", "path": "/hooks/alert" },
                    { "kind": "schedule", "cron": "0 4 * * *", "zone": "Europe/Berlin" },
                ],
                "enabled": true, "stops": [],
            },
            {
                "name": "slow", "description": null, "source_hash": hashes[1], "triggers": [],
                "enabled": true, "stops": [],
            },
        ] })
    );
}

#[tokio::test]
async fn a_disabled_playbook_begins_no_run_until_it_is_enabled() {
    let house = House::new(&[QUICK, SLOW]).await;
    let run = house.start("slow").await;
    let disabled = house.ask(Role::Operator, DISABLE, &json!({ "by": "untested" })).await;
    assert_eq!((disabled.status, &disabled.body["enabled"]), (200, &json!(false)));
    assert_eq!(
        disabled.body["stops"],
        json!([{ "playbook": "slow", "cancel": false, "by": "the-operator: untested", "at": "2025-11-26T12:00:00.000Z" }])
    );
    // Said again, by somebody else: the first order stays.
    assert_eq!(house.ask(Role::Admin, DISABLE, &Value::Null).await.body, disabled.body);
    let refused = house.ask(Role::Operator, "POST /api/v1/runs", &json!({ "playbook": "slow" })).await;
    assert_eq!(refused.problem(), (503, "stopped"));
    assert!(refused.body["detail"].as_str().unwrap().contains("the-operator: untested"), "{refused:?}");
    let other = json!({ "playbook": "quick", "inputs": { "device": "00ff" } });
    assert_eq!(house.ask(Role::Operator, "POST /api/v1/runs", &other).await.status, 202);
    let went_on = house.ask(Role::Viewer, &format!("GET /api/v1/runs/{run}"), &Value::Null).await;
    assert_eq!(went_on.body["status"], "running");

    let enabled = house.ask(Role::Operator, ENABLE, &Value::Null).await;
    assert_eq!((enabled.status, &enabled.body["enabled"]), (200, &json!(true)));
    assert_eq!(house.ask(Role::Operator, ENABLE, &Value::Null).await.body, enabled.body);
    house.start("slow").await;
}

#[tokio::test]
async fn what_stops_everything_is_not_lifted_for_one_playbook() {
    let house = House::new(&[QUICK, SLOW]).await;
    house.ask(Role::Operator, "POST /api/v1/stops", &json!({ "cancel": true })).await;
    house.ask(Role::Operator, DISABLE, &Value::Null).await;
    let enabled = house.ask(Role::Operator, ENABLE, &Value::Null).await;
    assert_eq!(enabled.body["enabled"], json!(false));
    assert_eq!(enabled.body["stops"][0]["playbook"], Value::Null);
    let lifted = house.ask(Role::Operator, "POST /api/v1/stops/lift", &Value::Null).await;
    assert_eq!(lifted.body, json!({ "lifted": true }));
    let lifted = house.ask(Role::Operator, "POST /api/v1/stops/lift", &json!({ "playbook": null })).await;
    assert_eq!(lifted.body, json!({ "lifted": false }));
    house.start("slow").await;
}

#[tokio::test]
async fn a_playbook_that_is_not_loaded_is_not_there() {
    let house = House::new(&[QUICK]).await;
    for name in ["slow", "No-Name", "%ff", "%00"] {
        for verb in ["enable", "disable"] {
            let path = format!("POST /api/v1/playbooks/{name}/{verb}");
            let said = house.ask(Role::Admin, &path, &Value::Null).await;
            assert_eq!(said.problem(), (404, "not-found"), "{name}");
        }
    }
    assert!(house.api.host.stops().is_empty());
}
