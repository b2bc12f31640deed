use riposte_tenant::{Duplicates, EffectKind, Operation};

use crate::helpers::{DESKTOP, OFFLINE, World, steady};

#[tokio::test]
async fn an_unknown_action_is_404() {
    let world = World::new().await;
    let nobody = "2e9da30d-27f6-4208-81f2-9cd3d67893ba";
    let not_found = (404, "ResourceNotFound".to_owned());
    for id in [nobody, "7327b54fd718525cbca07dacde913b5ac3c85673", "x"] {
        let path = format!("/api/machineactions/{id}");
        assert_eq!(world.get(&path).await.error(), not_found);
        assert_eq!(world.get(&format!("{path}/getPackageUri")).await.error(), not_found);
        assert_eq!(world.post(&format!("{path}/cancel"), "{}").await.error(), not_found);
    }
}

#[tokio::test]
async fn a_second_request_is_refused_while_the_first_is_under_way() {
    let world = World::with(|config| config.pace = steady()).await;
    world.open(DESKTOP, "isolate").await;
    let again = world.act(DESKTOP, "isolate").await;
    assert_eq!(again.error(), (400, "ActiveRequestAlreadyExists".into()));
    assert_eq!(again.json()["error"]["message"], "Action is already in progress");
    assert_eq!(world.tenant.effects().len(), 1);
    assert_eq!(world.act(DESKTOP, "unisolate").await.status, 201, "another kind is another matter");
    assert_eq!(world.act(OFFLINE, "isolate").await.status, 201, "and so is another device");
}

#[tokio::test]
async fn a_second_request_can_return_the_pending_action() {
    let world = World::with(|config| {
        config.pace = steady();
        config.duplicates = Duplicates::ReturnsPending;
    })
    .await;
    let first = world.open(DESKTOP, "isolate").await;
    assert_eq!(world.open(DESKTOP, "isolate").await, first);
    assert_eq!(world.last().effect, None);
    assert_eq!(world.tenant.effects().len(), 1);
}

#[tokio::test]
async fn cancelling_serves_only_while_the_action_is_not_final() {
    let world = World::new().await;
    let id = world.open(OFFLINE, "isolate").await;
    let path = format!("/api/machineactions/{id}/cancel");
    let answer = world.post(&path, r#"{"Comment":"no longer needed"}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["status"], "Cancelled");
    assert_eq!(body["cancellationComment"], "no longer needed");
    assert_eq!(body["cancellationRequestor"], "Riposte");
    assert!(body["cancellationDateTimeUtc"].is_string());
    assert_ne!(body["errorHResult"], 0);
    assert_eq!(world.last().effect.unwrap().kind, EffectKind::Cancel);
    assert_eq!(world.status(&id).await, "Cancelled");
    assert_eq!(world.post(&path, "{}").await.error(), (400, "BadRequest".into()));

    let done = world.open(DESKTOP, "isolate").await;
    let refused = world.post(&format!("/api/machineactions/{done}/cancel"), "").await;
    assert_eq!(refused.error(), (400, "BadRequest".into()));
    let did: Vec<&str> = world.tenant.effects().iter().map(|effect| effect.kind.as_str()).collect();
    assert_eq!(did, ["isolate", "isolate", "cancel"]);
}

#[tokio::test]
async fn cancelling_needs_neither_body_nor_another_permission_than_opening() {
    let world = World::new().await;
    let id = world.open(OFFLINE, "isolate").await;
    assert_eq!(world.post(&format!("/api/machineactions/{id}/cancel"), "").await.status, 200);

    let world = World::with(|config| {
        config.permissions = vec!["Machine.Scan".into(), "Machine.Isolate".into()];
    })
    .await;
    let scan = world.open(OFFLINE, "runAntiVirusScan").await;
    assert_eq!(world.post(&format!("/api/machineactions/{scan}/cancel"), "").await.status, 200);
}

#[tokio::test]
async fn a_package_has_a_quoted_address_once_it_is_collected() {
    let world = World::with(|config| config.pace = steady()).await;
    let id = world.open(DESKTOP, "collectInvestigationPackage").await;
    let path = format!("/api/machineactions/{id}/GetPackageUri");
    assert_eq!(world.get(&path).await.error(), (404, "ResourceNotFound".into()));
    world.clock.advance(std::time::Duration::from_secs(7));
    let answer = world.get(&path).await;
    assert_eq!(answer.status, 200);
    let value = answer.field("value");
    assert!(value.starts_with(&format!("\"{}/safedownload/", world.tenant.url())), "{value}");
    assert!(value.contains("?token=") && value.ends_with('"'), "{value}");
    assert!(answer.field("@odata.context").ends_with("$metadata#Edm.String"));

    let scan = world.open(DESKTOP, "runAntiVirusScan").await;
    world.clock.advance(std::time::Duration::from_secs(60));
    let wrong_kind = world.get(&format!("/api/machineactions/{scan}/getPackageUri")).await;
    assert_eq!(wrong_kind.error(), (404, "ResourceNotFound".into()));
}

#[tokio::test]
async fn a_link_leads_to_an_archive_without_a_token_and_no_other_does() {
    let world = World::new().await;
    let id = world.open(DESKTOP, "collectInvestigationPackage").await;
    let link = world.get(&format!("/api/machineactions/{id}/getPackageUri")).await.field("value");
    let link = link.trim_matches('"').to_owned();
    let answer = world.client.get(&link).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["content-type"], "application/zip");
    assert_eq!(answer.bytes().await.unwrap(), world.tenant.file(&id, None).unwrap());
    assert_eq!(world.last().operation, Operation::SafeDownload);
    let token = link.split_once("?token=").unwrap().1.to_owned();
    assert!(!format!("{:?}", world.tenant.log()).contains(&token), "the log holds no secret");

    let (bare, _) = link.split_once('?').unwrap();
    for wrong in
        [bare.to_owned(), format!("{bare}?token="), format!("{link}x"), format!("{bare}?other={token}")]
    {
        let answer = world.get(wrong.strip_prefix(&world.tenant.url()).unwrap()).await;
        assert_eq!(answer.status, 403, "{wrong}");
        assert!(answer.text.contains("<Code>AuthenticationFailed</Code>"), "{}", answer.text);
    }
}
