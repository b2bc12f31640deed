//! What the documents say, tried.

use crate::documents::{blocks, playbooks, text};
use crate::support::{Practice, Scratch, repository};
use riposte_actions::catalogue;
use riposte_playbook::{Style, load_all};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

/// The playbook's name in a source that has one.
fn name(source: &str) -> &str {
    source.lines().find_map(|line| line.strip_prefix("name: ")).unwrap()
}

#[test]
fn every_playbook_and_every_part_of_one_in_the_documents_loads_without_a_word() {
    let shipped = std::fs::read_dir(repository("playbooks")).unwrap().map(|entry| entry.unwrap().path());
    let shipped: Vec<String> = shipped
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for document in ["README.md", "docs/playbooks.md"] {
        let sources = playbooks(document);
        assert!(!sources.is_empty(), "{document}");
        for source in &sources {
            // Those that it may call: one of each name, itself before all others.
            let mut files = vec![("block.yaml".to_owned(), source.clone())];
            for other in shipped.iter().chain(&sources) {
                if files.iter().all(|(_, known)| name(known) != name(other)) {
                    files.push((format!("{}.yaml", name(other)), other.clone()));
                }
            }
            let report = &load_all(files, &catalogue())[0].report;
            assert!(report.is_empty(), "{document}:\n{source}\n{}", report.render(Style::Plain));
        }
    }
}

/// What happens in the tutorial, in order.
enum Event<'t> {
    /// A file is written.
    File(&'t str, &'t str),
    /// A command is called, and says this.
    Call(&'t str, &'t str),
}

fn events(tutorial: &str) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    let mut parts = tutorial.split("```");
    let mut before = parts.next().unwrap();
    while let (Some(block), Some(after)) = (parts.next(), parts.next()) {
        let (language, body) = block.split_once('\n').unwrap();
        match language {
            // The last words before it are the file's name.
            "yaml" | "json" => {
                let line = before.trim_end().lines().last().unwrap();
                let file = line.split('`').rev().nth(1).unwrap_or_else(|| panic!("no file's name: {line}"));
                events.push(Event::File(file, body));
            }
            "console" => {
                let (command, said) = body.split_once('\n').unwrap();
                events.push(Event::Call(command.strip_prefix("$ ").unwrap(), said));
            }
            other => panic!("a block in `{other}`"),
        }
        before = after;
    }
    events
}

/// A text without what differs from run to run: ids, times, the tenant's port and pace, and the width of columns.
fn steady(text: &str) -> Vec<String> {
    let is_time = |word: &str| {
        let number = word.trim_start_matches('+').trim_end_matches([':', ',']);
        let number = number.strip_suffix("ms").or(number.strip_suffix('s')).unwrap_or("-");
        number.parse::<f64>().is_ok()
    };
    let is_moment = |word: &str| word.len() == 24 && word.starts_with("20") && word.ends_with('Z');
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let steady = |word: &str| {
        if is_time(word) {
            "TIME".to_owned()
        } else if is_moment(word) {
            "MOMENT".to_owned()
        } else if word.starts_with("run_") {
            "RUN".to_owned()
        } else if is_id(word.trim_end_matches([')', ':'])) {
            "ID".to_owned()
        } else if ["Pending", "InProgress", "Succeeded"].contains(&word) {
            "STANDING".to_owned()
        } else if word.starts_with("127.0.0.1:") {
            "TENANT".to_owned()
        } else {
            word.to_owned()
        }
    };
    let lines = text.trim().lines();
    lines.map(|line| line.split_whitespace().map(steady).collect::<Vec<_>>().join(" ")).collect()
}

/// The words of a command, as a shell would find them in the simple ones of the tutorial.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

