//! What comes in: webhook bodies and configuration files.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

use riposte_engine::Trigger;
use riposte_model::{HostPattern, Timestamp};
use riposte_playbook::{Playbook, Style, load};
use riposte_server::config::{
    self, AuthConfig, CLOUDS, CloudChoice, Config, ConnectionConfig, DownloadsConfig, HttpAuthConfig,
    HttpConfig, Rate, RetentionConfig, SecretPlaceConfig, SecretSource, WebhooksConfig,
};
use riposte_server::hooks::{Bound, bind};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

fn playbook(trigger: &str) -> Arc<Playbook> {
    let source = format!(
        "name: bound\ninputs:\n  device_id: {{ type: string, pattern: \"^[0-9a-f]{{4}}$\" }}\n  severity: {{ type: string, \
         enum: [Low, High], default: Low }}\ntriggers:\n  - webhook: alert\n    auth: none\n{trigger}steps:\n  - stop: done\n"
    );
    let loaded = load("bound.yaml", &source, &riposte_model::Catalogue::default());
    let report = loaded.report;
    loaded.playbook.unwrap_or_else(|| panic!("{}", report.render(Style::Plain)))
}

const BIND: &str = "    bind: { device_id: $.machineId, severity: $.severity }\n";

fn take(trigger: &str, body: &Value) -> Result<Vec<Bound>, String> {
    let playbook = playbook(trigger);
    bind(&playbook, playbook.webhooks().next().unwrap(), &body.clone().into(), Timestamp::from_millis(0))
        .map_err(|error| error.to_string())
}

fn run(inputs: Value, body: &Value) -> Bound {
    let Value::Object(inputs) = inputs else { panic!("inputs are an object") };
    Bound::Run {
        inputs,
        trigger: Trigger { kind: "webhook".into(), name: "alert".into(), body: body.clone().into() },
    }
}

#[test]
fn inputs_are_taken_from_their_paths() {
    let body = json!({ "machineId": "00ff", "severity": "High", "more": [1] });
    let inputs = json!({ "device_id": "00ff", "severity": "High" });
    assert_eq!(take(BIND, &body), Ok(vec![run(inputs, &body)]));
}

#[test]
fn an_input_with_a_default_may_be_absent() {
    let body = json!({ "machineId": "00ff" });
    assert_eq!(take(BIND, &body), Ok(vec![run(json!({ "device_id": "00ff", "severity": "Low" }), &body)]));
}

#[test]
fn a_missing_value_is_named_with_what_was_there() {
    let said = take(BIND, &json!({ "machine": "00ff", "\u{1b}[2J": 1 })).unwrap_err();
    assert_eq!(
        said,
        "input `device_id`: nothing is at `$.machineId`; the keys there are \"machine\", \"\\u{1b}[2J\""
    );
    assert_eq!(
        take(BIND, &json!([1])).unwrap_err(),
        "input `device_id`: nothing is at `$.machineId`; the body is of type array"
    );
}

#[test]
fn a_body_is_shared_with_its_run_and_not_copied() {
    let playbook = playbook(BIND);
    let body = Arc::new(json!({ "machineId": "00ff", "severity": "High" }));
    let bound = bind(&playbook, playbook.webhooks().next().unwrap(), &body, Timestamp::from_millis(0));
    let Ok([Bound::Run { trigger, .. }]) = bound.as_deref() else { panic!("it binds: {bound:?}") };
    assert!(Arc::ptr_eq(&trigger.body, &body));
}

#[test]
fn several_values_are_refused() {
    let said =
        take("    bind: { device_id: \"$..id\" }\n", &json!({ "a": { "id": "1" }, "b": { "id": "2" } }));
    assert_eq!(said.unwrap_err(), "input `device_id`: `$..id` selects 2 values, and one is wanted");
}

