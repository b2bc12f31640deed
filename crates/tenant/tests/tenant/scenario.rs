use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use riposte_tenant::{Config, Problem};
use serde_json::{Value, json};

use crate::helpers::{DESKTOP, World};

fn nothing(path: &Path) -> Result<String, String> {
    Err(format!("there is no {}", path.display()))
}

fn read(text: &str) -> Config {
    Config::from_scenario(text, &nothing).unwrap_or_else(|error| panic!("{error}"))
}

/// Where and why a text is no scenario.
fn problems(text: &str) -> Vec<String> {
    let error = Config::from_scenario(text, &nothing).expect_err("there are mistakes in it");
    error.problems.iter().map(Problem::to_string).collect()
}

/// A tenant of a scenario, with the clock of the tests.
async fn world(text: &str) -> World {
    World::with(|config| {
        let told = read(text);
        *config = Config { clock: config.clock.clone(), rate_limits: false, ..told };
    })
    .await
}

const INSTANT: &str = "pace: { pending: 0s, quick: 0s, slow: 0s }\n";

const OWN: &str = r#"
seed: 7
devices:
  - id: pc-1
    name: pc-1.contoso.example
    os: WindowsServer2019
    risk: High
    exposure: Low
    value: High
    group: Kiosks
    tags: [kiosk, first floor]
    ip: 10.1.2.3
    external_ip: 198.51.100.9
    last_seen: 3h
    users: [ann]
    isolated: true
    quarantined: [87662bc3d60e4200ceaf7aae249d1c343f4b83c9]
  - { name: mac-1.contoso.example, os: macOS, online: false }
  - { name: gone-1.contoso.example, offboarded: true }
  - { name: ill-1.contoso.example, health: ImpairedCommunication, restricted: true }
users:
  - { name: ann, domain: fabrikam, admin: true }
alerts:
  - id: first
    title: A thing happened
    device: PC-1.contoso.example
    severity: High
    status: InProgress
    category: Ransomware
    assigned_to: bob
    user: ann
    age: 2h
    techniques: [T1486]
    evidence:
      users: [ann, carol]
      files: [8563f95b2f8a284fc99da44500cd51a77c1ff36c]
      processes: [{ sha1: ff836cfb1af40252bd2a2ea843032e99a5b262ed, command_line: "x.exe -y" }]
      ips: [198.51.100.23]
      domains: [evil.example]
  - { title: Later, device: pc-1, age: 1m }
files:
  - { sha1: 8563f95b2f8a284fc99da44500cd51a77c1ff36c, name: bad.dll, verdict: Malware, threat: "Trojan:X", devices: [pc-1] }
indicators:
  - { value: evil.example, type: DomainName, action: Block, by_person: true }
library:
  - { name: own.ps1, parameters: "a name" }
queries:
  - query: DeviceInfo
    columns: [{ name: DeviceId, type: String }]
    results: [{ DeviceId: pc-1 }]
"#;

