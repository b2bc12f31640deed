use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use riposte_tenant::{Config, Operation};
use serde_json::{Value, json};

use crate::helpers::{Answer, World, token_form, token_path};

fn claims(token: &str) -> Value {
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap()
}

#[tokio::test]
async fn both_endpoints_issue_tokens_with_roles() {
    let world = World::new().await;
    let v2 = world.ask_token(&token_path(), &token_form()).await;
    assert_eq!(v2.status, 200);
    assert_eq!(v2.json()["token_type"], "Bearer");
    assert_eq!(v2.json()["expires_in"], 3_599);
    let claims = claims(&v2.field("access_token"));
    assert_eq!(claims["roles"], json!(riposte_tenant::Config::default().permissions));
    assert_eq!(claims["tid"], Config::default().tenant_id);

    let mut form = token_form();
    form[3] = ("resource", "https://api.securitycenter.microsoft.com");
    let v1 = world.ask_token(&token_path().replace("/v2.0", ""), &form).await;
    assert_eq!(v1.status, 200);
    assert_eq!(v1.json()["expires_in"], "3599");
    assert_ne!(v1.field("access_token"), v2.field("access_token"));
    *world.token.lock().unwrap() = v1.field("access_token");
    assert_eq!(world.get("/api/machines").await.status, 200);
}

#[tokio::test]
async fn refusals_carry_the_documented_codes() {
    let world = World::new().await;
    for (field, value, status, error, code) in [
        (0, "someone-else", 400, "unauthorized_client", 700_016),
        (1, "wrong", 401, "invalid_client", 7_000_215),
        (2, "", 400, "invalid_request", 900_144),
        (3, "https://graph.microsoft.com/.default", 400, "invalid_scope", 70_011),
    ] {
        let mut form = token_form();
        form[field].1 = value;
        let answer = world.ask_token(&token_path(), &form).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        let body = answer.json();
        assert_eq!(body["error"], error);
        assert_eq!(body["error_codes"], json!([code]));
        assert!(body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: ")));
        assert!(body["trace_id"].is_string());
        assert!(body["correlation_id"].is_string());
    }
    let elsewhere = world.ask_token("/elsewhere/oauth2/v2.0/token", &token_form()).await;
    assert_eq!((elsewhere.status, &elsewhere.json()["error_codes"][0]), (400, &json!(90_002)));
}

#[tokio::test]
async fn a_missing_expired_or_foreign_token_is_401() {
    let world = World::with(|config| config.token_lifetime = Duration::from_secs(60)).await;
    assert_eq!(world.get("/api/machines").await.status, 200);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.get("/api/machines").await.error(), (401, "Unauthorized".into()));
    world.renew().await;
    assert_eq!(world.get("/api/machines").await.status, 200);

    let bare = world.client.get(world.url("/api/machines")).send().await.unwrap();
    assert_eq!(bare.status().as_u16(), 401);
    let own = world.token.lock().unwrap().clone();
    let forged = format!("{}.AAAA", own.rsplit_once('.').unwrap().0);
    for foreign in ["x", &forged, &format!("{own}x")] {
        *world.token.lock().unwrap() = foreign.to_owned();
        assert_eq!(world.get("/api/machines").await.status, 401);
    }
}

#[tokio::test]
async fn a_token_without_the_role_is_403() {
    let world = World::with(|config| config.permissions = vec!["Machine.Scan".into()]).await;
    assert_eq!(world.get("/api/machines").await.error(), (403, "Forbidden".into()));
    assert_eq!(world.get("/api/machineactions").await.error(), (403, "Forbidden".into()));
    for (operation, status) in [
        ("isolate", 403),
        ("unisolate", 403),
        ("collectInvestigationPackage", 403),
        ("runAntiVirusScan", 201),
    ] {
        assert_eq!(world.act(crate::helpers::DESKTOP, operation).await.status, status, "{operation}");
    }
}