#[test]
fn a_value_that_does_not_fit_is_refused() {
    let said = take(BIND, &json!({ "machineId": "x; rm -rf", "severity": "Hihg" })).unwrap_err();
    assert_eq!(
        said,
        "input `device_id` is \"x; rm -rf\", which does not match `^[0-9a-f]{4}$`; input `severity` is \"Hihg\", not \
         one of `Low`, `High`"
    );
    assert_eq!(
        take(BIND, &json!({ "machineId": null })).unwrap_err(),
        "input `device_id` must be a string, not null"
    );
}

#[test]
fn a_body_cannot_choose_our_memory() {
    // One long name over a long list: every item would be noted with the whole way to it.
    let items = vec![json!({ "id": "a" }); 2_000];
    let body = json!({ "k".repeat(50_000): items });
    let said = take("    bind: { device_id: \"$..machineId\" }\n", &body).unwrap_err();
    assert!(said.contains("`$..machineId` passes too much of the value"), "{said}");
    let said = take(&format!("    each: $.*[*]\n{BIND}"), &body).unwrap_err();
    assert!(said.contains("`$.*[*]` passes too much of the value"), "{said}");
}

#[test]
fn a_condition_filters() {
    let trigger = format!("{BIND}    if: inputs.severity == \"High\" && !has(trigger.body.test)\n");
    assert_eq!(take(&trigger, &json!({ "machineId": "00ff" })), Ok(vec![Bound::Filtered]));
    let body = json!({ "machineId": "00ff", "severity": "High" });
    assert!(matches!(take(&trigger, &body).unwrap()[..], [Bound::Run { .. }]));
    let tested = json!({ "machineId": "00ff", "severity": "High", "test": 1 });
    assert_eq!(take(&trigger, &tested), Ok(vec![Bound::Filtered]));
}

#[test]
fn each_makes_a_run_of_every_node_or_of_none() {
    let trigger = format!("    each: $.value[*]\n{BIND}");
    let body = json!({ "value": [{ "machineId": "0001" }, { "machineId": "0002" }] });
    assert_eq!(take(&trigger, &body).unwrap().len(), 2);
    let body = json!({ "value": [{ "machineId": "0001" }, { "machine": "0002" }, { "machineId": "nope" }] });
    assert_eq!(
        take(&trigger, &body).unwrap_err(),
        "item 1: input `device_id`: nothing is at `$.machineId`; the keys there are \"machine\"; item 2: input \
         `device_id` is \"nope\", which does not match `^[0-9a-f]{4}$`"
    );
    assert_eq!(
        take(&trigger, &json!({})).unwrap_err(),
        "`each` selects nothing: nothing is at `$.value[*]`; the body is an empty object"
    );
}

#[test]
fn what_is_in_an_alert_stays_text() {
    let trigger = "    bind: { device_id: $.machineId }\n    if: trigger.body.title == \"${{ 1 + 1 }}\"\n";
    let body = json!({ "machineId": "00ff", "title": "${{ 1 + 1 }}" });
    assert!(matches!(take(trigger, &body).unwrap()[..], [Bound::Run { .. }]));
}

#[test]
fn the_example_configuration_loads() {
    let config = read(include_str!("../../../deploy/riposte.example.yaml")).unwrap();
    assert_eq!(config.data_dir.unwrap().to_str(), Some("/var/lib/riposte"));
    assert_eq!(config.downloads, DownloadsConfig { limit: 1 << 30 });
    assert_eq!(config.retention, RetentionConfig::default());
    let ConnectionConfig::Defender(defender) = &config.connections["defender"] else { panic!() };
    let secret = SecretSource::Credential("defender-client-secret".into());
    let client_id = "66666666-7777-8888-9999-000000000000".into();
    assert_eq!(defender.auth, AuthConfig::ClientSecret { client_id, secret });
    assert_eq!(defender.cloud, CloudChoice::Named("global".into()));
    let ConnectionConfig::Http(http) = &config.connections["http"] else { panic!() };
    assert_eq!((http.allow_hosts.len(), http.auth.len(), http.allow_http), (2, 2, false));
}