#[tokio::test]
async fn a_tenant_holds_what_its_scenario_says() {
    let world = world(OWN).await;
    let machines = world.get("/api/machines").await.json();
    assert_eq!(machines["value"].as_array().unwrap().len(), 4);
    let pc = world.get("/api/machines/pc-1").await.json();
    let fields = [
        "computerDnsName",
        "osPlatform",
        "riskScore",
        "exposureLevel",
        "deviceValue",
        "rbacGroupName",
        "lastIpAddress",
        "lastExternalIpAddress",
        "lastSeen",
        "healthStatus",
    ];
    assert_eq!(
        fields.map(|name| pc[name].as_str().unwrap()),
        [
            "pc-1.contoso.example",
            "WindowsServer2019",
            "High",
            "Low",
            "High",
            "Kiosks",
            "10.1.2.3",
            "198.51.100.9",
            "2024-12-31T21:00:00.0000000Z",
            "Active",
        ]
    );
    assert_eq!(pc["machineTags"], json!(["kiosk", "first floor"]));
    for (name, health, onboarding) in [
        ("mac-1.contoso.example", "Inactive", "Onboarded"),
        ("gone-1.contoso.example", "Inactive", "CanBeOnboarded"),
        ("ill-1.contoso.example", "ImpairedCommunication", "Onboarded"),
    ] {
        let machine = world.get(&format!("/api/machines/{name}")).await;
        assert_eq!(
            (machine.field("healthStatus").as_str(), machine.field("onboardingStatus").as_str()),
            (health, onboarding)
        );
    }
    assert_eq!(world.tenant.is_isolated("pc-1"), Some(true));
    assert_eq!(world.tenant.is_restricted("ill-1.contoso.example"), Some(true));
    assert_eq!(world.tenant.is_offboarded("gone-1.contoso.example"), Some(true));
    assert_eq!(world.tenant.quarantined("pc-1").unwrap(), ["87662bc3d60e4200ceaf7aae249d1c343f4b83c9"]);
    let users = world.get("/api/machines/pc-1/logonusers").await.json();
    assert_eq!(
        (&users["value"][0]["id"], &users["value"][0]["isDomainAdmin"]),
        (&json!("fabrikam\\ann"), &json!(true))
    );
    assert_eq!(world.tenant.library(), ["own.ps1"]);
    let indicators = world.get("/api/indicators").await.json();
    assert_eq!(indicators["value"].as_array().unwrap().len(), 1);
    assert_eq!(indicators["value"][0]["indicatorValue"], "evil.example");
    let rows = world.post("/api/advancedqueries/run", r#"{"Query":"DeviceInfo"}"#).await.json();
    assert_eq!(rows["Results"], json!([{ "DeviceId": "pc-1" }]));
}

#[tokio::test]
async fn its_alerts_are_about_what_they_name() {
    let world = world(OWN).await;
    let alerts = world.get("/api/alerts").await.json();
    let titles: Vec<&Value> = alerts["value"].as_array().unwrap().iter().map(|one| &one["title"]).collect();
    assert_eq!(titles, ["Later", "A thing happened"], "newest first");
    let alert = world.get("/api/alerts/first").await.json();
    assert_eq!(
        (&alert["severity"], &alert["status"], &alert["machineId"], &alert["assignedTo"]),
        (&json!("High"), &json!("InProgress"), &json!("pc-1"), &json!("bob"))
    );
    assert_eq!(alert["alertCreationTime"], "2024-12-31T22:00:00.0000000Z");
    assert_eq!(alert["mitreTechniques"], json!(["T1486"]));
    assert_eq!(alert["evidence"].as_array().unwrap().len(), 6);
    let about =
        async |what: &str| world.get(&format!("/api/alerts/first/{what}")).await.json()["value"].clone();
    let files = about("files").await;
    assert_eq!(files.as_array().unwrap().len(), 2, "a file that only an alert names is known too");
    assert!(files.as_array().unwrap().iter().any(|file| file["determinationValue"] == "Trojan:X"));
    assert_eq!(about("ips").await, json!([{ "id": "198.51.100.23" }]));
    assert_eq!(about("domains").await, json!([{ "host": "evil.example" }]));
    assert_eq!(world.get("/api/alerts/first/user").await.field("accountName"), "ann");
    let seen = world.get("/api/files/ff836cfb1af40252bd2a2ea843032e99a5b262ed/machines").await.json();
    assert_eq!(seen["value"][0]["id"], "pc-1");
}

#[tokio::test]
async fn what_was_done_before_the_start_is_listed_and_no_effect() {
    let world = world(&format!("{INSTANT}{OWN}")).await;
    assert!(world.tenant.effects().is_empty());
    let listed = world.get("/api/machineactions?$filter=machineId eq 'pc-1'").await.json();
    let types: Vec<&Value> = listed["value"].as_array().unwrap().iter().map(|row| &row["type"]).collect();
    assert_eq!(types, ["StopAndQuarantineFile", "Isolate"]);
    world.open("pc-1", "unisolate").await;
    assert_eq!(world.tenant.is_isolated("pc-1"), Some(false));
    assert_eq!(world.tenant.effects().len(), 1);
    let devices = world.try_call(Method::GET, "/_tenant/devices", None).await.unwrap().json();
    assert_eq!(
        (&devices[0]["effects"]["isolate"], &devices[0]["effects"]["unisolate"]),
        (&json!(0), &json!(1))
    );
}

#[tokio::test]
async fn what_a_scenario_leaves_out_is_as_in_the_demo_tenant() {
    for text in ["", "# nothing\n", "faults: ['machines=503']\n"] {
        let (told, demo) = (world(text).await, World::new().await);
        if text.contains("faults") {
            assert_eq!(told.get("/api/machines").await.status, 503);
        }
        for path in ["/api/machines", "/api/alerts", "/api/indicators", "/api/libraryfiles"] {
            let (told, demo) = (told.get(path).await.json(), demo.get(path).await.json());
            assert_eq!(told["value"], demo["value"], "{text}{path}");
        }
    }
}

#[tokio::test]
async fn with_devices_of_its_own_a_tenant_has_no_alerts_of_the_demo() {
    let world = world("devices: [{ name: only.contoso.example }]\n").await;
    assert_eq!(world.get("/api/alerts").await.json()["value"], json!([]));
    assert_eq!(world.get("/api/files/8563f95b2f8a284fc99da44500cd51a77c1ff36c").await.status, 404);
    assert_eq!(world.get(&format!("/api/machines/{DESKTOP}")).await.status, 404);
    assert_eq!(world.get("/api/indicators").await.json()["value"].as_array().unwrap().len(), 2);
}

#[test]
fn the_same_seed_gives_the_same_drawn_values() {
    // Seen through the whole: what is drawn does not depend on what is told beside it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let text = "devices: [{ name: a }, { name: b }]\n";
        let (one, two) = (world(text).await, world(text).await);
        let other = world(&format!("seed: 2\n{text}")).await;
        let rows = async |world: &World| world.get("/api/machines").await.json()["value"].clone();
        assert_eq!(rows(&one).await, rows(&two).await);
        assert_ne!(rows(&one).await, rows(&other).await);
    });
}

