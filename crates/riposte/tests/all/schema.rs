//! `riposte schema`, held against every playbook there is.

use crate::documents::playbooks;
use crate::support::{Scratch, repository};
use jsonschema::Validator;
use serde_json::Value;

fn schema(scratch: &Scratch, arguments: &[&str]) -> Validator {
    let output = scratch.riposte(arguments).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[track_caller]
fn accepts(schema: &Validator, what: &str, source: &str) {
    let value: Value = serde_yaml::from_str(source).unwrap();
    let problems: Vec<String> =
        schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{what}: {problems:?}");
}

#[test]
fn every_shipped_and_documented_playbook_fits_the_schema() {
    let scratch = Scratch::new();
    let schema = schema(&scratch, &["schema"]);
    let mut seen = 0;
    for entry in std::fs::read_dir(repository("playbooks")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        accepts(&schema, &path.display().to_string(), &std::fs::read_to_string(&path).unwrap());
        seen += 1;
    }
    for document in ["README.md", "docs/playbooks.md"] {
        for source in playbooks(document) {
            accepts(&schema, document, &source);
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn the_schema_knows_the_arguments_of_the_actions() {
    let scratch = Scratch::new();
    let schema = schema(&scratch, &["schema"]);
    let source = std::fs::read_to_string(repository("playbooks/contain-device.yaml")).unwrap();
    for (from, to) in [
        ("isolation_type: Full", "isolation_type: Ful"),
        ("isolation_type: Full", "isolation_tipe: Full"),
        ("defender.isolate_machine", "defender.isolate_machin"),
        ("timeout: 4h", "timeout: 4 hours"),
    ] {
        assert!(source.contains(from), "{from}");
        let value: Value = serde_yaml::from_str(&source.replacen(from, to, 1)).unwrap();
        assert!(!schema.is_valid(&value), "{to}");
    }
}

#[test]
fn the_example_configuration_fits_its_schema_and_mistakes_do_not() {
    let scratch = Scratch::new();
    let schema = schema(&scratch, &["schema", "--config"]);
    let example = std::fs::read_to_string(repository("deploy/riposte.example.yaml")).unwrap();
    accepts(&schema, "the example", &example);
    let fits = |keys: &str| {
        let text = format!("connections: {{ defender: {{ kind: defender, tenant_id: a, {keys} }} }}");
        schema.is_valid(&serde_yaml::from_str(&text).unwrap())
    };
    for good in [
        "client_id: b, client_secret: { env: C }",
        "client_id: b, certificate: { file: c }, certificate_key: { file: k }",
        "client_id: b, federated_token_file: t",
        "managed_identity: { kind: vm, endpoint: e }",
        "client_id: b, managed_identity: { kind: vm }",
        "managed_identity: { kind: app_service }",
    ] {
        assert!(fits(good), "{good}");
    }
    for bad in [
        "client_id: b, client_secret: { env: C }, cloud: eu, endpoint: http://localhost, authority: http://localhost",
        "client_id: b",
        "client_secret: { env: C }",
        "client_id: b, client_secret: { env: C }, managed_identity: { kind: vm }",
        "client_id: b, client_secret: { env: C }, certificate_key: { file: k }",
        "client_id: b, certificate: { file: c, env: C }",
        "managed_identity: { kind: vm, client_id: b }",
        "managed_identity: {}",
        "managed_identity: { kind: app_service, endpoint: e }",
    ] {
        assert!(!fits(bad), "{bad}");
    }
}

#[test]
fn the_page_of_the_daemon_has_every_key_of_the_configuration() {
    let page = crate::documents::text("docs/operate.md");
    let section = page.split("\n## ").find(|section| section.starts_with("Configuration\n")).unwrap();
    let output = Scratch::new().riposte(&["schema", "--config"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in schema["properties"].as_object().unwrap().keys() {
        assert!(section.contains(&format!("| `{key}` |")), "{key}");
    }
    for key in schema["properties"]["connections"]["properties"]["defender"]["properties"]
        .as_object()
        .unwrap()
        .keys()
    {
        let proofs =
            ["client_secret", "certificate", "certificate_key", "federated_token_file", "managed_identity"];
        assert!(
            section.contains(&format!("`{key}`")) || key == "kind" || proofs.contains(&key.as_str()),
            "{key}"
        );
    }
}