fn read(source: &str) -> Result<Config, String> {
    config::load("riposte.yaml", source).map_err(|report| report.render(Style::Plain))
}

/// A connection that says who it is by these keys.
fn with_auth(keys: &str) -> Result<AuthConfig, String> {
    let config = read(&format!("connections: {{ defender: {{ kind: defender, tenant_id: t, {keys} }} }}\n"))?;
    let ConnectionConfig::Defender(defender) = &config.connections["defender"] else { panic!() };
    Ok(defender.auth.clone())
}

#[test]
fn an_application_proves_who_it_is_in_one_of_four_ways() {
    let file = |path: &str| SecretSource::File(path.into());
    let client_id = || "c".to_owned();
    for (keys, expected) in [
        (
            "client_id: c, client_secret: { file: s }",
            AuthConfig::ClientSecret { client_id: client_id(), secret: file("s") },
        ),
        (
            "client_id: c, certificate: { file: p }",
            AuthConfig::Certificate { client_id: client_id(), certificate: file("p"), key: None },
        ),
        (
            "client_id: c, certificate: { file: p }, certificate_key: { file: k }",
            AuthConfig::Certificate { client_id: client_id(), certificate: file("p"), key: Some(file("k")) },
        ),
        (
            "client_id: c, federated_token_file: /run/token",
            AuthConfig::FederatedToken { client_id: client_id(), file: "/run/token".into() },
        ),
        ("managed_identity: { kind: vm }", AuthConfig::ManagedIdentity { client_id: None, endpoint: None }),
        (
            "managed_identity: { kind: app_service }",
            AuthConfig::AppServiceIdentity {
                client_id: None,
                endpoint: SecretSource::Env("IDENTITY_ENDPOINT".into()),
                header: SecretSource::Env("IDENTITY_HEADER".into()),
            },
        ),
        (
            "client_id: c, managed_identity: { kind: vm, endpoint: 'http://127.0.0.1:1' }",
            AuthConfig::ManagedIdentity {
                client_id: Some(client_id()),
                endpoint: Some("http://127.0.0.1:1".into()),
            },
        ),
    ] {
        assert_eq!(with_auth(keys), Ok(expected), "{keys}");
    }
}

