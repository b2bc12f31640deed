//! The documented requests are accepted, and the answers have the documented fields.
//!
//! Paths, bodies and field names are those of the pages named at each test; values that only exist in
//! the examples are replaced. The pages of 2018 call the last date `lastUpdateTimeUtc`; what really comes is
//! `lastUpdateDateTimeUtc`.

use serde_json::Value;

use crate::helpers::{DESKTOP, World};

const ACTION: [&str; 11] = [
    "@odata.context",
    "id",
    "type",
    "scope",
    "requestor",
    "requestorComment",
    "status",
    "machineId",
    "computerDnsName",
    "creationDateTimeUtc",
    "relatedFileInfo",
];

fn has(body: &Value, fields: &[&str]) {
    for field in fields {
        assert!(body.as_object().unwrap().contains_key(*field), "{field} is missing in {body}");
    }
}

/// <https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine> and its siblings.
#[tokio::test]
async fn actions_on_machines() {
    let world = World::new().await;
    for (operation, body) in [
        ("isolate", r#"{"Comment":"Isolate machine due to alert 1234","IsolationType":"Full"}"#),
        ("unisolate", r#"{"Comment":"Unisolate machine since it was clean and validated"}"#),
        (
            "runAntiVirusScan",
            r#"{"Comment":"Check machine for viruses due to alert 3212","ScanType":"Full"}"#,
        ),
        ("collectInvestigationPackage", r#"{"Comment":"Collect forensics due to alert 1234"}"#),
    ] {
        let answer = world.post(&format!("/api/machines/{DESKTOP}/{operation}"), body).await;
        assert_eq!(answer.status, 201);
        has(&answer.json(), &ACTION);
        has(&answer.json(), &["lastUpdateDateTimeUtc"]);
        let again = world.get(&format!("/api/machineactions/{}", answer.field("id"))).await;
        assert_eq!(again.status, 200);
        has(&again.json(), &ACTION);
    }
}

/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection>
#[tokio::test]
async fn the_collection_of_actions() {
    let world = World::new().await;
    world.open(DESKTOP, "isolate").await;
    for query in ["", &format!("?$filter=machineId eq '{DESKTOP}'&$top=2")] {
        let body = world.get(&format!("/api/machineactions{query}")).await.json();
        has(&body, &["@odata.context", "value"]);
        has(&body["value"][0], &ACTION[1..]);
    }
}

/// <https://learn.microsoft.com/en-us/defender-endpoint/api/cancel-machine-action>
#[tokio::test]
async fn cancelling() {
    let world = World::new().await;
    world.tenant.set_online(DESKTOP, false);
    let id = world.open(DESKTOP, "isolate").await;
    let body = r#"{"Comment":"Machine action was canceled by automation"}"#;
    let answer = world.post(&format!("/api/machineactions/{id}/cancel"), body).await;
    assert_eq!(answer.status, 200);
    has(&answer.json(), &ACTION);
}

/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-by-id> and "List machines".
#[tokio::test]
async fn machines() {
    let world = World::new().await;
    let fields = [
        "id",
        "computerDnsName",
        "firstSeen",
        "lastSeen",
        "osPlatform",
        "version",
        "osProcessor",
        "lastIpAddress",
        "lastExternalIpAddress",
        "osBuild",
        "healthStatus",
        "rbacGroupId",
        "rbacGroupName",
        "riskScore",
        "exposureLevel",
        "isAadJoined",
        "aadDeviceId",
        "machineTags",
        "ipAddresses",
        "deviceValue",
    ];
    let one = world.get(&format!("/api/machines/{DESKTOP}")).await.json();
    has(&one, &fields);
    has(&one["ipAddresses"][0], &["ipAddress", "macAddress", "operationalStatus"]);
    let list = world.get("/api/machines?$filter=riskScore+eq+'High'").await.json();
    has(&list["value"][0], &fields);
}