#[test]
fn a_scenario_says_how_the_tenant_behaves() {
    let certificate = include_str!("../../../defender/tests/keys/certificate.pem");
    let read = |path: &Path| match path.to_str() {
        Some("keys/app.pem") => Ok(certificate.to_owned()),
        Some("token.jwt") => Ok("a.b.c\n".to_owned()),
        other => Err(format!("not {other:?}")),
    };
    let text = "
application:
  tenant_id: t
  client_id: c
  client_secret: s
  name: Somebody
  permissions: [Machine.Read.All]
  token_lifetime: 90s
  managed_identity: false
  identity_header: h
  certificate_files: [keys/app.pem]
  federated_tokens: [x.y.z]
  federated_token_files: [token.jwt]
pace: { pending: 1s, slow: 2s..5m }
rate_limits: false
page_size: 3
duplicates: returns_pending
gzip: false
faults: ['isolate=drop-after:2']
";
    let config = Config::from_scenario(text, &read).unwrap();
    assert_eq!(
        (config.tenant_id.as_str(), config.client_id.as_str(), config.client_secret.as_str()),
        ("t", "c", "s")
    );
    assert_eq!((config.application.as_str(), config.identity_header.as_str()), ("Somebody", "h"));
    assert_eq!(config.permissions, ["Machine.Read.All"]);
    assert_eq!(config.token_lifetime, Duration::from_secs(90));
    assert_eq!(config.certificates, [certificate]);
    assert_eq!(config.federated_tokens, ["x.y.z", "a.b.c"]);
    assert_eq!(config.pace.pending, Duration::from_secs(1)..=Duration::from_secs(1));
    assert_eq!(config.pace.slow, Duration::from_secs(2)..=Duration::from_secs(300));
    assert_eq!(config.pace.quick, Config::default().pace.quick);
    assert_eq!(
        (config.page_size, config.rate_limits, config.managed_identity, config.gzip),
        (3, false, false, false)
    );
    assert_eq!(config.duplicates, riposte_tenant::Duplicates::ReturnsPending);
    assert_eq!(config.faults, ["isolate=drop-after:2".parse().unwrap()]);
}