/// `curl -s -d FAULT ADDRESS`, at the tenant of this test.
fn post_fault(practice: &Practice, fault: &str) -> String {
    let mut stream = TcpStream::connect(practice.tenant.address()).unwrap();
    let length = fault.len();
    write!(
        stream,
        "POST /_tenant/faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{fault}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn the_tutorial_shows_what_really_happens() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    std::fs::rename(practice.config(&scratch), scratch.path("sim.yaml")).unwrap();
    std::fs::create_dir(scratch.path("playbooks")).unwrap();
    let text = text("docs/playbooks.md");
    let tutorial = text.split("\n## ").find(|section| section.starts_with("Fifteen minutes\n")).unwrap();
    let mut calls = 0;
    for event in events(tutorial) {
        let (command, expected) = match event {
            Event::File(file, text) => {
                scratch.write(file, text);
                continue;
            }
            Event::Call(command, expected) => (command, expected),
        };
        calls += 1;
        let mut words = words(command);
        let said = match words.remove(0).as_str() {
            "curl" => post_fault(&practice, &words[2]),
            "riposte" => {
                for word in words.iter_mut().filter(|word| word.starts_with("run_")) {
                    *word = newest_run(&scratch);
                }
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let output = scratch.riposte(&words).output().unwrap();
                let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
                String::from_utf8(said).unwrap()
            }
            other => panic!("the tutorial calls `{other}`"),
        };
        assert_eq!(steady(&said), steady(expected), "{command}\n{said}");
    }
    assert!(calls > 10, "{calls}");
}

fn newest_run(scratch: &Scratch) -> String {
    let output = scratch.riposte(&["runs", "list", "--output", "json"]).output().unwrap();
    let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    runs[0]["run_id"].as_str().unwrap().to_owned()
}

/// What a `--help` lists below a heading: the first word of each entry.
fn listed(help: &str, heading: &str) -> Vec<String> {
    let below = help.lines().skip_while(|line| *line != heading).skip(1);
    let entries = below.take_while(|line| !line.is_empty() || heading == "Options:");
    let words = entries.filter_map(|line| {
        let line = line.trim_start();
        let long = line.split_whitespace().find(|word| word.starts_with("--"));
        if heading == "Options:" { long.filter(|_| line.starts_with('-')) } else { line.split(' ').next() }
    });
    words.map(|word| word.trim_end_matches("...").to_owned()).collect()
}

#[test]
fn the_page_of_the_command_line_names_every_command_and_every_option() {
    let scratch = Scratch::new();
    let page = text("docs/cli.md");
    let help = |words: &[&str]| {
        let words: Vec<&str> = words.iter().copied().chain(["--help"]).collect();
        String::from_utf8(scratch.riposte(&words).output().unwrap().stdout).unwrap()
    };
    // Each command, and the options that it alone has.
    let mut commands: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for command in listed(&help(&[]), "Commands:").into_iter().filter(|command| command != "help") {
        let inner = listed(&help(&[&command]), "Commands:");
        let inner: Vec<&String> = inner.iter().filter(|inner| *inner != "help").collect();
        if inner.is_empty() {
            commands.insert(command.clone(), listed(&help(&[&command]), "Options:"));
        }
        for inner in inner {
            commands.insert(format!("{command} {inner}"), listed(&help(&[&command, inner]), "Options:"));
        }
    }
    assert!(commands.len() >= 9, "{commands:?}");
    for (command, options) in commands {
        let row = page.lines().find(|line| line.starts_with(&format!("| `riposte {command}")));
        let row = row.unwrap_or_else(|| panic!("no row for `riposte {command}`"));
        assert!(options.contains(&"--help".to_owned()), "{command}: {options:?}");
        for option in
            options.iter().filter(|option| !["--help", "--version", "--verbose"].contains(&option.as_str()))
        {
            assert!(
                row.contains(&format!("`{option}")),
                "`riposte {command}` has {option}, and its row does not: {row}"
            );
        }
    }
}

#[test]
fn the_readme_counts_the_actions_and_the_playbooks_rightly() {
    let actions = catalogue().iter().filter(|spec| spec.name.connection() == "defender").count();
    let folder = std::fs::read_dir(repository("playbooks")).unwrap();
    let playbooks = folder
        .filter(|entry| {
            entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "yaml")
        })
        .count();
    let readme = text("README.md");
    assert!(readme.contains(&format!("{actions} actions")), "{actions} actions");
    assert!(readme.contains(&format!("{playbooks} playbooks")), "{playbooks} playbooks");
    assert!(!blocks(&readme, "yaml").is_empty());
}

#[test]
fn every_link_in_the_documents_leads_to_a_file() {
    let decisions = std::fs::read_dir(repository("docs/decisions")).unwrap();
    let decisions: Vec<String> =
        decisions.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let index = text("docs/decisions/README.md");
    for decision in decisions.iter().filter(|name| *name != "README.md") {
        assert!(index.contains(&format!("({decision})")), "the index of decisions lacks {decision}");
    }
    let pages = [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "docs/cli.md",
        "docs/operate.md",
        "docs/playbooks.md",
        "docs/simulator.md",
        "playbooks/README.md",
    ];
    let decisions = decisions.iter().map(|name| format!("docs/decisions/{name}"));
    for page in pages.map(str::to_owned).into_iter().chain(decisions) {
        let text = text(&page);
        let folder = std::path::Path::new(&page).parent().unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { folder.join(file).display().to_string() };
            let target = std::path::Path::new(&repository(".")).join(target);
            assert!(target.exists(), "{page}: {link}");
            if !anchor.is_empty() {
                let there = std::fs::read_to_string(&target).unwrap();
                assert!(there.lines().any(|line| slug(line).as_deref() == Some(anchor)), "{page}: {link}");
            }
        }
    }
}

/// What a heading is called in links; none of any other line.
fn slug(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim();
    let kept = heading
        .chars()
        .filter(|character| character.is_alphanumeric() || *character == ' ' || *character == '-');
    Some(kept.collect::<String>().to_lowercase().replace(' ', "-"))
}
