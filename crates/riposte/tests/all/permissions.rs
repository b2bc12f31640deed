//! What a run says beforehand of permissions that the application lacks.

use crate::support::{DEVICE, Practice, Scratch};
use riposte_tenant::{Config, EffectKind};

const STEPS: &str = "name: isolate-only
steps:
  - { id: device, action: defender.get_machine, with: { machine_id: DEVICE } }
  - { id: isolate, action: defender.isolate_machine, with: { machine_id: DEVICE, comment: test } }
";

fn said(permissions: &[&str]) -> (String, usize) {
    let permissions = permissions.iter().map(|one| (*one).to_owned()).collect();
    let (scratch, practice) = (Scratch::new(), Practice::with(Config { permissions, ..Config::default() }));
    scratch.write("isolate-only.yaml", &STEPS.replace("DEVICE", DEVICE));
    let config = practice.config(&scratch);
    let run = scratch.riposte(&["run", "isolate-only.yaml", "--config", &config]).output().unwrap();
    (String::from_utf8(run.stderr).unwrap(), practice.count(EffectKind::Isolate))
}

#[test]
fn a_permission_that_is_not_granted_is_told_before_anything_is_done() {
    let (said, isolated) = said(&["Machine.Read.All"]);
    let lines: Vec<&str> = said.lines().collect();
    insta::assert_snapshot!(lines[0], @"warning: the application has not been granted Machine.Isolate: `defender.isolate_machine` will fail as `forbidden`; grant it in Entra, with admin consent");
    assert!(lines[1].contains("has started") && said.contains("isolate  failed: forbidden"), "{said}");
    assert_eq!(isolated, 0);
}

#[test]
fn what_is_granted_is_not_talked_about() {
    let (said, isolated) = said(&["Machine.ReadWrite.All", "Machine.Isolate"]);
    assert!(!said.contains("warning"), "{said}");
    assert_eq!(isolated, 1);
}
