use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{DESKTOP, OFFLINE, World, steady};

async fn listed(world: &World, path: &str, field: &str) -> Vec<Value> {
    let answer = world.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["value"].as_array().unwrap().iter().map(|row| row[field].clone()).collect()
}

/// The same list as it was ten seconds ago.
async fn ten_seconds_ago(world: &World, operation: &str, path: &str, field: &str) -> Vec<Value> {
    world.inject(&format!("{operation}=stale-10s"));
    let rows = listed(world, path, field).await;
    assert_eq!(world.last().fault.unwrap().operation.to_string(), operation);
    rows
}

#[tokio::test]
async fn machine_actions_are_as_far_as_they_were_and_later_ones_are_missing() {
    let world = World::with(|config| config.pace = steady()).await;
    let path = "/api/machineactions";
    let first = world.open(DESKTOP, "isolate").await;
    world.clock.advance(Duration::from_secs(10));
    let waiting = world.open(OFFLINE, "isolate").await;
    let stale = |field| ten_seconds_ago(&world, "machineactions", path, field);
    assert_eq!(stale("id").await, [first.as_str()]);
    assert_eq!(stale("status").await, ["Pending"]);
    world.clock.advance(Duration::from_secs(3));
    assert_eq!(stale("status").await, ["InProgress"]);
    world.post(&format!("/api/machineactions/{waiting}/cancel"), r#"{"Comment":"no"}"#).await;
    world.clock.advance(Duration::from_secs(9));
    assert_eq!(stale("status").await, ["Pending", "Succeeded"], "it was cancelled nine seconds ago");
    assert_eq!(listed(&world, path, "status").await, ["Cancelled", "Succeeded"]);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(stale("status").await, ["Cancelled", "Succeeded"]);
}

#[tokio::test]
async fn a_filter_sees_the_past_too() {
    let world = World::with(|config| config.pace = steady()).await;
    world.open(DESKTOP, "isolate").await;
    world.clock.advance(Duration::from_secs(11));
    let path = "/api/machineactions?$filter=status eq 'Pending'";
    assert!(listed(&world, path, "id").await.is_empty());
    assert_eq!(ten_seconds_ago(&world, "machineactions", path, "status").await, ["Pending"]);
}

#[tokio::test]
async fn one_action_by_its_id_is_no_list_and_never_stale() {
    let world = World::new().await;
    world.inject("machineactions=stale-10s");
    let id = world.open(DESKTOP, "isolate").await;
    assert_eq!(world.status(&id).await, "Succeeded");
    assert!(listed(&world, "/api/machineactions", "id").await.is_empty());
    assert_eq!(listed(&world, "/api/machineactions", "id").await, [id.as_str()]);
}

#[tokio::test]
async fn indicators_that_were_deleted_are_there_and_new_ones_are_not() {
    let world = World::new().await;
    let path = "/api/indicators";
    let before = listed(&world, path, "id").await;
    let gone = before[0].as_str().unwrap();
    world.try_call(Method::DELETE, &format!("{path}/{gone}"), None).await.unwrap();
    world.clock.advance(Duration::from_secs(5));
    let body = json!({
        "indicatorValue": "new.example", "indicatorType": "DomainName", "action": "Block", "title": "t",
        "description": "d",
    });
    assert_eq!(world.post(path, &body.to_string()).await.status, 200);
    let stale = |field| ten_seconds_ago(&world, "indicators", path, field);
    assert_eq!(stale("id").await, before);
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(stale("id").await, before[1..]);
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(stale("id").await.len(), before.len());
    assert_eq!(listed(&world, path, "id").await.len(), before.len());
}

#[tokio::test]
async fn alerts_tags_the_library_and_connections_are_as_they_were() {
    let world = World::new().await;
    let alert = listed(&world, "/api/alerts", "id").await[0].as_str().unwrap().to_owned();
    world
        .try_call(Method::PATCH, &format!("/api/alerts/{alert}"), Some(r#"{"status":"Resolved"}"#))
        .await
        .unwrap();
    world.post(&format!("/api/machines/{DESKTOP}/tags"), r#"{"Value":"new","Action":"Add"}"#).await;
    world.try_call(Method::DELETE, "/api/libraryfiles/script.sh", None).await.unwrap();
    assert!(world.tenant.set_online(OFFLINE, true));
    for (operation, path, field) in [
        ("alerts", "/api/alerts", "status"),
        ("machines", "/api/machines", "machineTags"),
        ("machines", "/api/machines", "healthStatus"),
        ("libraryfiles", "/api/libraryfiles", "fileName"),
    ] {
        let demo = World::new().await;
        assert_eq!(ten_seconds_ago(&world, operation, path, field).await, listed(&demo, path, field).await);
        assert_ne!(listed(&world, path, field).await, listed(&demo, path, field).await);
    }
}

#[tokio::test]
async fn who_looks_into_the_past_leaves_the_present_as_it_is() {
    let world = World::new().await;
    world.inject("*=stale-1h:3");
    world.open(DESKTOP, "isolate").await;
    for path in ["/api/machineactions", "/api/investigations", "/api/alerts"] {
        listed(&world, path, "id").await;
    }
    assert_eq!(world.tenant.effects().len(), 1);
    assert_eq!(world.tenant.is_isolated(DESKTOP), Some(true));
}
