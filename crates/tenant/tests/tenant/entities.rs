//! Indicators, alerts, labels, files, users and hunting.

use reqwest::Method;
use riposte_tenant::HuntingAnswer;
use serde_json::{Value, json};

use crate::helpers::{DESKTOP, World};

const ALERT: &str = "/api/alerts/da637472900382838869_1364969609";
const HASH: &str = "220e7d15b011d7fac48f2bd61114db1022197f7f";

fn rows(body: &Value) -> Vec<Value> {
    body["value"].as_array().unwrap().clone()
}

fn indicator(kind: &str, value: &str, action: &str) -> Value {
    json!({
        "indicatorValue": value, "indicatorType": kind, "action": action, "title": "t", "description": "d",
    })
}

#[tokio::test]
async fn an_indicator_is_created_changed_and_deleted() {
    let world = World::new().await;
    let body = indicator("FileSha1", HASH, "Block").to_string();
    let id = world.post("/api/indicators", &body).await.field("id");
    assert_eq!(world.last().effect.unwrap().to_string(), format!("createIndicator {id}"));
    let again = world.post("/api/indicators", &indicator("FileSha1", HASH, "Allowed").to_string()).await;
    assert_eq!((again.field("id"), again.field("action")), (id.clone(), "Allowed".into()));
    let found = world.get(&format!("/api/indicators?$filter=indicatorValue eq '{HASH}'")).await.json();
    assert_eq!(rows(&found).len(), 1);
    let path = format!("/api/indicators/{id}");
    let gone = world.try_call(Method::DELETE, &path, None).await.unwrap();
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    let twice = world.try_call(Method::DELETE, &path, None).await.unwrap();
    assert_eq!(twice.error(), (404, "ResourceNotFound".into()));
    let did: Vec<_> = world.tenant.effects().iter().map(|effect| effect.kind.as_str()).collect();
    assert_eq!(did, ["createIndicator", "updateIndicator", "deleteIndicator"]);
}

#[tokio::test]
async fn bad_indicators_have_the_documented_codes() {
    let world = World::new().await;
    for (kind, value, action, code) in [
        ("FileSha1", "abc", "Block", "InvalidHashValue"),
        ("IpAddress", "10.0.0.0/8", "Block", "InvalidIpAddress"),
        ("DomainName", "nodots", "Block", "InvalidDomainName"),
        ("Url", "not a url", "Block", "InvalidUrl"),
        ("FileSha1", HASH, "Explode", "InvalidInput"),
        ("FileSha1", HASH, "Audit", "InvalidInput"),
        ("FileSha1", "", "Block", "MissingRequiredParameter"),
    ] {
        let answer = world.post("/api/indicators", &indicator(kind, value, action).to_string()).await;
        assert_eq!(answer.error(), (400, code.into()), "{kind} {value} {action}");
    }
    let many = json!({ "Indicators": vec![indicator("FileSha1", HASH, "Block"); 501] }).to_string();
    let answer = world.post("/api/indicators/import", &many).await;
    assert_eq!(answer.error(), (400, "MaximumBatchSizeExceeded".into()));
    assert!(world.tenant.effects().is_empty());
}

