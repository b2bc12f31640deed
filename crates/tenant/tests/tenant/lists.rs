use std::time::Duration;

use serde_json::{Value, json};

use crate::helpers::{DESKTOP, OFFLINE, World};

fn ids(body: &Value) -> Vec<String> {
    body["value"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// Five actions, one a second; their ids, newest first.
async fn five_actions(world: &World) -> Vec<String> {
    let mut ids = Vec::new();
    for (device, operation) in [
        (DESKTOP, "isolate"),
        (OFFLINE, "isolate"),
        (DESKTOP, "runAntiVirusScan"),
        (DESKTOP, "unisolate"),
        (OFFLINE, "collectInvestigationPackage"),
    ] {
        ids.insert(0, world.open(device, operation).await);
        world.clock.advance(Duration::from_secs(1));
    }
    ids
}

#[tokio::test]
async fn actions_are_listed_newest_first_and_filtered() {
    let world = World::new().await;
    let all = five_actions(&world).await;
    let desktop: Vec<String> = [1, 2, 4].map(|n| all[n].clone()).to_vec();
    for (query, expected) in [
        ("", all.clone()),
        ("?$top=2", all[..2].to_vec()),
        ("?$top=2&$skip=1", all[1..3].to_vec()),
        (&format!("?$filter=machineId eq '{DESKTOP}'"), desktop.clone()),
        (&format!("?$filter=machineId+eq+'{DESKTOP}'&$top=2"), desktop[..2].to_vec()),
        (
            &format!("?%24filter=machineId%20eq%20'{DESKTOP}'%20and%20type%20eq%20'Isolate'"),
            vec![all[4].clone()],
        ),
        ("?$filter=status in ('Pending','InProgress')", vec![all[0].clone(), all[3].clone()]),
        ("?$filter=creationDateTimeUtc ge 2025-01-01T00:00:03Z", all[..2].to_vec()),
        (
            "?$filter=creationDateTimeUtc ge 2025-01-01T00:00:03.0000000Z and requestor eq 'Riposte'",
            all[..2].to_vec(),
        ),
        (&format!("?$filter=id eq {}", all[2]), vec![all[2].clone()]),
        (&format!("?$filter=id eq '{}'", all[2]), vec![all[2].clone()]),
        ("?$filter=type eq 'Offboard'", vec![]),
    ] {
        let answer = world.get(&format!("/api/machineactions{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        assert_eq!(ids(&answer.json()), expected, "{query}");
        assert!(answer.field("@odata.context").ends_with("/api/$metadata#MachineActions"));
    }
}

#[tokio::test]
async fn bad_queries_are_odata_errors() {
    let world = World::new().await;
    for path in [
        "machineactions?$filter=status eq",
        "machineactions?$filter=requestorComment eq 'x'",
        "machineactions?$filter=creationDateTimeUtc gt '2018-08-01Z'",
        "machineactions?$top=10001",
        "machineactions?$orderby=requestorComment",
        "machines?$filter=machineTags eq 'x'",
        "machines?$filter=osBuild eq 19045",
        "machines?$filter=machineTags/all(t: t eq 'x')",
        "machines?$orderby=machineTags",
        "machines?$select=id,nothing",
        "machines?$count=yes",
        "machines?$skip=x",
    ] {
        assert_eq!(world.get(&format!("/api/{path}")).await.error(), (400, "ODataError".into()), "{path}");
    }
}

#[tokio::test]
async fn next_links_lead_through_all_pages() {
    let world = World::with(|config| config.page_size = 2).await;
    let all = five_actions(&world).await;
    let mut seen = Vec::new();
    let mut pages = 0;
    let mut path = "/api/v1.0/machineactions?$filter=requestor eq 'Riposte'".to_owned();
    loop {
        let body = world.get(&path).await.json();
        seen.extend(ids(&body));
        pages += 1;
        let Some(next) = body["@odata.nextLink"].as_str() else { break };
        path = next.strip_prefix(&world.tenant.url()).expect("the link stays on the host").to_owned();
    }
    assert_eq!((seen, pages), (all.clone(), 3));

    let small = world.get("/api/machineactions?pageSize=1&$top=1").await.json();
    assert_eq!(ids(&small), all[..1]);
    assert!(small["@odata.nextLink"].is_null(), "what was asked for is complete");
}

#[tokio::test]
async fn a_next_link_names_the_host_that_the_client_used() {
    let world = World::with(|config| config.page_size = 1).await;
    five_actions(&world).await;
    let token = world.token.lock().unwrap().clone();
    let request = world.client.get(world.url("/api/machineactions")).bearer_auth(token);
    let body: Value =
        request.header("host", "tenant.example:8080").send().await.unwrap().json().await.unwrap();
    let next = body["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with("http://tenant.example:8080/api/machineactions?"), "{next}");
}

#[tokio::test]
async fn machines_are_listed_and_filtered() {
    let world = World::new().await;
    for (query, count) in [
        ("", 6),
        ("?$filter=healthStatus ne 'Active'", 1),
        ("?$filter=riskScore+eq+'High'", 1),
        ("?$filter=startswith(computerDnsName,'desktop')", 2),
        ("?$filter=lastSeen gt 2018-08-01Z", 6),
        ("?$filter=rbacGroupId eq 141", 2),
        ("?$filter=rbacGroupId eq '141' or id eq '1e5bc9d7e413ddd7902c2932e418702b84d0cc07'", 3),
        ("?$filter=aadDeviceId eq null", 2),
        ("?$top=2&$skip=5", 1),
        ("?$filter=onboardingStatus eq 'Onboarded'", 6),
        ("?$filter=ComputerDNSName EQ 'desktop-39g9tgl.contoso.example' OR RiskScore Eq 'High'", 1),
        ("?$filter=riskScore eq 'high'", 0),
        ("?$filter=machineTags/any(t: t eq 'test tag 2')", 1),
        ("?$filter=machineTags/any(tag:tag in ('kiosk','travel')) and healthStatus eq 'Active'", 1),
        ("?$filter=not machineTags/any(t: startswith(t,''))", 2),
    ] {
        let answer = world.get(&format!("/api/machines{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        assert_eq!(ids(&answer.json()).len(), count, "{query}");
    }
}

#[tokio::test]
async fn machines_are_counted_ordered_and_reduced_to_what_was_selected() {
    let world = World::new().await;
    let query =
        "$count=true&$filter=healthStatus eq 'Active'&$orderby=RbacGroupId desc,computerDnsName&$top=2";
    let body = world.get(&format!("/api/machines?{query}&$select=computerDnsName,machineTags")).await.json();
    assert_eq!(body["@odata.count"], 5);
    assert_eq!(
        body["value"],
        json!([
            { "computerDnsName": "lnx-build-03.contoso.example", "machineTags": [] },
            { "computerDnsName": "srv-files-01.contoso.example", "machineTags": ["server"] },
        ])
    );
    let plain = world.get("/api/machines?$count=false").await.json();
    assert!(plain.get("@odata.count").is_none(), "{plain}");
    assert_eq!(plain["value"][0]["onboardingStatus"], "Onboarded");
}

#[tokio::test]
async fn the_count_of_actions_stays_the_same_on_every_page() {
    let world = World::with(|config| config.page_size = 2).await;
    let mut all = five_actions(&world).await;
    all.reverse();
    let first =
        world.get("/api/machineactions?$count=true&$orderby=creationDateTimeUtc&$select=id").await.json();
    assert_eq!((&first["@odata.count"], ids(&first)), (&json!(5), all[..2].to_vec()));
    let next =
        first["@odata.nextLink"].as_str().unwrap().strip_prefix(&world.tenant.url()).unwrap().to_owned();
    let second = world.get(&next).await.json();
    assert_eq!((&second["@odata.count"], ids(&second)), (&json!(5), all[2..4].to_vec()));
    assert_eq!(second["value"][0], json!({ "id": all[2] }));
}

#[tokio::test]
async fn links_keep_to_the_scheme_that_the_client_used() {
    let world = World::with(|config| config.page_size = 1).await;
    five_actions(&world).await;
    for (forwarded, scheme) in
        [("https", "https"), ("HTTPS, http", "https"), ("http", "http"), ("ftp", "http")]
    {
        let token = world.token.lock().unwrap().clone();
        let request = world.client.get(world.url("/api/machineactions")).bearer_auth(token);
        let request = request.header("host", "tenant.example").header("x-forwarded-proto", forwarded);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        for (field, path) in
            [("@odata.context", "/api/$metadata#"), ("@odata.nextLink", "/api/machineactions?")]
        {
            let link = body[field].as_str().unwrap();
            assert!(link.starts_with(&format!("{scheme}://tenant.example{path}")), "{forwarded}: {link}");
        }
    }
}

#[tokio::test]
async fn an_answer_is_packed_and_chunked_for_those_who_can_read_it() {
    let world = World::new().await;
    // One that shows what came over the wire.
    let client = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let ask = async |path: &str, encodings: &str| {
        let token = world.token.lock().unwrap().clone();
        let request = client.get(world.url(path)).bearer_auth(token);
        request.header("accept-encoding", encodings).send().await.unwrap()
    };
    let plain = ask("/api/machines", "identity").await;
    assert!(plain.headers().get("content-encoding").is_none());
    let plain = plain.text().await.unwrap();
    for encodings in ["gzip", "br;q=1.0, GZIP;q=0.5"] {
        let packed = ask("/api/machines", encodings).await;
        assert_eq!(packed.headers()["content-encoding"], "gzip");
        assert_eq!(packed.headers()["transfer-encoding"], "chunked");
        let mut text = String::new();
        let bytes = packed.bytes().await.unwrap();
        assert!(bytes.len() < plain.len());
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
        assert_eq!(text, plain);
    }
    for encodings in ["gzip;q=0", "deflate"] {
        assert!(ask("/api/machines", encodings).await.headers().get("content-encoding").is_none());
    }
    let short = ask("/api/machineactions", "gzip").await;
    assert!(short.headers().get("content-encoding").is_none(), "packing would make it longer");
}
