//! What is made out of the command line: completions and man pages.

use crate::support::Scratch;
use std::io::Write;
use std::process::{Command, Stdio};

fn completions(shell: &str) -> String {
    let output = Scratch::new().riposte(&["completions", shell]).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bash_understands_its_completions() {
    let mut bash =
        Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(completions("bash").as_bytes()).unwrap();
    let output = bash.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn every_shell_completes_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = completions(shell);
        for word in ["doctor", "scenario", "reason", "prune"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

/// The commands that a page lists, each with the page that tells more.
fn commands(scratch: &Scratch, words: &[&str]) -> Vec<String> {
    let call: Vec<&str> = words.iter().copied().chain(["--help"]).collect();
    let help = String::from_utf8(scratch.riposte(&call).output().unwrap().stdout).unwrap();
    let below =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    below
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|name| name != "help")
        .collect()
}

#[test]
fn every_command_has_a_page() {
    let scratch = Scratch::new();
    let output = scratch.riposte(&["man", "--dir", "pages"]).output().unwrap();
    assert!(output.status.success());
    let page = |name: &str| std::fs::read_to_string(scratch.path("pages").join(format!("{name}.1"))).unwrap();
    let first = page("riposte");
    let mut count = 0;
    for command in commands(&scratch, &[]) {
        assert!(first.contains(&format!("riposte\\-{command}(1)")), "{command}: {first}");
        assert!(page(&format!("riposte-{command}")).starts_with(".ie"), "{command}");
        for inner in commands(&scratch, &[&command]) {
            page(&format!("riposte-{command}-{inner}"));
        }
        count += 1;
    }
    assert!(count > 15, "{count}");
    let shown = scratch.riposte(&["man"]).output().unwrap();
    assert!(first.starts_with(String::from_utf8(shown.stdout).unwrap().lines().next().unwrap()));
}