#[tokio::test]
async fn an_import_tells_of_each_and_a_deletion_is_all_or_nothing() {
    let world = World::new().await;
    let items = [indicator("FileSha1", HASH, "Block"), indicator("FileSha1", "x", "Block")];
    let answer = world.post("/api/indicators/import", &json!({ "Indicators": items }).to_string()).await;
    assert_eq!(answer.status, 200);
    let results = rows(&answer.json());
    assert_eq!((&results[0]["isFailed"], &results[1]["isFailed"]), (&json!(false), &json!(true)));
    let id = results[0]["id"].as_str().unwrap();
    for (ids, status) in [(json!([]), 400), (json!(["x"]), 400), (json!([id, "9"]), 404), (json!([id]), 204)]
    {
        let body = json!({ "IndicatorIds": ids }).to_string();
        assert_eq!(world.post("/api/indicators/BatchDelete", &body).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn an_application_without_the_permission_for_all_sees_its_own_indicators() {
    let world = World::with(|config| config.permissions = vec!["Ti.ReadWrite".into()]).await;
    assert!(rows(&world.get("/api/indicators").await.json()).is_empty());
    let all = World::new().await;
    assert_eq!(rows(&all.get("/api/indicators").await.json()).len(), 2);
    let id = rows(&all.get("/api/indicators").await.json())[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/indicators/{id}");
    assert_eq!(world.try_call(Method::DELETE, &path, None).await.unwrap().status, 404);
}

#[tokio::test]
async fn an_alert_is_looked_at_and_worked_on() {
    let world = World::new().await;
    let alert = world.get(ALERT).await.json();
    assert_eq!(alert["machineId"], DESKTOP);
    for (what, count) in [("files", 2), ("ips", 1), ("domains", 1)] {
        assert_eq!(rows(&world.get(&format!("{ALERT}/{what}")).await.json()).len(), count, "{what}");
    }
    assert_eq!(world.get(&format!("{ALERT}/machine")).await.field("id"), DESKTOP);
    assert_eq!(world.get(&format!("{ALERT}/user")).await.field("id"), "contoso\\user1");
    let nobody = world.get("/api/alerts/ar637200000000000000_1234567890/user").await;
    assert_eq!(nobody.error(), (404, "ResourceNotFound".into()));

    let body = r#"{"status":"Resolved","classification":"InformationalExpectedActivity","comment":"done"}"#;
    let patched = world.try_call(Method::PATCH, ALERT, Some(body)).await.unwrap().json();
    assert_eq!(patched["status"], "Resolved");
    assert_eq!(patched["classification"], "Informational, expected activity");
    assert_eq!(patched["comments"][0]["comment"], "done");
    assert!(patched["resolvedTime"].is_string());
    for (body, code) in [
        ("{}", "InvalidRequestBody"),
        (r#"{"Status":"New"}"#, "InvalidRequestBody"),
        (r#"{"status":"Done"}"#, "InvalidInput"),
    ] {
        let answer = world.try_call(Method::PATCH, ALERT, Some(body)).await.unwrap();
        assert_eq!(answer.error(), (400, code.into()), "{body}");
    }
    assert_eq!(world.tenant.effects().len(), 1);
}

#[tokio::test]
async fn alerts_are_filtered_paged_and_expanded() {
    let world = World::with(|config| config.page_size = 1).await;
    let count = |body: &Value| rows(body).len();
    let high = world.get("/api/alerts?$filter=severity eq 'High' and incidentId eq 1126093").await.json();
    assert_eq!(count(&high), 1);
    assert_eq!(rows(&high)[0]["evidence"], json!([]));
    let first = world.get("/api/alerts?$expand=evidence").await.json();
    assert_eq!(rows(&first)[0]["evidence"].as_array().unwrap().len(), 5);
    let next = first["@odata.nextLink"].as_str().unwrap();
    assert!(next.contains("$expand=evidence"), "{next}");
    let refused = world.get("/api/alerts?$expand=files").await;
    assert_eq!(refused.error(), (400, "ODataError".into()));
    assert_eq!(count(&world.get(&format!("/api/machines/{DESKTOP}/alerts")).await.json()), 1);
}

#[tokio::test]
async fn a_device_is_labelled_and_found_by_its_labels() {
    let world = World::new().await;
    let tags = format!("/api/machines/{DESKTOP}/tags");
    let add = r#"{"Value":"hot","Action":"Add"}"#;
    for _ in 0..2 {
        assert_eq!(world.post(&tags, add).await.json()["machineTags"].as_array().unwrap().len(), 3);
    }
    let found = world.get("/api/machines/findbytag?tag=ho&useStartsWithFilter=true").await.json();
    assert_eq!(rows(&found)[0]["id"], DESKTOP);
    assert!(rows(&world.get("/api/machines/findbytag?tag=ho").await.json()).is_empty());
    world.post(&tags, r#"{"Value":"hot","Action":"Remove"}"#).await;
    let value =
        world.post(&format!("/api/machines/{DESKTOP}/setDeviceValue"), r#"{"DeviceValue":"High"}"#).await;
    assert_eq!(value.field("deviceValue"), "High");
    let did: Vec<_> = world.tenant.effects().iter().map(|effect| effect.kind.as_str()).collect();
    assert_eq!(did, ["addTag", "removeTag", "setDeviceValue"]);
    let wrong = world.post(&tags, r#"{"Value":"x","Action":"Drop"}"#).await;
    assert_eq!(wrong.error(), (400, "InvalidInput".into()));
}

#[tokio::test]
async fn a_device_is_found_by_its_address_at_a_moment() {
    let world = World::new().await;
    let ip = world.get(&format!("/api/machines/{DESKTOP}")).await.field("lastIpAddress");
    let find = |ip: &str, at: &str| format!("/api/machines/findbyip(ip='{ip}',timestamp={at})");
    let found = world.get(&find(&ip, "2025-01-01T00:00:00Z")).await.json();
    assert_eq!(rows(&found)[0]["id"], DESKTOP);
    assert!(rows(&world.get(&find(&ip, "2025-01-01T01:00:00Z")).await.json()).is_empty());
    assert_eq!(world.get(&find(&ip, "2024-11-01T00:00:00Z")).await.error(), (400, "BadRequest".into()));
    let wrong = world.get(&find("10.0.0", "2025-01-01T00:00:00Z")).await;
    assert_eq!(wrong.error(), (400, "InvalidIpAddress".into()));
}

#[tokio::test]
async fn the_older_search_by_address_has_a_window_of_its_own_and_says_when_it_finds_nothing() {
    let world = World::new().await;
    let ip = world.get(&format!("/api/machines/{DESKTOP}")).await.field("lastIpAddress");
    let find = |ip: &str, at: &str| format!("/api/machines/find(timestamp={at},key='{ip}')");
    let by_ip = |at: &str| format!("/api/machines/findbyip(ip='{ip}',timestamp={at})");
    let found = world.get(&find(&ip, "2025-01-01T00:16:00Z")).await.json();
    assert_eq!(rows(&found)[0]["id"], DESKTOP);
    assert!(rows(&world.get(&by_ip("2025-01-01T00:16:00Z")).await.json()).is_empty());
    for (ip, at, error) in [
        (ip.as_str(), "2025-01-01T00:17:00Z", (404, "ResourceNotFound")),
        ("192.0.2.250", "2025-01-01T00:00:00Z", (404, "ResourceNotFound")),
        (ip.as_str(), "2024-11-01T00:00:00Z", (400, "BadRequest")),
        ("10.0.0", "2025-01-01T00:00:00Z", (400, "InvalidIpAddress")),
    ] {
        assert_eq!(world.get(&find(ip, at)).await.error(), (error.0, error.1.to_owned()), "{ip} {at}");
    }
}

#[tokio::test]
async fn domains_and_addresses_lead_to_devices_and_alerts() {
    let world = World::new().await;
    let bad = "/api/domains/www.example.net";
    let alerts = rows(&world.get(&format!("{bad}/alerts")).await.json());
    assert_eq!((alerts.len(), &alerts[0]["machineId"]), (1, &json!(DESKTOP)));
    assert_eq!(rows(&world.get(&format!("{bad}/machines")).await.json())[0]["id"], DESKTOP);
    let devices = rows(&world.get("/api/domains/Updates.example.com/machines").await.json());
    assert_eq!(devices.len(), 3);
    let statistics = |hours: u32| format!("/api/domains/updates.example.com/stats?lookBackHours={hours}");
    for (hours, prevalence) in [(720, 3), (100, 2), (24, 1)] {
        let body = world.get(&statistics(hours)).await.json();
        assert_eq!(body["organizationPrevalence"], prevalence, "{hours}");
    }
    assert_eq!(world.get(&statistics(0)).await.error(), (400, "InvalidInput".into()));
    let ip = world.get("/api/ips/203.0.113.80/stats").await.json();
    assert_eq!((&ip["ipAddress"], &ip["organizationPrevalence"]), (&json!("203.0.113.80"), &json!(2)));
    assert_eq!(rows(&world.get("/api/ips/198.51.100.23/alerts").await.json()).len(), 1);
    let written_out = world.get("/api/ips/2001:0db8:0:0::0025/stats").await.json();
    assert_eq!(written_out["organizationPrevalence"], 1);
    for unknown in ["/api/domains/nobody.example", "/api/ips/192.0.2.1"] {
        assert!(rows(&world.get(&format!("{unknown}/alerts")).await.json()).is_empty());
        let statistics = world.get(&format!("{unknown}/stats")).await.json();
        assert_eq!(
            (&statistics["organizationPrevalence"], &statistics["orgFirstSeen"]),
            (&json!(0), &Value::Null)
        );
    }
    assert!(rows(&world.get("/api/domains/nobody.example/machines").await.json()).is_empty());
    for path in ["/api/ips/10.0.0/alerts", "/api/ips/example.com/stats"] {
        assert_eq!(world.get(path).await.error(), (400, "InvalidIpAddress".into()), "{path}");
    }
    let reader = World::with(|config| config.permissions = vec!["Alert.Read.All".into()]).await;
    assert_eq!(reader.get("/api/ips/198.51.100.23/alerts").await.status, 200);
    assert_eq!(reader.get(&format!("{bad}/alerts")).await.error(), (403, "Forbidden".into()));
}

#[tokio::test]
async fn files_and_users_lead_to_devices() {
    let world = World::new().await;
    let file = "/api/files/8563f95b2f8a284fc99da44500cd51a77c1ff36c";
    assert_eq!(world.get(file).await.field("determinationType"), "Malware");
    assert_eq!(rows(&world.get(&format!("{file}/machines")).await.json())[0]["id"], DESKTOP);
    let statistics = world.get(&format!("{file}/stats?lookBackHours=48")).await.json();
    assert_eq!(statistics["organizationPrevalence"], 1);
    assert_eq!(world.get(&format!("{file}/stats?lookBackHours=721")).await.status, 400);
    assert_eq!(world.get("/api/files/xyz").await.error(), (400, "InvalidHashValue".into()));
    assert_eq!(world.get(&format!("/api/files/{HASH}")).await.status, 404);
    assert!(rows(&world.get(&format!("/api/files/{HASH}/machines")).await.json()).is_empty());
    assert_eq!(rows(&world.get("/api/users/user1/machines").await.json()).len(), 2);
    assert!(rows(&world.get("/api/users/nobody/machines").await.json()).is_empty());
    let users = world.get(&format!("/api/machines/{DESKTOP}/logonusers")).await.json();
    assert_eq!(rows(&users).len(), 2);
    for (path, alerts) in [
        (format!("{file}/alerts"), 1),
        (format!("/api/files/{HASH}/alerts"), 0),
        ("/api/users/user2/alerts".to_owned(), 1),
        ("/api/users/nobody/alerts".to_owned(), 0),
    ] {
        assert_eq!(rows(&world.get(&path).await.json()).len(), alerts, "{path}");
    }
    assert_eq!(world.get("/api/files/xyz/alerts").await.error(), (400, "InvalidHashValue".into()));
}

#[tokio::test]
async fn a_query_finds_what_it_was_told_to_find_and_nothing_else() {
    let answer = HuntingAnswer {
        query: "DeviceInfo | limit 1".into(),
        columns: vec![("DeviceId".into(), "String".into())],
        results: vec![json!({ "DeviceId": DESKTOP })],
    };
    let world = World::with(|config| config.queries = vec![answer]).await;
    let ask = |query: &str| json!({ "Query": query }).to_string();
    let path = "/api/advancedqueries/run";
    let told = world.post(path, &ask(" DeviceInfo | limit 1\n")).await.json();
    assert_eq!(told["Results"], json!([{ "DeviceId": DESKTOP }]));
    assert_eq!(world.post(path, &ask("deviceinfo")).await.json(), json!({ "Schema": [], "Results": [] }));
    assert_eq!(world.post(path, "{}").await.error(), (400, "MissingRequiredParameter".into()));
    let taught = r#"{"Query":"X","Schema":[{"Name":"A","Type":"Int64"}],"Results":[{"A":1}]}"#;
    assert_eq!(world.post("/_tenant/queries", taught).await.status, 201);
    assert_eq!(world.post(path, &ask("X")).await.json()["Results"][0]["A"], 1);
}
