//! Rules that no compiler knows: who may depend on whom, and how long a file may be.
//!
//! The arrows are those of `ARCHITECTURE.md`. A new one is a decision, so it is made here, in the open.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Each crate of ours and those of ours that it may depend on, as it ships.
const ARROWS: [(&str, &[&str]); 14] = [
    ("riposte-model", &[]),
    ("riposte-expr", &["riposte-model"]),
    ("riposte-playbook", &["riposte-model", "riposte-expr"]),
    ("riposte-engine", &["riposte-model", "riposte-expr", "riposte-playbook"]),
    ("riposte-executor", &["riposte-model", "riposte-expr", "riposte-playbook", "riposte-engine"]),
    ("riposte-journal", &["riposte-model", "riposte-expr", "riposte-playbook", "riposte-engine"]),
    ("riposte-defender", &[]),
    ("riposte-actions", &["riposte-model", "riposte-engine", "riposte-defender"]),
    ("riposte-tenant", &[]),
    (
        "riposte-server",
        &["riposte-model", "riposte-expr", "riposte-playbook", "riposte-engine", "riposte-executor"],
    ),
    (
        "riposte",
        &[
            "riposte-model",
            "riposte-expr",
            "riposte-playbook",
            "riposte-engine",
            "riposte-executor",
            "riposte-journal",
            "riposte-defender",
            "riposte-actions",
            "riposte-tenant",
            "riposte-server",
        ],
    ),
    (
        "riposte-simulation",
        &["riposte-model", "riposte-playbook", "riposte-engine", "riposte-executor", "riposte-tenant"],
    ),
    (
        "riposte-bench",
        &["riposte-model", "riposte-playbook", "riposte-engine", "riposte-actions", "riposte-server"],
    ),
    ("xtask", &[]),
];

/// Crates that may not touch the runtime, the network or a database: their purity is what makes them testable.
const PURE: [&str; 4] = ["riposte-model", "riposte-expr", "riposte-playbook", "riposte-engine"];
const IMPURE: [&str; 4] = ["tokio", "sqlx", "reqwest", "axum"];

/// A file that outgrows this is asking to be split. Tests may be longer: a table of cases is one thought.
const MAX_LINES: usize = 450;

#[expect(clippy::print_stdout, reason = "a chore reports to whoever runs it")]
pub(crate) fn run() -> Result<()> {
    let mut wrong = arrows(&metadata()?)?;
    wrong.extend(lengths(Path::new("crates"))?);
    if wrong.is_empty() {
        println!("tidy: nothing wrong");
        return Ok(());
    }
    bail!("{}", wrong.join("\n"))
}

fn metadata() -> Result<Value> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .context("cargo metadata cannot be run")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn arrows(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or("?");
        let Some((_, allowed)) = ARROWS.iter().find(|(crate_name, _)| *crate_name == name) else {
            wrong.push(format!(
                "{name} is a new crate: give it a place in ARCHITECTURE.md and in {}",
                file!()
            ));
            continue;
        };
        // What only tests use never ships.
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter(|dependency| dependency["kind"] != "dev") {
            let target = dependency["name"].as_str().unwrap_or("?");
            let ours = ARROWS.iter().any(|(crate_name, _)| *crate_name == target);
            if ours && !allowed.contains(&target) {
                wrong.push(format!("{name} may not depend on {target}"));
            }
            if PURE.contains(&name) && IMPURE.contains(&target) {
                wrong.push(format!("{name} is pure and may not depend on {target}"));
            }
        }
    }
    Ok(wrong)
}

fn lengths(folder: &Path) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("tests") {
            wrong.extend(lengths(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let lines = std::fs::read_to_string(&path)?.lines().count();
            if lines > MAX_LINES {
                wrong.push(format!(
                    "{} has {lines} lines, over {MAX_LINES}: where is the seam?",
                    path.display()
                ));
            }
        }
    }
    Ok(wrong)
}
