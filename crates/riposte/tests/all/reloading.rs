//! What a daemon does when its playbooks or its configuration change: all is loaded, or nothing, and everybody can see which.

use crate::daemon::{Daemon, get, socket};
use crate::support::{Scratch, config};
use serde_json::Value;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// Much longer than anything takes here.
const LONGEST: Duration = Duration::from_secs(120);

const FIRST: &str = "name: first\nsteps: [{ stop: done }]\n";
const SECOND: &str = "name: second\nsteps: [{ stop: done }]\n";
const BROKEN: &str = "name: second\nsteps: [{ stopp: done }]\n";

struct Listening {
    daemon: Daemon,
    said: Receiver<String>,
}

impl Listening {
    /// A daemon, as soon as it serves.
    fn to(scratch: &Scratch, arguments: &[&str]) -> Listening {
        let (sender, said) = sync_channel(4096);
        let daemon = Daemon::start(scratch, arguments, move |line| {
            let _ = sender.try_send(line.unwrap_or("it has ended").to_owned());
        });
        let listening = Listening { daemon, said };
        listening.hear("riposte takes webhooks");
        listening
    }

    /// Waits until it says that.
    fn hear(&self, words: &str) -> String {
        let mut before = Vec::new();
        loop {
            let line = self.said.recv_timeout(LONGEST).unwrap_or_else(|_| panic!("{words}: {before:#?}"));
            if line.contains(words) {
                return line;
            }
            assert_ne!(line, "it has ended", "{words}: {before:#?}");
            before.push(line);
        }
    }

    fn hang_up(&self) {
        let pid = self.daemon.pid().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    }
}

/// What is told of loading.
fn status(scratch: &Scratch) -> Value {
    let answer = get(&socket(scratch), "/readyz").unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["reload"].clone()
}

/// Puts a file there as editors do.
fn replace(scratch: &Scratch, name: &str, text: &str) {
    let beside = scratch.write(".beside", text);
    std::fs::rename(beside, scratch.path(name)).unwrap();
}

#[test]
fn what_is_changed_is_loaded_or_loudly_is_not() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("playbooks")).unwrap();
    scratch.write("playbooks/first.yaml", FIRST);
    let daemon = Listening::to(&scratch, &["--simulate", "playbooks"]);
    assert_eq!(status(&scratch)["playbooks"], 1);

    replace(&scratch, "playbooks/second.yaml", BROKEN);
    daemon.hear("not loaded, and what was loaded before stays");
    let told = status(&scratch);
    assert_eq!(told["playbooks"], 1);
    let why = told["failed"]["why"].as_str().unwrap();
    insta::assert_snapshot!(why, @"1 playbook with errors, first at playbooks/second.yaml:2:11: a step has no key `stopp`; all is loaded, or nothing");
    let listed = scratch.riposte(&["runs", "list", "--data-dir", "data"]).output().unwrap();
    assert!(listed.status.success());
    let banner = String::from_utf8(listed.stderr).unwrap();
    assert!(
        banner.starts_with("warning: the daemon goes on with what it loaded at ") && banner.contains(why),
        "{banner}"
    );

    replace(&scratch, "playbooks/second.yaml", SECOND);
    daemon.hear(" loaded playbooks=2 ");
    assert_eq!(status(&scratch)["failed"], Value::Null);
    let listed = scratch.riposte(&["runs", "list", "--data-dir", "data"]).output().unwrap();
    assert_eq!(String::from_utf8(listed.stderr).unwrap(), "");

    // Gone altogether, and there again.
    std::fs::rename(scratch.path("playbooks"), scratch.path("elsewhere")).unwrap();
    daemon.hear("not loaded, and what was loaded before stays");
    std::fs::rename(scratch.path("elsewhere"), scratch.path("playbooks")).unwrap();
    daemon.hear(" loaded playbooks=2 ");
}

#[test]
fn a_volume_whose_link_is_moved_is_loaded_anew() {
    let scratch = Scratch::new();
    for (version, files) in [("..one", vec![FIRST]), ("..two", vec![FIRST, SECOND])] {
        std::fs::create_dir_all(scratch.path("playbooks").join(version)).unwrap();
        for (number, text) in files.into_iter().enumerate() {
            scratch.write(&format!("playbooks/{version}/{number}.yaml"), text);
        }
    }
    symlink("..one", scratch.path("playbooks/..data")).unwrap();
    symlink("..data/0.yaml", scratch.path("playbooks/0.yaml")).unwrap();
    symlink("..data/1.yaml", scratch.path("playbooks/1.yaml.new")).unwrap();
    let daemon = Listening::to(&scratch, &["--simulate", "playbooks"]);
    assert_eq!(status(&scratch)["playbooks"], 1);
    symlink("..two", scratch.path("playbooks/..next")).unwrap();
    std::fs::rename(scratch.path("playbooks/..next"), scratch.path("playbooks/..data")).unwrap();
    std::fs::rename(scratch.path("playbooks/1.yaml.new"), scratch.path("playbooks/1.yaml")).unwrap();
    daemon.hear(" loaded playbooks=2 ");
}

const HOOKED: &str = "name: hooked
triggers:
  - webhook: alert
    auth: { bearer: { token: { credential: hook } } }
steps: [{ stop: done }]
";

#[test]
fn the_configuration_is_read_anew_and_says_what_needs_a_restart() {
    let scratch = Scratch::new();
    scratch.write("hooked.yaml", HOOKED);
    let secret = scratch.write("hook.secret", "long-enough-to-be-a-secret");
    let path = config(&scratch, "http://127.0.0.1:9", "11111111-2222-3333-4444-555555555555", "s");
    let connections = std::fs::read_to_string(&path).unwrap();
    let written = |more: &str| {
        let credentials =
            format!("credentials: {{ hook: {{ file: '{}' }}, nobodys: {{ env: X }} }}\n", secret.display());
        replace(&scratch, "riposte.yaml", &format!("{connections}{credentials}{more}"));
    };
    written("");
    let daemon = Listening::to(&scratch, &["hooked.yaml", "--config", &path]);
    assert_eq!(status(&scratch)["webhooks"], 1);

    written("downloads: { limit: 2GiB }\nlisten: 127.0.0.1:1\nwebhooks: { rate: 1/s }\n");
    daemon.hear("changed in the configuration, and counts after a restart");
    daemon.hear(" loaded playbooks=1 webhooks=1 ");
    // `--listen` counts more than `listen`.
    assert_eq!(status(&scratch)["needs_restart"], serde_json::json!(["downloads"]));

    std::fs::remove_file(&secret).unwrap();
    daemon.hang_up();
    let said = daemon.hear("not loaded, and what was loaded before stays");
    let expected =
        "the playbook `hooked` needs the credential `hook` for its webhook `alert`: say where it is";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_webhook_without_its_secret_is_not_served() {
    let scratch = Scratch::new();
    scratch.write("hooked.yaml", HOOKED);
    let path = config(&scratch, "http://127.0.0.1:9", "11111111-2222-3333-4444-555555555555", "s");
    insta::assert_snapshot!(scratch.call(&["serve", "hooked.yaml", "--config", &path]));
    let connections = std::fs::read_to_string(&path).unwrap();
    scratch.write("riposte.yaml", &format!("{connections}credentials: {{ hook: {{ file: gone }} }}\n"));
    insta::assert_snapshot!(scratch.call(&["serve", "hooked.yaml", "--config", &path]));
}