#[test]
fn a_mistake_is_told_with_its_place_and_what_would_be_right() {
    let mut wrong = Vec::new();
    for (text, place, said) in [
        ("sed: 1\n", "1:", "expected one of seed, application,"),
        ("seed: 1\ndevices:\n  - { name: a, onlin: true }\n", "3:", "online"),
        ("devices:\n  - name: a\n    risk: Huge\n", "3:", "Informational"),
        ("devices:\n  - name: a\n    os: Windows3\n", "3:", "WindowsServer2022"),
        ("devices:\n  - id: x\n", "2:", "name"),
        ("devices:\n  - { name: a, quarantined: [xyz] }\n", "2:", "40 hexadecimal digits"),
        ("faults: [isolat=503]\n", "1:", "valid are isolate"),
        ("faults: [isolate=stale-3s]\n", "1:", "no list"),
        ("pace: { pending: soon }\n", "1:", "for example 90s"),
        ("pace: { pending: 3s..1s }\n", "1:", "from long to short"),
        ("pace: { slow: 31d }\n", "1:", "longer than 30 days"),
        ("application: { token_lifetime: 25h }\n", "1:", "a day at most"),
        ("page_size: 0\n", "1:12: ", "from 1 to 10000"),
        ("seed: [\n", "", ""),
        ("seed: 1\nseed: 2\n", "2:", "seed"),
        ("events:\n  - { after: 1s }\n", "2:", "exactly one"),
        ("events:\n  - { after: 1s, device: nobody, online: true }\n", "2:", "`nobody`"),
        ("application: { certificates: [x] }\n", "1:", "no certificate"),
        ("application: { certificate_files: [a.pem] }\n", "1:", "there is no a.pem"),
    ] {
        let found = problems(text);
        if found.len() != 1 || !found[0].starts_with(place) || !found[0].contains(said) {
            wrong.push(format!("{text}{found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn everything_that_does_not_fit_together_is_told_at_once() {
    let text = "
devices:
  - { id: a, name: x }
  - { id: A, name: y }
  - { id: b/c, name: z }
alerts:
  - { title: t, device: a, id: one }
  - { title: t, device: a, id: one }
  - { title: t, device: q }
files:
  - { sha1: 8563f95b2f8a284fc99da44500cd51a77c1ff36c, devices: [a, r] }
";
    let found = problems(text);
    let said: Vec<(&str, &str)> = vec![
        ("4:", "this id already"),
        ("5:", "a device id has"),
        ("8:", "the id `one` already"),
        ("9:", "the name `q`"),
        ("11:", "the name `r`"),
    ];
    assert_eq!(found.len(), said.len(), "{found:?}");
    for (found, (place, said)) in found.iter().zip(said) {
        assert!(found.starts_with(place) && found.contains(said), "{found}");
    }
}

#[tokio::test]
async fn events_happen_at_their_time_without_anybody_asking() {
    let text = format!(
        "{INSTANT}devices:
  - {{ id: pc, name: pc, online: false }}
events:
  - {{ after: 30s, device: pc, online: true }}
  - {{ after: 20s, fault: 'machines=503' }}
  - {{ after: 1m, expire_tokens: true }}
  - {{ after: 2m, alert: {{ title: It comes, device: pc, severity: High }} }}
"
    );
    let world = world(&text).await;
    let id = world.open("pc", "isolate").await;
    assert_eq!(world.status(&id).await, "Pending");
    world.clock.advance(Duration::from_secs(19));
    assert_eq!(world.get("/api/machines").await.status, 200);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.get("/api/machines").await.status, 503);
    world.clock.advance(Duration::from_secs(20));
    assert_eq!(world.tenant.is_isolated("pc"), Some(true), "it came at 30s, and nobody asked then");
    let action = world.get(&format!("/api/machineactions/{id}")).await;
    assert_eq!(action.field("lastUpdateDateTimeUtc"), "2025-01-01T00:00:30.0000000Z");
    world.clock.advance(Duration::from_secs(20));
    assert_eq!(world.get("/api/machines").await.status, 401);
    world.renew().await;
    assert_eq!(world.get("/api/alerts").await.json()["value"], json!([]));
    world.clock.advance(Duration::from_secs(100));
    let alerts = world.get("/api/alerts").await.json();
    assert_eq!(alerts["value"][0]["alertCreationTime"], "2025-01-01T00:02:00.0000000Z");
}

#[tokio::test]
async fn the_example_is_a_scenario() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/scenario.example.yaml");
    let world = world(&std::fs::read_to_string(path).unwrap()).await;
    let machines = world.get("/api/machines").await.json();
    assert!(machines["value"].as_array().unwrap().len() > 2);
    assert_ne!(world.get("/api/alerts").await.json()["value"], json!([]));
}

#[test]
fn more_than_a_tenant_takes_is_refused() {
    let faults = "'isolate=503', ".repeat(1_001);
    assert_eq!(
        problems(&format!("faults: [{faults}]\n")),
        ["0:0: there are 1001 `faults`; at most 1000 are taken"]
    );
    let found = problems(&"#".repeat((1 << 20) + 1));
    assert!(found[0].contains("over the limit of 1048576 bytes"), "{found:?}");
}

/// The part of the document below a heading.
fn documented(heading: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/simulator.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    rest.split("\n## ").next().unwrap().to_owned()
}

/// The words in backticks of the first column of its table.
fn first_column(part: &str) -> Vec<&str> {
    let rows = part.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    cells.flat_map(|cell| cell.split(", `").map(|word| word.trim_matches('`'))).collect()
}

#[test]
fn every_fault_of_the_document_is_one_and_none_is_left_out() {
    let part = documented("What can go wrong");
    let mut told: Vec<String> = first_column(&part)
        .into_iter()
        .map(|kind| format!("machineactions={kind}").parse::<riposte_tenant::Fault>().unwrap().kind)
        .map(|kind| {
            kind.to_string()
                .split("-")
                .filter(|part| !part.ends_with('s') || *part == "types")
                .collect::<Vec<_>>()
                .join("-")
        })
        .collect();
    told.sort();
    told.dedup();
    let error = "isolate=x".parse::<riposte_tenant::Fault>().unwrap_err().to_string();
    let (_, valid) = error.split_once("valid are ").unwrap();
    let mut valid: Vec<String> = valid
        .replace(" (such as latency-2s or latency-250ms, at most 600s)", "")
        .replace(" (at most 3600s)", "")
        .split(", ")
        .map(|kind| kind.trim().trim_end_matches("-<duration>").to_owned())
        .collect();
    valid.sort();
    valid.dedup();
    assert_eq!(told, valid);
}

#[test]
fn every_key_of_the_document_is_one_and_none_is_left_out() {
    let part = documented("Scenarios");
    let mut told = first_column(&part);
    let said = problems("x: 1\n").remove(0);
    let mut valid: Vec<&str> = said.split_once("one of ").unwrap().1.split(", ").collect();
    told.sort_unstable();
    valid.sort_unstable();
    assert_eq!(told, valid, "{said}");
}

#[tokio::test]
async fn every_request_of_the_document_is_one() {
    let world = World::new().await;
    let part = documented("The control API");
    let requests = first_column(&part);
    assert_eq!(requests.len(), 10);
    for request in requests {
        let (method, path) = request.split_once(' ').unwrap();
        let path = path.replace("{id}", DESKTOP);
        let answer = world.try_call(method.parse().unwrap(), &path, Some("?")).await.unwrap();
        assert!(matches!(answer.status, 200 | 400), "{request}: {}", answer.text);
    }
}
