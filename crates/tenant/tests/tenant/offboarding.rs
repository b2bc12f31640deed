//! <https://learn.microsoft.com/en-us/defender-endpoint/api/offboard-machine-api>

use std::time::Duration;

use crate::helpers::{DESKTOP, LINUX, World, steady};

#[tokio::test]
async fn an_offboarded_device_answers_nobody_any_more() {
    let world = World::with(|config| config.pace = steady()).await;
    let answer = world
        .post(&format!("/api/machines/{DESKTOP}/offboard"), r#"{"Comment":"Offboard machine by automation"}"#)
        .await;
    assert_eq!((answer.status, answer.field("type")), (200, "Offboard".into()));
    // Asked for before the sensor has stopped, and not begun by then.
    world.clock.advance(Duration::from_secs(4));
    let late = world.open(DESKTOP, "isolate").await;
    assert_eq!(world.tenant.is_offboarded(DESKTOP), Some(false));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.status(&answer.field("id")).await, "Succeeded");
    assert_eq!(world.tenant.is_offboarded(DESKTOP), Some(true));

    let machine = world.get(&format!("/api/machines/{DESKTOP}")).await;
    assert_eq!(machine.field("onboardingStatus"), "CanBeOnboarded");
    assert_eq!(machine.field("healthStatus"), "Inactive");
    assert_eq!(world.status(&late).await, "Pending");
    world.tenant.set_online(DESKTOP, false);
    world.tenant.set_online(DESKTOP, true);
    let scan = world.open(DESKTOP, "runAntiVirusScan").await;
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.status(&scan).await, "Pending");
    assert_eq!(world.status(&late).await, "Pending");
    assert_eq!(world.tenant.is_isolated(DESKTOP), Some(false));
}

#[tokio::test]
async fn an_offboarding_that_is_cancelled_leaves_the_device_where_it_was() {
    let world = World::with(|config| config.pace = steady()).await;
    let id = world.act(DESKTOP, "offboard").await.field("id");
    assert_eq!(world.post(&format!("/api/machineactions/{id}/cancel"), "").await.status, 200);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.get(&format!("/api/machines/{DESKTOP}")).await.field("onboardingStatus"), "Onboarded");
    let isolation = world.open(DESKTOP, "isolate").await;
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.status(&isolation).await, "Succeeded");
}

#[tokio::test]
async fn an_offboarding_needs_a_comment_its_permission_and_windows() {
    let world = World::new().await;
    let path = format!("/api/machines/{DESKTOP}/offboard");
    assert_eq!(world.post(&path, "").await.error(), (400, "InvalidRequestBody".into()));
    assert_eq!(world.post(&path, "{}").await.error(), (400, "MissingRequiredParameter".into()));
    assert_eq!(world.act(LINUX, "offboard").await.error(), (400, "OsPlatformNotSupported".into()));
    let world = World::with(|config| config.permissions = vec!["Machine.Isolate".into()]).await;
    assert_eq!(world.act(DESKTOP, "offboard").await.error(), (403, "Forbidden".into()));
    assert!(world.tenant.effects().is_empty());
}
