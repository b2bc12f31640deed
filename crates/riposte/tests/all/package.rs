//! What the Debian package installs, as far as it can be tried without installing it.

use crate::daemon::Daemon;
use crate::support::{Scratch, repository};
use std::path::Path;

#[test]
fn the_daemon_starts_as_installed_and_acts_on_nobody() {
    let scratch = Scratch::new();
    let playbooks = repository("deploy/etc/playbooks");
    let text = std::fs::read_to_string(repository("deploy/etc/riposte.yaml")).unwrap();
    assert!(text.contains("connections: {}"), "{text}");
    let text = text.replace("/etc/riposte/playbooks", &playbooks).replace("127.0.0.1:8750", "127.0.0.1:0");
    let config = scratch.write("riposte.yaml", &text).display().to_string();
    let _daemon =
        Daemon::serving(&scratch, &["--config", &config]).unwrap_or_else(|(_, said)| panic!("{said}"));
    let begun = scratch.call(&["trigger", "hello"]);
    assert!(begun.starts_with("exit 0\n--- stdout\nrun_"), "{begun}");
}

/// A file that is gone would be missed only by whoever builds the next package.
#[test]
fn every_file_of_the_package_is_there() {
    let manifest = std::fs::read_to_string(repository("crates/riposte/Cargo.toml")).unwrap();
    let assets = manifest.lines().filter_map(|line| line.trim().strip_prefix("[\"../../")?.split_once('"'));
    let mut count = 0;
    for (source, _) in assets {
        let path = repository(".");
        let path = Path::new(&path).join(source);
        let pattern = path.file_name().unwrap().to_str().unwrap();
        let found = match pattern.strip_prefix('*') {
            None => path.is_file(),
            Some(end) => std::fs::read_dir(path.parent().unwrap())
                .unwrap()
                .any(|entry| entry.unwrap().file_name().to_str().unwrap().ends_with(end)),
        };
        assert!(found, "{source}");
        count += 1;
    }
    assert!(count > 8, "{count}");
    let unit = std::fs::read_to_string(repository("deploy/riposte.service")).unwrap();
    assert!(unit.contains("ExecStart=/usr/bin/riposte serve --config /etc/riposte/riposte.yaml\n"), "{unit}");
    for file in ["deploy/riposte.sysusers", "deploy/riposte.tmpfile", "deploy/debian/postrm"] {
        assert!(Path::new(&repository(file)).is_file());
    }
}
