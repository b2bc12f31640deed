use std::time::Duration;

use crate::helpers::{DESKTOP, World};

#[tokio::test]
async fn the_call_after_the_hundredth_in_a_minute_is_429() {
    let world = World::with(|config| config.rate_limits = true).await;
    for _ in 0..99 {
        assert_eq!(world.get("/api/machineactions").await.status, 200);
    }
    assert_eq!(world.act(DESKTOP, "isolate").await.status, 201);
    world.clock.advance(Duration::from_secs(20));
    let limited = world.act(DESKTOP, "unisolate").await;
    assert_eq!(limited.error(), (429, "TooManyRequests".into()));
    assert_eq!(limited.retry_after, Some(40));
    assert_eq!(world.tenant.effects().len(), 1);
    world.clock.advance(Duration::from_secs(40));
    assert_eq!(world.act(DESKTOP, "unisolate").await.status, 201);
}

#[tokio::test]
async fn links_to_packages_have_a_limit_of_their_own() {
    let world = World::with(|config| config.rate_limits = true).await;
    let id = world.open(DESKTOP, "collectInvestigationPackage").await;
    let path = format!("/api/machineactions/{id}/getPackageUri");
    assert_eq!(world.get(&path).await.status, 200);
    assert_eq!(world.get(&path).await.status, 200);
    assert_eq!(world.get(&path).await.error(), (429, "TooManyRequests".into()));
    assert_eq!(world.status(&id).await, "Succeeded");
}