#[test]
fn mistakes_in_proving_who_it_is_are_lessons() {
    let mistakes = [
        "client_id: c",
        "client_secret: { env: S }",
        "client_id: c, client_secret: { env: S }, managed_identity: { kind: vm }",
        "client_id: c, client_secret: { env: S }, certificate_key: { env: K }",
        "client_id: c, certificate: { file: a, env: b }",
        "client_id: c, certificat: { file: a }",
        "client_id: c, federated_token_file: ''",
        "managed_identity: { kind: vmm }",
        "managed_identity: { kind: vm, client_id: c }",
        "managed_identity: { kind: app_service, endpoint: 'http://127.0.0.1:1' }",
        "client_id: '', managed_identity: {}",
    ];
    let said: Vec<String> = mistakes.iter().map(|keys| with_auth(keys).unwrap_err()).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_certificate_in_the_wrong_place_is_not_quoted() {
    for key in ["certificate", "certificate_key"] {
        let said = read(&format!(
            "connections:\n  defender:\n    kind: defender\n    {key}: |\n      -----BEGIN PRIVATE KEY-----\n      hunter2\n"
        ))
        .unwrap_err();
        assert!(
            said.contains("a secret does not belong in this file") && !said.contains("hunter2"),
            "{said}"
        );
    }
}

fn with_connection(lines: &str) -> Result<Config, String> {
    read(&format!(
        "connections:\n  defender:\n    kind: defender\n    tenant_id: t\n    client_id: c\n    client_secret: {{ env: S }}\n{lines}"
    ))
}

#[test]
fn every_cloud_that_is_named_is_taken() {
    for cloud in CLOUDS {
        assert!(with_connection(&format!("    cloud: {cloud}\n")).is_ok(), "{cloud}");
    }
}

#[test]
fn configuration_mistakes_are_lessons() {
    let mistakes = [
        "    endpoint: http://127.0.0.1:1\n",
        "    cloud: us\n    endpoint: http://127.0.0.1:1\n    authority: http://127.0.0.1:1\n",
        "    poll: { shortest: 10s, longest: 1s }\n",
        "    visibility_delay: 30\n",
        "    visibility_delay: 1 minute\n",
        "  other:\n    kind: defender\n    tenant_id: ''\n    client_id: c\n    client_secret: { file: a, env: b }\n",
        "listens: 127.0.0.1:8750\n",
    ];
    let said: Vec<String> = mistakes.iter().map(|lines| with_connection(lines).unwrap_err()).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_is_served_and_where_is_read() {
    let config = with_connection("").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8750");
    assert!(config.playbooks.is_empty());
    let second = Duration::from_secs(1);
    assert_eq!(
        config.webhooks,
        WebhooksConfig { body_limit: 1 << 20, rate: Rate { count: 100, per: second } }
    );
    let config = with_connection(
        "listen: '[::1]:0'\nplaybooks: [a.yaml, more]\nwebhooks: { body_limit: 64KiB, rate: 30/m }\n",
    )
    .unwrap();
    assert_eq!(config.listen.to_string(), "[::1]:0");
    assert_eq!(config.playbooks, ["a.yaml", "more"].map(PathBuf::from));
    assert_eq!(
        config.webhooks,
        WebhooksConfig { body_limit: 64 << 10, rate: Rate { count: 30, per: second * 60 } }
    );
    assert_eq!(with_connection("playbooks: here\n").unwrap().playbooks, [PathBuf::from("here")]);
}

#[test]
fn mistakes_in_what_is_served_are_lessons() {
    let mistakes = [
        "listen: localhost\n",
        "playbooks: []\n",
        "playbooks: [a, '', 7]\n",
        "webhooks: { rat: 1/s }\n",
        "webhooks: { rate: fast, body_limit: 1MB }\n",
        "webhooks: { rate: 0/s, body_limit: 65MiB }\n",
    ];
    let said: Vec<String> = mistakes.iter().map(|lines| with_connection(lines).unwrap_err()).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn the_limit_of_downloads_is_a_size() {
    let limit = |lines| with_connection(lines).map(|config| config.downloads.limit);
    assert_eq!(limit(""), Ok(1 << 30));
    assert_eq!(limit("downloads: {}\n"), Ok(1 << 30));
    assert_eq!(limit("downloads: { limit: 20MiB }\n"), Ok(20 << 20));
    let mistakes =
        ["downloads: { limit: 20 }\n", "downloads: { limit: 20MB }\n", "downloads: { limits: 1GiB }\n"];
    let said: Vec<String> = mistakes.iter().map(|lines| limit(lines).unwrap_err()).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn retention_is_an_age_and_a_size() {
    let retention = |lines| with_connection(lines).map(|config| config.retention);
    let days = |days: u64| std::time::Duration::from_secs(days * 86_400);
    let defaults = RetentionConfig { finished_runs: days(90), size: 20 << 30 };
    assert_eq!(retention(""), Ok(defaults));
    assert_eq!(retention("retention: {}\n"), Ok(defaults));
    let shorter = RetentionConfig { finished_runs: days(7), ..defaults };
    assert_eq!(retention("retention: { finished_runs: 7d }\n"), Ok(shorter));
    assert_eq!(
        retention("retention: { size: 512MiB }\n"),
        Ok(RetentionConfig { size: 512 << 20, ..defaults })
    );
    for (wrong, why) in [
        ("retention: 90d\n", "`retention` must be"),
        ("retention: { finished_runs: 90 }\n", "write `90s`"),
        ("retention: { finished_runs: 0s }\n", "`finished_runs`"),
        ("retention: { size: 20GB }\n", "`size` must be a size"),
        ("retention: { finished: 90d }\n", "`retention` has no key `finished`"),
    ] {
        let said = retention(wrong).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_not_quoted() {
    let said =
        read("connections:\n  defender:\n    kind: defender\n    client_secret: hunter2\n").unwrap_err();
    assert!(said.contains("a secret does not belong in this file") && !said.contains("hunter2"), "{said}");
}

/// A connection to other services with these keys.
fn with_http(keys: &str) -> Result<HttpConfig, String> {
    let config = read(&format!("connections:\n  http:\n    kind: http\n{keys}"))?;
    let ConnectionConfig::Http(http) = &config.connections["http"] else { panic!() };
    Ok(http.clone())
}

#[test]
fn what_may_be_called_and_as_whom_is_read() {
    let host = |text: &str| HostPattern::parse(text).unwrap();
    let auth =
        |text: &str, place| HttpAuthConfig { host: host(text), secret: SecretSource::Env("S".into()), place };
    let header =
        |name: &str, scheme: &str| SecretPlaceConfig::Header { name: name.into(), scheme: scheme.into() };
    let read = with_http(
        "    allow_hosts: [Hooks.example.com, '*.api.example.com', '10.0.0.7:8443']\n    allow_private: [10.0.0.7:8443]\n    \
         allow_http: true\n    auth:\n      hooks.example.com: { secret: { env: S }, in: url }\n      a.api.example.com: { \
         secret: { env: S } }\n      b.api.example.com: { secret: { env: S }, header: X-Key, scheme: '' }\n",
    );
    assert_eq!(
        read,
        Ok(HttpConfig {
            allow_hosts: vec![host("hooks.example.com"), host("*.api.example.com"), host("10.0.0.7:8443")],
            allow_private: vec![host("10.0.0.7:8443")],
            allow_http: true,
            auth: vec![
                auth("hooks.example.com", SecretPlaceConfig::Url),
                auth("a.api.example.com", header("Authorization", "Bearer")),
                auth("b.api.example.com", header("X-Key", "")),
            ],
        })
    );
    let least = with_http("    allow_hosts: [a.example.com]\n").unwrap();
    assert_eq!(least, HttpConfig { allow_hosts: vec![host("a.example.com")], ..HttpConfig::default() });
}

#[test]
fn mistakes_in_what_may_be_called_are_lessons() {
    let mistakes = [
        "    allow_hosts: []\n",
        "    allow_host: [a.example.com]\n",
        "    allow_hosts: ['https://a.example.com/x', '*', 7, '::1']\n",
        "    allow_hosts: [a.example.com]\n    allow_private: true\n    allow_http: yes please\n",
        "    allow_hosts: ['*.example.com']\n    auth:\n      '*.example.com': { secret: { env: S } }\n",
        "    allow_hosts: [a.example.com]\n    auth:\n      b.example.com: { secret: { env: S } }\n      a.example.com: {}\n",
        "    allow_hosts: [a.example.com]\n    auth:\n      a.example.com: { secret: { env: S } }\n      A.example.com: { secret: { env: S } }\n",
        "    allow_hosts: [a.example.com]\n    auth:\n      a.example.com: { secret: { env: S }, in: url, header: X }\n",
        "    allow_hosts: [a.example.com]\n    auth:\n      a.example.com: { secret: { env: S }, in: body, header: X Y }\n",
        "    allow_hosts: [a.example.com]\n    auth:\n      a.example.com: { secret: { env: S }, scheme: \"Bearer \" }\n",
    ];
    let mut said: Vec<String> = mistakes.iter().map(|keys| with_http(keys).unwrap_err()).collect();
    said.push(read("connections: { http: { kind: defender, allow_hosts: [a.example.com] } }\n").unwrap_err());
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_secret_for_a_host_is_not_quoted_wherever_it_was_written() {
    for keys in ["{ secret: hunter2 }", "hunter2", "{ secret: [hunter2] }"] {
        let said =
            with_http(&format!("    allow_hosts: [a.example.com]\n    auth:\n      a.example.com: {keys}\n"))
                .unwrap_err();
        assert!(!said.contains("hunter2"), "{said}");
    }
}