#[tokio::test]
async fn neither_secret_nor_token_is_in_the_log() {
    let world = World::new().await;
    world.get("/api/machines").await;
    let token = world.token.lock().unwrap().clone();
    let log = format!("{:?}", world.tenant.log());
    assert!(!log.contains("simulated-secret") && !log.contains(&token));
    assert_eq!(world.tenant.log()[0].operation, Operation::Token);
    assert!(!format!("{:?}", Config::default()).contains("simulated-secret"));
    assert!(!format!("{:?}", world.tenant).contains("simulated-secret"));
}

#[tokio::test]
async fn both_endpoints_know_defender_by_all_its_names_and_nobody_else() {
    let world = World::new().await;
    let own = world.tenant.url();
    for name in [
        "https://api.securitycenter.windows.com",
        "https://securitycenter.onmicrosoft.com/windowsatpservice/",
        "https://API.security.microsoft.com",
        "https://api-eu.securitycenter.microsoft.com",
        "https://api-gov.securitycenter.microsoft.us/",
        &own,
        &format!("{own}/"),
    ] {
        let (v1, v2) = ask_both(&world, name).await;
        assert_eq!((v1.status, v2.status), (200, 200), "{name}");
        assert_eq!(v1.field("resource"), name);
        for answer in [v1, v2] {
            let token = answer.field("access_token");
            assert_eq!(claims(&token)["aud"], name);
            *world.token.lock().unwrap() = token;
            assert_eq!(world.get("/api/machines").await.status, 200);
        }
    }
    for name in ["https://graph.microsoft.com", "https://management.azure.com/", "http://127.0.0.1:1"] {
        let (v1, v2) = ask_both(&world, name).await;
        assert_eq!(v1.json()["error_codes"], json!([500_011]), "{name}");
        assert_eq!(v2.json()["error_codes"], json!([70_011]), "{name}");
    }
}

async fn ask_both(world: &World, resource: &str) -> (Answer, Answer) {
    let scope = format!("{resource}/.default");
    let mut form = token_form();
    form[3] = ("resource", resource);
    let v1 = world.ask_token(&token_path().replace("/v2.0", ""), &form).await;
    form[3] = ("scope", &scope);
    (v1, world.ask_token(&token_path(), &form).await)
}

#[tokio::test]
async fn the_endpoints_can_be_found_behind_a_proxy_too() {
    let world = World::new().await;
    let tenant = Config::default().tenant_id;
    for (version, endpoint) in [("/v2.0", "oauth2/v2.0/token"), ("", "oauth2/token")] {
        let path = format!("/{tenant}{version}/.well-known/openid-configuration");
        let direct = world.get(&path).await;
        assert_eq!(direct.status, 200, "{}", direct.text);
        assert_eq!(direct.field("token_endpoint"), world.url(&format!("/{tenant}/{endpoint}")));
        assert_eq!(world.last().operation, Operation::OpenidConfiguration);

        let request = world.client.get(world.url(&path)).header("host", "tenant.example");
        let answer = request.header("x-forwarded-proto", "https").send().await.unwrap();
        let document: Value = answer.json().await.unwrap();
        let authority = format!("https://tenant.example/{tenant}");
        assert_eq!(document["token_endpoint"], format!("{authority}/{endpoint}"));
        for field in ["issuer", "authorization_endpoint", "jwks_uri"] {
            let address = document[field].as_str().unwrap();
            assert!(address.starts_with(&format!("{authority}/")), "{field}: {address}");
        }
    }
    let elsewhere = world.get("/elsewhere/v2.0/.well-known/openid-configuration").await;
    assert_eq!((elsewhere.status, &elsewhere.json()["error_codes"][0]), (400, &json!(90_002)));
}

#[tokio::test]
async fn a_proxy_is_named_as_the_audience_by_the_scheme_it_speaks() {
    let world = World::new().await;
    for (scheme, status) in [("https", 200), ("http", 400)] {
        let mut form = token_form();
        let scope = format!("{scheme}://tenant.example/.default");
        form[3].1 = &scope;
        let request =
            world.client.post(world.url(&token_path())).form(&form).header("host", "tenant.example");
        let answer = request.header("x-forwarded-proto", "https").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{scheme}");
    }
}
