//! Each way to prove who asks, from the configuration to a tenant that looks at the proof.

use crate::support::{DEVICE, Practice, Scratch, repository};
use riposte_tenant::{Config, ManualClock, Operation};
use std::sync::Arc;

const CERTIFICATE: &str = include_str!("../../../defender/tests/keys/certificate.pem");
const PKCS1: &str = include_str!("../../../defender/tests/keys/pkcs1.pem");
const PKCS8: &str = include_str!("../../../defender/tests/keys/pkcs8.pem");
const OTHER: &str = include_str!("../../../defender/tests/keys/issuer.pem");
/// Of another issuer, good until 2100.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2NsdXN0ZXIuZXhhbXBsZSIsInN1YiI6InBvZCIsImV4cCI6NDEwMjQ0NDgwMH0.c2lnbmF0dXJl";
/// The same, good until 2001.
const OLD_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2NsdXN0ZXIuZXhhbXBsZSIsInN1YiI6InBvZCIsImV4cCI6MTAwMDAwMDAwMH0.c2lnbmF0dXJl";

/// A configuration whose connection says who it is by these lines.
fn config(scratch: &Scratch, practice: &Practice, auth: &str) -> String {
    let url = practice.tenant.url();
    let tenant_id = Config::default().tenant_id;
    let text = format!(
        "connections:\n  defender:\n    kind: defender\n    tenant_id: {tenant_id}\n    endpoint: {url}\n    \
         authority: {url}\n    visibility_delay: 50ms\n    poll: {{ shortest: 20ms, longest: 1s }}\n{auth}"
    );
    scratch.write("riposte.yaml", &text).display().to_string()
}

fn client_id() -> String {
    Config::default().client_id
}

/// Runs a playbook over this connection; whether it succeeded, and what was said.
fn contain(scratch: &Scratch, config: &str) -> (bool, String) {
    contain_in(scratch, config, &[])
}

