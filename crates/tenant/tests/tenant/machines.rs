use reqwest::Method;

use crate::helpers::{DESKTOP, DESKTOP_NAME, OFFLINE, World};

#[tokio::test]
async fn a_machine_is_found_by_id_name_and_entra_id() {
    let world = World::new().await;
    let by_id = world.get(&format!("/api/machines/{DESKTOP}")).await;
    assert_eq!(by_id.status, 200);
    assert_eq!(by_id.field("computerDnsName"), DESKTOP_NAME);
    assert_eq!(by_id.field("healthStatus"), "Active");
    let entra = by_id.field("aadDeviceId");
    for key in [DESKTOP_NAME, &DESKTOP_NAME.to_uppercase(), &entra] {
        assert_eq!(world.get(&format!("/api/machines/{key}")).await.field("id"), DESKTOP);
    }
    assert_eq!(world.get(&format!("/api/machines/{OFFLINE}")).await.field("healthStatus"), "Inactive");
    assert_eq!(world.get("/api/machines/nobody").await.error(), (404, "ResourceNotFound".into()));
}

#[tokio::test]
async fn paths_are_taken_as_clients_write_them() {
    let world = World::new().await;
    for path in [
        "/api/machines",
        "/api/v1.0/machines",
        "/api/v1/machines/",
        "/API/V1.0/Machines",
        "/api/machineActions/",
    ] {
        let answer = world.try_call(Method::GET, path, Some("{}")).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
    }
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/api/machines/x/isolate"),
        (Method::DELETE, "/api/machines/x"),
        (Method::GET, "/api/machines/x/StopAndQuarantineFile"),
        (Method::GET, "/api/machines/x/runliveresponse"),
        (Method::GET, "/api/machines/AddOrRemoveTagForMultipleMachines"),
    ] {
        let answer = world.try_call(method.clone(), path, None).await.unwrap();
        assert_eq!(answer.error(), (404, "NotFound".into()), "{path}");
        let asked = path.split('?').next().unwrap();
        assert_eq!(
            answer.json()["error"]["message"],
            format!("The simulator does not serve this operation yet: {method} {asked}")
        );
    }
}

#[tokio::test]
async fn every_kind_of_action_is_opened() {
    let world = World::new().await;
    for (operation, kind, scope) in [
        ("isolate", "Isolate", Some("Full")),
        ("unisolate", "Unisolate", None),
        ("runAntiVirusScan", "RunAntiVirusScan", Some("Quick")),
        ("collectInvestigationPackage", "CollectInvestigationPackage", None),
    ] {
        let answer = world.act(DESKTOP_NAME, operation).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let body = answer.json();
        assert_eq!(body["type"], kind);
        assert_eq!(body["scope"].as_str(), scope);
        assert_eq!(body["status"], "Pending");
        assert_eq!(body["machineId"], DESKTOP, "the canonical id comes back, whatever name was used");
        let effect = world.last().effect.unwrap();
        assert_eq!((effect.kind.as_str(), effect.device.as_str()), (operation, DESKTOP));
        assert_eq!(effect.action, body["id"].as_str().unwrap());
    }
    assert_eq!(world.tenant.effects().len(), 4);
}

