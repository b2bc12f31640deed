//! Restrictions and quarantined files: what is answered, and what is true of the device afterwards.

use serde_json::json;

use crate::helpers::{DESKTOP, FILE, LINUX, OFFLINE, World, steady};

#[tokio::test]
async fn a_restriction_is_set_and_lifted() {
    let world = World::new().await;
    assert_eq!(world.tenant.is_restricted(DESKTOP), Some(false));
    let id = world.open(DESKTOP, "RestrictCodeExecution").await;
    assert_eq!(world.status(&id).await, "Succeeded");
    assert_eq!(world.tenant.is_restricted(DESKTOP), Some(true));
    assert_eq!(world.tenant.is_isolated(DESKTOP), Some(false));
    world.open(DESKTOP, "unrestrictcodeexecution").await;
    assert_eq!(world.tenant.is_restricted(DESKTOP), Some(false));
}

/// <https://learn.microsoft.com/en-us/defender-endpoint/api/stop-and-quarantine-file>
#[tokio::test]
async fn a_quarantined_file_is_named_in_the_action_and_kept_in_mind() {
    let world = World::new().await;
    let body = json!({
        "Comment": "Stop and quarantine file on machine due to alert 441688558380765161_2136280442",
        "Sha1": FILE.to_uppercase(),
    });
    let path = format!("/api/machines/{DESKTOP}/StopAndQuarantineFile");
    let answer = world.post(&path, &body.to_string()).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.field("type"), "StopAndQuarantineFile");
    let file = json!({ "fileIdentifier": FILE, "fileIdentifierType": "Sha1" });
    assert_eq!(answer.json()["relatedFileInfo"], file);
    assert_eq!(world.tenant.quarantined(DESKTOP), Some(vec![FILE.to_owned()]));
    assert_eq!(world.tenant.quarantined("nobody"), None);
}

#[tokio::test]
async fn a_second_order_for_a_file_is_refused_and_one_for_another_file_is_not() {
    let world = World::with(|config| config.pace = steady()).await;
    world.open(DESKTOP, "stopandquarantinefile").await;
    let again = world.act(DESKTOP, "stopandquarantinefile").await;
    assert_eq!(again.error(), (400, "ActiveRequestAlreadyExists".into()));
    let other = format!(r#"{{"Comment":"x","Sha1":"{}"}}"#, "0".repeat(40));
    let path = format!("/api/machines/{DESKTOP}/StopAndQuarantineFile");
    assert_eq!(world.post(&path, &other).await.status, 201);
    assert_eq!(world.tenant.effects().len(), 2);
}

#[tokio::test]
async fn what_is_no_sha_1_is_refused() {
    let world = World::new().await;
    let path = format!("/api/machines/{DESKTOP}/StopAndQuarantineFile");
    for (body, code) in [
        (r#"{"Comment":"x"}"#.to_owned(), "MissingRequiredParameter"),
        (r#"{"Comment":"x","Sha1":""}"#.to_owned(), "MissingRequiredParameter"),
        (format!(r#"{{"Sha1":"{FILE}"}}"#), "MissingRequiredParameter"),
        (r#"{"Comment":"x","Sha1":"abc"}"#.to_owned(), "InvalidHashValue"),
        (format!(r#"{{"Comment":"x","Sha1":"{}"}}"#, "a".repeat(64)), "InvalidHashValue"),
        (format!(r#"{{"Comment":"x","Sha1":"{}"}}"#, "g".repeat(40)), "InvalidHashValue"),
    ] {
        assert_eq!(world.post(&path, &body).await.error(), (400, code.to_owned()), "{body}");
    }
    assert!(world.tenant.effects().is_empty());
}

#[tokio::test]
async fn linux_can_be_isolated_and_not_restricted() {
    let world = World::new().await;
    for operation in ["restrictCodeExecution", "unrestrictCodeExecution", "StopAndQuarantineFile"] {
        let refused = world.act(LINUX, operation).await;
        assert_eq!(refused.error(), (400, "OsPlatformNotSupported".into()), "{operation}");
    }
    world.open(LINUX, "isolate").await;
    assert_eq!(world.tenant.effects().len(), 1);
}

#[tokio::test]
async fn each_action_needs_its_own_permission_and_so_does_its_cancellation() {
    for (operation, permission) in [
        ("restrictCodeExecution", "Machine.RestrictExecution"),
        ("unrestrictCodeExecution", "Machine.RestrictExecution"),
        ("StopAndQuarantineFile", "Machine.StopAndQuarantine"),
    ] {
        let world = World::with(|config| {
            config.permissions = vec!["Machine.Read.All".into(), "Machine.Isolate".into()];
        })
        .await;
        assert_eq!(world.act(OFFLINE, operation).await.error(), (403, "Forbidden".into()), "{operation}");
        let world = World::with(|config| config.permissions = vec![permission.into()]).await;
        let id = world.open(OFFLINE, operation).await;
        let cancelled = world.post(&format!("/api/machineactions/{id}/cancel"), "").await;
        assert_eq!(cancelled.status, 200, "{operation}");
    }
}
