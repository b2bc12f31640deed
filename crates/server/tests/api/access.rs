//! Who is let in, and to what.

use crate::stage::{House, QUICK, SLOW, answer, request, secret};
use axum::extract::Request;
use riposte_engine::EventBody;
use riposte_server::api::{Tokens, over_network};
use riposte_server::config::Role;
use riposte_server::http::Peer;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// Every operation that is described, with the role that its description names.
fn operations() -> Vec<(String, Option<Role>)> {
    let described = riposte_server::api::openapi();
    let mut operations = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let role = operation.get("x-role").map(|role| match role.as_str().unwrap() {
                "viewer" => Role::Viewer,
                "operator" => Role::Operator,
                "admin" => Role::Admin,
                other => panic!("{other}"),
            });
            let path = path.replace("{id}", "run_00000000000000000000000000000000");
            operations.push((format!("{} {}", method.to_uppercase(), path.replace("{name}", "quick")), role));
        }
    }
    assert!(operations.len() > 12, "{operations:?}");
    operations
}

#[tokio::test]
async fn without_a_token_that_is_known_nothing_but_its_life_is_told() {
    let house = House::new(&[QUICK]).await;
    let nobody = over_network(house.api.clone(), Tokens::default());
    let right = format!("Bearer {}", secret(Role::Admin));
    for (asked, role) in operations() {
        if asked.contains("/hooks/") {
            continue;
        }
        for token in [None, Some("Bearer wrong"), Some("Basic c2VjcmV0"), Some(&*secret(Role::Admin))] {
            let headers: Vec<_> = token.map(|token| ("authorization", token)).into_iter().collect();
            let said = answer(&house.network, request(&asked, &headers, &Value::Null)).await;
            if role.is_none() {
                assert_eq!(said.status, 200, "{asked}: {said:?}");
                continue;
            }
            assert_eq!(said.problem(), (401, "no-token"), "{asked}");
            assert_eq!(said.header("www-authenticate"), Some("Bearer realm=\"riposte\""));
        }
        if role.is_some() {
            let said = answer(&nobody, request(&asked, &[("authorization", &right)], &Value::Null)).await;
            assert_eq!(said.problem(), (401, "no-token"), "without tokens nobody is let in: {asked}");
        }
    }
    // Nor which addresses there are.
    for asked in ["GET /api/v2/runs", "DELETE /api/v1/runs", "GET /api/v1/runs/"] {
        let said = answer(&house.network, request(asked, &[], &Value::Null)).await;
        assert_eq!(said.problem(), (401, "no-token"), "{asked}");
    }
    assert_eq!(house.reloads.0.load(Ordering::SeqCst), 0);
    assert!(house.api.host.stops().is_empty());
}

#[tokio::test]
async fn each_role_may_do_what_its_operations_say_and_no_more() {
    let house = House::new(&[QUICK, SLOW]).await;
    for (asked, needs) in operations() {
        let Some(needs) = needs else { continue };
        for role in [Role::Viewer, Role::Operator, Role::Admin] {
            let said = house.ask(role, &asked, &Value::Null).await;
            if role >= needs {
                assert!(![401, 403, 405].contains(&said.status), "{asked} by {}: {said:?}", role.as_str());
                continue;
            }
            assert_eq!(said.problem(), (403, "forbidden"), "{asked}");
            let (has, needs) = (role.as_str(), needs.as_str());
            let expected = format!("`the-{has}` has the role {has}, and this needs {needs}");
            assert_eq!(said.body["detail"], Value::from(expected), "{asked}");
        }
    }
}

#[tokio::test]
async fn who_acted_is_recorded_and_no_token_passes_for_another() {
    let house = House::new(&[QUICK, SLOW]).await;
    let run = house.start("slow").await;
    let started = house.ask(Role::Viewer, &format!("GET /api/v1/runs/{run}"), &Value::Null).await;
    assert_eq!(started.body["trigger"], json!({ "kind": "manual", "name": "api, the-operator" }));
    let posing = json!({ "by": "the-admin" });
    let cancelled = house.ask(Role::Operator, &format!("POST /api/v1/runs/{run}/cancel"), &posing).await;
    assert_eq!(cancelled.status, 202, "{cancelled:?}");
    let events = house.api.store.events(run.parse().unwrap()).await.unwrap();
    let by: Vec<&str> = events
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::CancelRequested { by } => Some(by.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(by, ["the-operator: the-admin"]);
    let stop = json!({ "cancel": false, "playbook": "slow", "by": "an exercise" });
    house.ask(Role::Admin, "POST /api/v1/stops", &stop).await;
    house.order("POST /api/v1/stops", &json!({ "cancel": false })).await;
    house.order("POST /api/v1/stops", &json!({ "cancel": false, "by": "the-admin" })).await;
    let by: Vec<String> = house.api.host.stops().into_iter().map(|stop| stop.by).collect();
    let [holder, user, posing] = &by[..] else { panic!("{by:?}") };
    assert_eq!(holder, "the-admin: an exercise");
    assert!(!user.is_empty() && !user.contains("the-admin"), "the name of a user: {by:?}");
    assert_eq!(posing, &format!("{user}: the-admin"));
}

#[tokio::test]
async fn at_the_socket_the_kernel_says_who_may() {
    let house = House::new(&[QUICK]).await;
    assert_eq!(house.order("GET /readyz", &Value::Null).await.status, 200);
    assert_eq!(house.order("POST /api/v1/reload", &Value::Null).await.status, 200);
    assert_eq!(house.order("GET /nothing", &Value::Null).await.problem(), (404, "not-found"));
    let network = Peer::Network("127.0.0.1:1".parse().unwrap());
    for peer in [None, Some(network), Some(Peer::Local { uid: 4_000_000, gid: 4_000_000 })] {
        let mut asked: Request = request("GET /healthz", &[], &Value::Null);
        if let Some(peer) = peer {
            asked.extensions_mut().insert(peer);
        }
        let said = answer(&house.socket, asked).await;
        assert_eq!(said.problem(), (403, "forbidden"), "{peer:?}");
    }
}

#[tokio::test]
async fn a_reload_is_answered_with_what_came_of_it() {
    let house = House::new(&[]).await;
    let loaded = house.ask(Role::Admin, "POST /api/v1/reload", &Value::Null).await;
    assert_eq!((loaded.status, &loaded.body["playbooks"]), (200, &json!(40)), "{loaded:?}");
    let refused = house.ask(Role::Admin, "POST /api/v1/reload", &Value::Null).await;
    assert_eq!(refused.problem(), (409, "not-reloaded"));
    assert_eq!(refused.body["detail"], "2 playbooks have errors");
    assert_eq!(house.reloads.0.load(Ordering::SeqCst), 2);
}
