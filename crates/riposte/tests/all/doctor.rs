//! `riposte doctor`, against a simulated tenant in which something is wrong, or nothing.

use crate::daemon::Daemon;
use crate::support::{Practice, Scratch, config};
use riposte_tenant::Config;
use std::os::unix::fs::PermissionsExt;

/// A tenant whose clock is so many seconds ahead.
fn ahead(seconds: i64) -> Config {
    let side = if seconds < 0 { "behind" } else { "ahead" };
    let scenario = format!("clock_skew: {{ {side}: {}s }}\n", seconds.abs());
    Config::from_scenario(&scenario, &|_| Err("no files".to_owned())).unwrap()
}

const ISOLATE: &str = "name: isolate-only
triggers:
  - webhook: alert
    auth: { bearer: { token: { credential: hook } } }
    bind: { device_id: $.device }
inputs: { device_id: { type: string } }
steps:
  - { id: isolate, action: defender.isolate_machine, with: { machine_id: '${{ inputs.device_id }}', comment: test } }
";

/// A folder with a playbook, its secrets, and a configuration of a tenant. `more` is added to the configuration.
fn folder(url: &str, secret: &str, more: &str) -> Scratch {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("playbooks")).unwrap();
    scratch.write("playbooks/isolate-only.yaml", ISOLATE);
    scratch.write("hook.secret", "long-enough-to-be-a-secret");
    config(&scratch, url, &Config::default().tenant_id, secret);
    for file in ["hook.secret", "tenant.secret"] {
        std::fs::set_permissions(scratch.path(file), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let connections = std::fs::read_to_string(scratch.path("riposte.yaml")).unwrap();
    let rest = "listen: 127.0.0.1:0\nplaybooks: playbooks\ncredentials: { hook: { file: hook.secret } }\n";
    scratch.write("riposte.yaml", &format!("{connections}{more}{rest}"));
    scratch
}

/// What it says, without what differs from machine to machine.
fn examined(scratch: &Scratch, practice: Option<&Practice>, arguments: &[&str]) -> String {
    let call: Vec<&str> = ["doctor", "--config", "riposte.yaml"].iter().chain(arguments).copied().collect();
    let mut said = scratch.call(&call);
    if let Some(practice) = practice {
        said = said.replace(&practice.tenant.address().to_string(), "TENANT");
    }
    // Entra's id of a request is another one each time.
    if let Some((before, rest)) = said.clone().split_once(", request ") {
        said = format!("{before}, request ID{}", &rest[rest.find(')').unwrap()..]);
    }
    // How much room there is, and what comes of that, is this machine's.
    let is_of_the_disk = |line: &str| {
        line.contains("iB are free for ")
            || line.contains("→ make room")
            || line.ends_with(" warnings")
            || line.ends_with(" warning")
    };
    said.lines().filter(|line| !is_of_the_disk(line)).collect::<Vec<_>>().join("\n")
}

fn of(practice: &Practice) -> Scratch {
    folder(&practice.tenant.url(), &Config::default().client_secret, "")
}

#[test]
fn where_all_is_there_nothing_is_to_be_done() {
    let practice = Practice::new(&[]);
    let scratch = of(&practice);
    scratch
        .riposte(&["run", "playbooks/isolate-only.yaml", "--simulate", "--input", "device_id=x"])
        .output()
        .unwrap();
    insta::assert_snapshot!(examined(&scratch, Some(&practice), &[]));
    // Nobody was acted on.
    assert_eq!(practice.tenant.effects().len(), 0);
}

#[test]
fn a_wrong_secret_is_what_entra_says_it_is() {
    let practice = Practice::new(&[]);
    let scratch = folder(&practice.tenant.url(), "not-the-secret", "");
    insta::assert_snapshot!(examined(&scratch, Some(&practice), &[]));
}

#[test]
fn a_missing_permission_is_told_with_the_action_that_needs_it() {
    let practice =
        Practice::with(Config { permissions: vec!["Machine.Read.All".to_owned()], ..Config::default() });
    let said = examined(&of(&practice), Some(&practice), &[]);
    assert!(said.starts_with("exit 1\n"), "{said}");
    let expected = "error    defender: permissions  the application has not been granted Machine.Isolate: \
                    `defender.isolate_machine` will fail as `forbidden`\n         → grant it in Entra, with admin consent";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn an_application_without_consent_is_told_so() {
    let practice = Practice::with(Config { permissions: Vec::new(), ..Config::default() });
    let said = examined(&of(&practice), Some(&practice), &[]);
    assert!(said.contains("the application has none: nobody has granted admin consent"), "{said}");
    assert!(said.contains("error    defender: api "), "{said}");
}

#[test]
fn clocks_that_are_apart_are_told_by_how_much() {
    for (by, state, side) in
        [(-120, "warning", "ahead of"), (120, "warning", "behind"), (600, "error  ", "behind")]
    {
        let practice = Practice::with(ahead(by));
        let said = examined(&of(&practice), Some(&practice), &[]);
        let clocks: Vec<&str> = said.lines().filter(|line| line.contains("defender: clock")).collect();
        assert_eq!(clocks.len(), 2, "{said}");
        for line in clocks {
            let seconds =
                line.split_once("clock is ").unwrap().1.split_once('s').unwrap().0.parse::<i64>().unwrap();
            assert!((by.abs() - 5..=by.abs() + 30).contains(&seconds), "{by}: {line}");
            assert!(line.starts_with(state) && line.contains(side), "{by}: {line}");
        }
    }
}

#[test]
fn a_tenant_that_is_not_there_is_no_fault_of_the_configuration() {
    let said = examined(&folder("http://127.0.0.1:1", "s", ""), None, &[]);
    assert!(said.starts_with("exit 3\n"), "{said}");
    assert!(said.contains("skipped  defender: api"), "{said}");
}

#[test]
fn secrets_that_everybody_can_read_or_nobody_are_told_of() {
    let practice = Practice::new(&[]);
    let scratch = of(&practice);
    std::fs::set_permissions(scratch.path("tenant.secret"), std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::remove_file(scratch.path("hook.secret")).unwrap();
    std::fs::create_dir_all(scratch.path("data")).unwrap();
    std::fs::set_permissions(scratch.path("data"), std::fs::Permissions::from_mode(0o755)).unwrap();
    insta::assert_snapshot!(examined(&scratch, Some(&practice), &[]));
}

#[test]
fn credentials_are_looked_for_where_the_unit_takes_them_from() {
    let practice = Practice::new(&[]);
    let scratch = of(&practice);
    let text = std::fs::read_to_string(scratch.path("riposte.yaml")).unwrap();
    for place in ["credentials: { hook: { credential: hook } }\n", ""] {
        scratch.write("riposte.yaml", &text.replace("credentials: { hook: { file: hook.secret } }\n", place));
        let said = examined(&scratch, Some(&practice), &[]);
        assert!(
            said.starts_with("exit 1\n") && said.contains("the credential `hook` is not there"),
            "{said}"
        );
        let folder = scratch.path("credentials");
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(scratch.path("hook.secret"), folder.join("hook")).unwrap();
        let said = examined(&scratch, Some(&practice), &[]);
        assert!(said.starts_with("exit 0\n") && said.contains("the credential `hook` can be read"), "{said}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_broken_configuration_does_not_keep_it_from_looking_at_the_rest() {
    let scratch = folder("http://127.0.0.1:1", "s", "retention: much\n");
    let said = examined(&scratch, None, &["--output", "json"]);
    let json: serde_json::Value = serde_json::from_str(
        said.split_once("--- stdout\n").unwrap().1.split_once("\n--- stderr").unwrap().0,
    )
    .unwrap();
    let checks = json["checks"].as_array().unwrap();
    assert_eq!(checks[0]["check"], "configuration");
    assert_eq!(checks[0]["state"], "error");
    assert_eq!(checks[0]["message"], "riposte.yaml has 1 error");
    assert!(checks.iter().any(|check| check["check"] == "daemon" && check["state"] == "skipped"), "{json:#}");
}

#[test]
fn a_running_daemon_is_asked_and_not_disturbed() {
    let practice = Practice::new(&[]);
    let scratch = of(&practice);
    let daemon =
        Daemon::serving(&scratch, &["--config", "riposte.yaml"]).unwrap_or_else(|(_, said)| panic!("{said}"));
    let said = examined(&scratch, Some(&practice), &[]);
    assert!(said.contains("ok       daemon") && said.contains("; playbooks: 1"), "{said}");
    assert!(said.contains("no damage seen at a quick look"), "{said}");
    daemon.terminate();
    assert!(daemon.wait().0.success());
}

#[test]
fn names_of_other_services_are_looked_up_and_not_called() {
    let practice = Practice::new(&[]);
    let scratch = of(&practice);
    let text = std::fs::read_to_string(scratch.path("riposte.yaml")).unwrap();
    let http =
        "  http: { kind: http, allow_hosts: [localhost, 'nowhere.invalid', '*.example.com', 192.0.2.1] }\n";
    scratch.write("riposte.yaml", &text.replace("listen:", &format!("{http}listen:")));
    let said = examined(&scratch, Some(&practice), &[]);
    assert!(said.contains("http: hosts") && said.contains("names that have an address: 1"), "{said}");
    assert!(said.contains("nowhere.invalid"), "{said}");
    assert!(said.starts_with("exit 3\n"), "{said}");
}
