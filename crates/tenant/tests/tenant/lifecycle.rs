use std::time::Duration;

use riposte_tenant::{Config, Tenant};

use crate::helpers::{DESKTOP, OFFLINE, World, steady};

async fn pass(world: &World, seconds: u64) {
    world.clock.advance(Duration::from_secs(seconds));
    // Tokens last an hour and these tests three days.
    world.renew().await;
}

#[tokio::test]
async fn an_action_goes_from_pending_to_succeeded() {
    let world = World::with(|config| config.pace = steady()).await;
    let id = world.open(DESKTOP, "isolate").await;
    assert_eq!(world.status(&id).await, "Pending");
    pass(&world, 2).await;
    assert_eq!(world.status(&id).await, "InProgress");
    assert_eq!(world.tenant.is_isolated(DESKTOP), Some(false));
    pass(&world, 3).await;
    let body = world.get(&format!("/api/machineactions/{id}")).await.json();
    assert_eq!(body["status"], "Succeeded");
    assert_eq!(body["lastUpdateDateTimeUtc"], "2025-01-01T00:00:05.0000000Z");
    assert_eq!(world.tenant.is_isolated(DESKTOP), Some(true));
}

#[tokio::test]
async fn an_instant_action_is_over_at_the_second_look() {
    let world = World::new().await;
    let answer = world.act(DESKTOP, "isolate").await;
    assert_eq!(answer.field("status"), "Pending");
    assert_eq!(world.status(&answer.field("id")).await, "Succeeded");
    assert_eq!(world.tenant.is_isolated(DESKTOP), Some(true));
    world.open(DESKTOP, "unisolate").await;
    assert_eq!(world.tenant.is_isolated(DESKTOP), Some(false));
}

#[tokio::test]
async fn an_offline_device_keeps_its_action_pending_until_it_comes() {
    let world = World::new().await;
    let id = world.open(OFFLINE, "isolate").await;
    pass(&world, 48 * 3600).await;
    assert_eq!(world.status(&id).await, "Pending");
    assert!(world.tenant.set_online(OFFLINE, true));
    assert_eq!(world.status(&id).await, "Succeeded");
}

#[tokio::test]
async fn an_offline_device_lets_its_action_time_out_after_three_days() {
    let world = World::new().await;
    let id = world.open(OFFLINE, "isolate").await;
    pass(&world, 3 * 24 * 3600 - 1).await;
    assert_eq!(world.status(&id).await, "Pending");
    pass(&world, 1).await;
    let body = world.get(&format!("/api/machineactions/{id}")).await.json();
    assert_eq!(body["status"], "TimeOut");
    assert_ne!(body["errorHResult"], 0);
    assert_eq!(body["lastUpdateDateTimeUtc"], "2025-01-04T00:00:00.0000000Z");
    world.tenant.set_online(OFFLINE, true);
    assert_eq!(world.status(&id).await, "TimeOut");
    assert_eq!(world.tenant.is_isolated(OFFLINE), Some(false));
}

#[tokio::test]
async fn the_default_pace_is_worth_watching() {
    let world = World::with(|config| config.pace = riposte_tenant::Pace::default()).await;
    let isolation = world.open(DESKTOP, "isolate").await;
    let scan = world.open(DESKTOP, "runAntiVirusScan").await;
    assert_eq!(world.status(&isolation).await, "Pending");
    world.clock.advance(Duration::from_millis(750));
    assert_eq!(world.status(&scan).await, "InProgress");
    world.clock.advance(Duration::from_millis(1_150));
    assert_eq!(world.status(&isolation).await, "Succeeded");
    world.clock.advance(Duration::from_millis(1_800));
    assert_eq!(world.status(&scan).await, "Succeeded");
}

#[tokio::test]
async fn a_tenant_on_every_interface_gives_a_url_that_can_be_reached_and_its_true_address() {
    let tenant = Tenant::start(([0, 0, 0, 0], 0).into(), Config::default()).await.unwrap();
    assert!(tenant.address().ip().is_unspecified());
    assert_ne!(tenant.address().port(), 0);
    assert_eq!(tenant.url(), format!("http://127.0.0.1:{}", tenant.address().port()));
    let answer = crate::helpers::client().get(format!("{}/_tenant/log", tenant.url())).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
}
