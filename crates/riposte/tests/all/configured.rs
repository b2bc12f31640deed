//! `riposte check --config`, and what the environment says.

use crate::support::{Practice, Scratch};

const CONNECTION: &str = "\
connections:
  defender: { kind: defender, tenant_id: t, client_id: c, client_secret: { file: gone } }
";

const HOOKED: &str = "name: hooked
triggers:
  - webhook: alert
    auth: { bearer: { token: { credential: hook } } }
steps: [{ stop: done }]
";

fn folder() -> Scratch {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("books")).unwrap();
    scratch.write("books/hooked.yaml", HOOKED);
    scratch
}

#[test]
fn a_configuration_is_checked_alone_or_with_its_playbooks() {
    let scratch = folder();
    scratch.write("alone.yaml", CONNECTION);
    scratch.write(
        "with.yaml",
        &format!("{CONNECTION}playbooks: books\ncredentials: {{ other: {{ env: O }} }}\n"),
    );
    scratch.write("bad.yaml", &format!("{CONNECTION}listen: here\n"));
    let said = [
        vec!["--config", "alone.yaml"],
        vec!["--config", "with.yaml"],
        vec!["--config", "bad.yaml", "books"],
        vec!["--config", "missing.yaml"],
        vec!["--config", "with.yaml", "--format", "json"],
        vec!["--config", "with.yaml", "--format", "github"],
    ]
    .map(|arguments| {
        let call: Vec<&str> = std::iter::once("check").chain(arguments).collect();
        format!("### {}\n{}", call.join(" "), scratch.call(&call))
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_configuration_among_playbooks_is_told_from_them() {
    let scratch = folder();
    scratch.write("books/riposte.yaml", CONNECTION);
    insta::assert_snapshot!(scratch.call(&["check", "books"]));
}

#[test]
fn hidden_files_are_no_playbooks() {
    let scratch = folder();
    std::fs::create_dir(scratch.path("books/..old")).unwrap();
    scratch.write("books/..old/hooked.yaml", HOOKED);
    std::os::unix::fs::symlink("nowhere", scratch.path("books/.#hooked.yaml")).unwrap();
    let said = scratch.call(&["check", "books"]);
    assert!(said.contains("1 playbook checked, no errors"), "{said}");
}

#[test]
fn the_environment_overrides_the_file_and_a_slip_in_it_is_an_error() {
    let (scratch, practice) = (folder(), Practice::new(&[]));
    let device = crate::support::DEVICE;
    scratch.write(
        "look.yaml",
        &format!(
            "name: look\nsteps: [{{ action: defender.get_machine, with: {{ machine_id: {device} }} }}]\n"
        ),
    );
    let path = practice.config(&scratch);
    let text = std::fs::read_to_string(&path).unwrap();
    scratch.write("riposte.yaml", &text.replace(&practice.tenant.url(), "http://127.0.0.1:9"));
    let url = practice.tenant.url();
    let run = |variables: &[(&str, &str)], arguments: &[&str]| {
        let call: Vec<&str> = ["run", "look.yaml"].iter().chain(arguments).copied().collect();
        scratch.riposte(&call).envs(variables.iter().copied()).output().unwrap()
    };
    let endpoint = ("RIPOSTE_CONNECTIONS_DEFENDER_ENDPOINT", url.as_str());
    let authority = ("RIPOSTE_CONNECTIONS_DEFENDER_AUTHORITY", url.as_str());
    assert!(run(&[endpoint, authority], &["--config", &path]).status.success());

    let slip = run(&[("RIPOSTE_CONNECTION_DEFENDER_ENDPOINT", &url)], &["--config", &path]);
    assert_eq!(slip.status.code(), Some(2));
    let said = String::from_utf8(slip.stderr).unwrap();
    assert!(said.contains("did you mean `RIPOSTE_CONNECTIONS_DEFENDER_ENDPOINT`?"), "{said}");

    // Without a file, all of it.
    let whole =
        text.split_once("defender:\n").unwrap().1.lines().map(str::trim).collect::<Vec<_>>().join(", ");
    assert!(run(&[("RIPOSTE_CONNECTIONS_DEFENDER", &format!("{{ {whole} }}"))], &[]).status.success());
    // What is only tried out is not kept from it.
    assert!(run(&[("RIPOSTE_LISTEN", "nowhere")], &["--simulate"]).status.success());
}
