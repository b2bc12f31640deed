//! <https://learn.microsoft.com/en-us/defender-endpoint/api/investigation> and the pages of its operations.

use std::time::Duration;

use crate::helpers::{DESKTOP, DESKTOP_NAME, LINUX, OFFLINE, World, steady};
use riposte_tenant::EffectKind;

#[tokio::test]
async fn an_investigation_runs_to_its_end() {
    let world = World::with(|config| config.pace = steady()).await;
    let started = world.act(DESKTOP, "startInvestigation").await;
    assert_eq!(started.status, 201, "{}", started.text);
    assert_eq!(started.field("state"), "Queued");
    assert_eq!(started.field("machineId"), DESKTOP);
    assert_eq!(started.field("computerDnsName"), DESKTOP_NAME);
    assert_eq!(started.field("startTime"), "2025-01-01T00:00:00Z");
    assert!(started.json()["endTime"].is_null() && started.json()["cancelledBy"].is_null());
    assert!(started.field("id").chars().all(|c| c.is_ascii_digit()));
    let effect = world.last().effect.unwrap();
    assert_eq!((effect.kind, effect.action), (EffectKind::StartInvestigation, started.field("id")));

    let path = format!("/api/investigations/{}", started.field("id"));
    world.clock.advance(Duration::from_secs(3));
    assert_eq!(world.get(&path).await.field("state"), "Running");
    world.clock.advance(Duration::from_secs(4));
    let ended = world.get(&path).await;
    assert_eq!(
        (ended.field("state"), ended.field("endTime")),
        ("Benign".into(), "2025-01-01T00:00:07Z".into())
    );
    let by_alert = world.get(&format!("/api/Investigations/{}", ended.field("triggeringAlertId"))).await;
    assert_eq!(by_alert.json(), ended.json());
}

#[tokio::test]
async fn an_investigation_of_an_offline_device_waits_for_it() {
    let world = World::new().await;
    let id = world.act(OFFLINE, "startinvestigation").await.field("id");
    let path = format!("/api/investigations/{id}");
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(world.get(&path).await.field("state"), "PendingResource");
    world.tenant.set_online(OFFLINE, true);
    assert_eq!(world.get(&path).await.field("state"), "Benign");
}

#[tokio::test]
async fn investigations_are_listed_by_the_documented_fields() {
    let world = World::new().await;
    let first = world.act(DESKTOP, "startInvestigation").await;
    world.clock.advance(Duration::from_secs(60));
    let second = world.act(OFFLINE, "startInvestigation").await.field("id");
    let first_id = first.field("id");
    for (query, expected) in [
        (String::new(), vec![&second, &first_id]),
        (format!("?$filter=machineId eq '{DESKTOP}'"), vec![&first_id]),
        (format!("?$filter=id eq '{second}'"), vec![&second]),
        ("?$filter=state eq 'PendingResource'".into(), vec![&second]),
        ("?$filter=startTime ge 2025-01-01T00:01:00Z".into(), vec![&second]),
        (format!("?$filter=triggeringAlertId eq '{}'", first.field("triggeringAlertId")), vec![&first_id]),
        ("?$top=1&$skip=1".into(), vec![&first_id]),
    ] {
        let body = world.get(&format!("/api/investigations{query}")).await.json();
        let ids: Vec<_> =
            body["value"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
    }
    let refused = world.get("/api/investigations?$filter=cancelledBy eq 'x'").await;
    assert_eq!(refused.error(), (400, "ODataError".into()));
}

#[tokio::test]
async fn bad_requests_start_nothing() {
    let world = World::new().await;
    let path = format!("/api/machines/{DESKTOP}/startInvestigation");
    assert_eq!(world.post(&path, "{}").await.error(), (400, "MissingRequiredParameter".into()));
    assert_eq!(world.post(&path, "").await.error(), (400, "InvalidRequestBody".into()));
    assert_eq!(world.act("nobody", "startInvestigation").await.error(), (404, "ResourceNotFound".into()));
    assert_eq!(world.act(LINUX, "startInvestigation").await.error(), (400, "OsPlatformNotSupported".into()));
    assert_eq!(world.get("/api/investigations/1").await.error(), (404, "ResourceNotFound".into()));
    assert!(world.tenant.effects().is_empty());
    let reader = World::with(|config| config.permissions = vec!["Alert.Read.All".into()]).await;
    assert_eq!(reader.act(DESKTOP, "startInvestigation").await.error(), (403, "Forbidden".into()));
    assert_eq!(reader.get("/api/investigations").await.status, 200);
}
