//! Every code has its page in `docs/errors`, and what the page shows is true.
//!
//! A page has a title, words, and two sections. The YAML blocks of a section are files that are loaded together: those of
//! `## Wrong` have this problem and no other, those of `## Right` none. Where words stand in place of a wrong file,
//! because it would be too large or could not be seen, [`too_much`] writes it.

use crate::support::repository;
use riposte_actions::catalogue;
use riposte_playbook::{Code, Diagnostic, MAX_SOURCE, Style, load_all};
use std::collections::{BTreeMap, BTreeSet};

/// One page.
struct Page {
    title: String,
    wrong: Vec<String>,
    right: Vec<String>,
}

/// Every page, by its code.
fn pages() -> BTreeMap<String, Page> {
    let folder = std::fs::read_dir(repository("docs/errors")).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    paths
        .filter_map(|path| {
            let code = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (code != "README").then(|| (code, page(&std::fs::read_to_string(path).unwrap())))
        })
        .collect()
}

fn page(text: &str) -> Page {
    let (title, rest) = text.split_once('\n').unwrap();
    let (_, rest) = rest.split_once("\n## Wrong\n").expect("a page has a section `Wrong`");
    let (wrong, right) = rest.split_once("\n## Right\n").expect("a page has a section `Right`");
    Page { title: title.to_owned(), wrong: blocks(wrong), right: blocks(right) }
}

fn blocks(text: &str) -> Vec<String> {
    let behind = text.split("```yaml\n").skip(1);
    behind.map(|rest| rest.split_once("\n```\n").expect("a block ends").0.to_owned() + "\n").collect()
}

/// What is found in files that are loaded together, and how a person sees it.
fn found(files: &[String]) -> (Vec<Diagnostic>, String) {
    let named = |(number, source): (usize, &String)| (format!("{}.yaml", number + 1), source.clone());
    let loaded = load_all(files.iter().enumerate().map(named).collect(), &catalogue());
    let found = loaded.iter().flat_map(|loaded| loaded.report.diagnostics().to_vec()).collect();
    (found, loaded.iter().map(|loaded| loaded.report.render(Style::Plain)).collect())
}

/// A wrong file that no page can show.
fn too_much(code: Code) -> Option<String> {
    let steps = "name: a\nsteps:\n  - wait: 1m\n";
    match code {
        Code::FileTooLarge => Some(format!("{steps}# {}\n", "x".repeat(MAX_SOURCE))),
        Code::TooManyNodes => {
            Some(format!("name: a\nsteps:\n  - set: {{ x: [{}] }}\n", "1, ".repeat(20_000)))
        }
        Code::Character => Some(format!("{steps}  - stop: \u{1b}[31mred\n")),
        Code::MoreProblems => Some("name: a\nsteps:\n".to_owned() + &"  - wait: 1\n".repeat(101)),
        _ => None,
    }
}

/// What the page shows as wrong, or what stands for it.
fn wrong(code: Code, page: &Page) -> Vec<String> {
    match too_much(code) {
        Some(source) => {
            assert!(page.wrong.is_empty(), "{code} shows a file, and the test writes another one");
            vec![source]
        }
        None => page.wrong.clone(),
    }
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let codes: BTreeSet<String> = Code::ALL.iter().map(ToString::to_string).collect();
    let pages: BTreeSet<String> = pages().into_keys().collect();
    assert_eq!(codes, pages);
}

#[test]
fn every_wrong_example_has_this_problem_and_no_other() {
    let pages = pages();
    let mut others = String::new();
    for code in Code::ALL {
        let (found, drawn) = found(&wrong(*code, &pages[code.as_str()]));
        let codes: BTreeSet<Code> = found.iter().map(|problem| problem.code).collect();
        let is_alone = match code {
            // These are only said of others.
            Code::MoreProblems | Code::BrokenPlaybook => codes.contains(code),
            _ => codes == BTreeSet::from([*code]),
        };
        if !is_alone {
            others.push_str(&format!("{code} is shown by this:\n{drawn}\n"));
        }
    }
    assert!(others.is_empty(), "{others}");
}

#[test]
fn every_right_example_loads_without_a_word() {
    let mut said = String::new();
    for (code, page) in pages() {
        assert!(!page.right.is_empty(), "{code} shows nothing that is right");
        let (_, drawn) = found(&page.right);
        if !drawn.is_empty() {
            said.push_str(&format!("{code}:\n{drawn}\n"));
        }
    }
    assert!(said.is_empty(), "{said}");
}

#[test]
fn every_problem_says_what_to_do() {
    let pages = pages();
    for code in Code::ALL {
        for problem in found(&wrong(*code, &pages[code.as_str()])).0 {
            let says = !problem.help.is_empty() && problem.help.iter().all(|help| !help.trim().is_empty());
            assert!(says, "{code}: {}", problem.message);
        }
    }
}

#[test]
fn the_index_lists_every_page_with_its_title_and_its_severity() {
    let index = std::fs::read_to_string(repository("docs/errors/README.md")).unwrap();
    let listed: Vec<&str> = index.lines().filter(|line| line.starts_with("| [RP")).collect();
    let pages = pages();
    let expected: Vec<String> = Code::ALL
        .iter()
        .map(|code| {
            let page = &pages[code.as_str()];
            let title =
                page.title.strip_prefix(&format!("# {code}: ")).expect("a title begins with the code");
            let (found, _) = found(&wrong(*code, page));
            let problem = found.iter().find(|problem| problem.code == *code).unwrap();
            format!("| [{code}]({code}.md) | {title} | {} |", problem.severity.as_str())
        })
        .collect();
    assert_eq!(listed, expected);
}