#[tokio::test]
async fn bad_requests_have_no_effect_and_the_documented_code() {
    let world = World::new().await;
    let huge = format!(r#"{{"Comment":"{}"}}"#, "x".repeat(1024 * 1024));
    for (operation, body, status, code) in [
        ("isolate", "", 400, "InvalidRequestBody"),
        ("isolate", "{", 400, "InvalidRequestBody"),
        ("isolate", "[]", 400, "InvalidRequestBody"),
        ("isolate", r#"{"Comment":1}"#, 400, "InvalidRequestBody"),
        ("isolate", "{}", 400, "MissingRequiredParameter"),
        ("isolate", r#"{"comment":"keys are case-sensitive"}"#, 400, "MissingRequiredParameter"),
        ("isolate", r#"{"Comment":null}"#, 400, "MissingRequiredParameter"),
        ("isolate", r#"{"Comment":" "}"#, 400, "MissingRequiredParameter"),
        ("isolate", r#"{"Comment":"x","IsolationType":"Half"}"#, 400, "InvalidInput"),
        ("isolate", r#"{"Comment":"x","IsolationType":"UnManagedDevice"}"#, 400, "InvalidInput"),
        ("isolate", &huge, 413, "InvalidRequestBody"),
        ("runAntiVirusScan", r#"{"Comment":"x"}"#, 400, "MissingRequiredParameter"),
        ("runAntiVirusScan", r#"{"Comment":"x","ScanType":"quick"}"#, 400, "InvalidInput"),
        ("unisolate", "{}", 400, "MissingRequiredParameter"),
        ("collectInvestigationPackage", "{}", 400, "MissingRequiredParameter"),
    ] {
        let answer = world.post(&format!("/api/machines/{DESKTOP}/{operation}"), body).await;
        assert_eq!(answer.error(), (status, code.to_owned()), "{operation} {}", &body[..body.len().min(80)]);
    }
    for operation in ["isolate", "unisolate", "runAntiVirusScan", "collectInvestigationPackage"] {
        for body in ["", "{}", r#"{"Comment":"x","ScanType":"Quick"}"#] {
            let answer = world.post(&format!("/api/machines/nobody/{operation}"), body).await;
            assert_eq!(answer.error(), (404, "ResourceNotFound".into()), "{operation} {body}");
        }
    }
    assert!(world.tenant.effects().is_empty());
}

#[tokio::test]
async fn null_and_unknown_fields_do_no_harm() {
    let world = World::new().await;
    let body = r#"{"Comment":"x","IsolationType":null,"ExternalId":null,"Other":1}"#;
    let answer = world.post(&format!("/api/machines/{DESKTOP}/isolate"), body).await;
    assert_eq!(answer.status, 201);
    assert!(answer.json()["scope"].is_null());
}

#[tokio::test]
async fn an_action_is_written_as_documented() {
    let world = World::new().await;
    let comment = "why: \"ünï\" riposte/run_1";
    let body = serde_json::json!({ "Comment": comment, "IsolationType": "Selective" }).to_string();
    let body = world.post(&format!("/api/machines/{DESKTOP}/isolate"), &body).await.json();
    assert_eq!(
        body["@odata.context"],
        format!("{}/api/$metadata#MachineActions/$entity", world.tenant.url())
    );
    assert_eq!(body["requestor"], "Riposte");
    assert_eq!(body["requestorComment"], comment);
    assert_eq!(body["scope"], "Selective");
    assert_eq!(body["computerDnsName"], DESKTOP_NAME);
    assert_eq!(body["creationDateTimeUtc"], "2025-01-01T00:00:00.0000000Z");
    assert_eq!(body["lastUpdateDateTimeUtc"], body["creationDateTimeUtc"]);
    assert_eq!(body["errorHResult"], 0);
    for null in ["title", "relatedFileInfo", "cancellationRequestor", "cancellationDateTimeUtc", "commands"] {
        assert!(body.as_object().unwrap().contains_key(null) && body[null].is_null(), "{null}");
    }
}

#[tokio::test]
async fn a_body_may_begin_with_a_byte_order_mark() {
    let world = World::new().await;
    let body = "\u{feff}{\"Comment\":\"x\"}";
    let answer = world.post(&format!("/api/machines/{DESKTOP}/isolate"), body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    world.tenant.set_online(DESKTOP, false);
    let scan = world.open(DESKTOP, "runAntiVirusScan").await;
    let cancel = world.post(&format!("/api/machineactions/{scan}/cancel"), "\u{feff}").await;
    assert_eq!(cancel.status, 200, "nothing but a mark is nothing: {}", cancel.text);
}