/// The same with these variables in the environment.
fn contain_in(scratch: &Scratch, config: &str, variables: &[(&str, &str)]) -> (bool, String) {
    let playbook = repository("playbooks/contain-device.yaml");
    let device = format!("device_id={DEVICE}");
    let output = scratch
        .riposte(&["run", &playbook, "-i", &device, "-i", "alert_id=a1", "-c", config])
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

fn knowing() -> Config {
    Config {
        certificates: vec![CERTIFICATE.into()],
        federated_tokens: vec![TOKEN.into(), OLD_TOKEN.into()],
        ..Config::default()
    }
}

/// The lines for each kind, with the files that they name.
fn kinds(scratch: &Scratch, practice: &Practice) -> [String; 5] {
    let bundle = scratch.write("bundle.pem", &format!("{PKCS1}{CERTIFICATE}")).display().to_string();
    let certificate = scratch.write("certificate.pem", CERTIFICATE.trim_end()).display().to_string();
    let key = scratch.write("key.pem", PKCS8).display().to_string();
    let token = scratch.write("token", TOKEN).display().to_string();
    let (id, url) = (client_id(), practice.tenant.url());
    [
        format!("    client_id: {id}\n    certificate: {{ file: {bundle} }}\n"),
        format!(
            "    client_id: {id}\n    certificate: {{ file: {certificate} }}\n    certificate_key: {{ file: {key} }}\n"
        ),
        format!("    client_id: {id}\n    federated_token_file: {token}\n"),
        format!("    managed_identity: {{ kind: vm, endpoint: '{url}' }}\n"),
        format!("    client_id: {id}\n    managed_identity: {{ kind: vm, endpoint: '{url}' }}\n"),
    ]
}

#[test]
fn each_kind_gets_a_token_and_another_one_when_it_is_refused() {
    for kind in 0..5 {
        let scratch = Scratch::new();
        let practice = Practice::with(Config { faults: vec!["isolate=401".parse().unwrap()], ..knowing() });
        let auth = &kinds(&scratch, &practice)[kind];
        let (succeeded, said) = contain(&scratch, &config(&scratch, &practice, auth));
        assert!(succeeded, "{auth}\n{said}");
        assert_eq!(practice.tenant.is_isolated(DEVICE), Some(true), "{auth}");
        let asked = practice.tenant.log().iter().filter(|entry| entry.operation == Operation::Token).count();
        assert_eq!(asked, 2, "{auth}");
    }
}

#[test]
fn an_app_gets_its_token_where_its_environment_says() {
    let faults = vec!["isolate=401".parse().unwrap()];
    let (scratch, practice) = (Scratch::new(), Practice::with(Config { faults, ..Config::default() }));
    let config = config(&scratch, &practice, "    managed_identity: { kind: app_service }\n");
    let (succeeded, said) = contain(&scratch, &config);
    assert!(!succeeded && said.contains("`IDENTITY_ENDPOINT` is not set"), "{said}");
    let endpoint = format!("{}/msi/token", practice.tenant.url());
    let wrong = [("IDENTITY_ENDPOINT", &*endpoint), ("IDENTITY_HEADER", "wrong-header")];
    let (succeeded, said) = contain_in(&scratch, &config, &wrong);
    assert!(!succeeded && said.contains("unauthorized") && !said.contains("wrong-header"), "{said}");
    let right = [("IDENTITY_ENDPOINT", &*endpoint), ("IDENTITY_HEADER", "simulated-identity-header")];
    let (succeeded, said) = contain_in(&scratch, &config, &right);
    assert!(succeeded, "{said}");
    let asked = practice.tenant.log().iter().filter(|entry| entry.operation == Operation::Token).count();
    // What is refused is asked for by the look at the permissions, and by the step that reports it.
    assert_eq!((asked, practice.tenant.is_isolated(DEVICE)), (4, Some(true)));
}

#[test]
fn a_busy_machine_is_asked_again() {
    let scratch = Scratch::new();
    let practice = Practice::with(Config { faults: vec!["token=503".parse().unwrap()], ..knowing() });
    let auth = &kinds(&scratch, &practice)[3];
    let (succeeded, said) = contain(&scratch, &config(&scratch, &practice, auth));
    assert!(succeeded, "{said}");
}

#[test]
fn each_refusal_names_its_code_and_no_proof() {
    let early = Config { clock: Arc::new(ManualClock::default()), ..knowing() };
    for (kind, tenant, expected) in [
        (0, Config { certificates: vec![OTHER.into()], ..Config::default() }, "(AADSTS700027, request "),
        (0, early, "(AADSTS700024, request "),
        (2, Config::default(), "(AADSTS70021, request "),
        (3, Config { managed_identity: false, ..Config::default() }, "(invalid_request): Identity not found"),
        (
            4,
            Config { client_id: "another".into(), ..Config::default() },
            "(invalid_request): Identity not found",
        ),
    ] {
        let (scratch, practice) = (Scratch::new(), Practice::with(tenant));
        let auth = &kinds(&scratch, &practice)[kind];
        let (succeeded, said) = contain(&scratch, &config(&scratch, &practice, auth));
        assert!(!succeeded && said.contains(expected) && said.contains("unauthorized"), "{auth}\n{said}");
        assert!(!said.contains(TOKEN) && !said.contains("PRIVATE KEY"), "{said}");
        assert!(practice.tenant.effects().is_empty());
    }
}

#[test]
fn a_federated_token_that_is_old_or_gone_is_told_apart() {
    let (scratch, practice) = (Scratch::new(), Practice::with(knowing()));
    let auth = &kinds(&scratch, &practice)[2];
    let config = config(&scratch, &practice, auth);
    scratch.write("token", OLD_TOKEN);
    let (_, said) = contain(&scratch, &config);
    assert!(said.contains("(AADSTS700024, request ") && !said.contains(OLD_TOKEN), "{said}");
    std::fs::remove_file(scratch.path("token")).unwrap();
    let (succeeded, said) = contain(&scratch, &config);
    assert!(!succeeded && said.contains("unauthorized"), "{said}");
    assert!(said.contains("the federated token in ") && said.contains(" is not there"), "{said}");
}

#[test]
fn a_certificate_that_cannot_be_used_starts_nothing() {
    let (scratch, practice) = (Scratch::new(), Practice::with(knowing()));
    let id = client_id();
    for (pem, expected) in [
        (CERTIFICATE, "there is no private key"),
        (PKCS8, "there is no certificate"),
        (&*format!("{OTHER}{PKCS8}"), "the private key does not belong to the certificate"),
    ] {
        let file = scratch.write("bundle.pem", pem).display().to_string();
        let auth = format!("    client_id: {id}\n    certificate: {{ file: {file} }}\n");
        let (succeeded, said) = contain(&scratch, &config(&scratch, &practice, &auth));
        assert!(!succeeded && said.contains(expected), "{said}");
        assert!(!said.contains("PRIVATE KEY-----\n"), "{said}");
    }
    assert!(practice.tenant.log().is_empty());
}
