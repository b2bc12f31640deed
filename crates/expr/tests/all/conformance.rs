//! The language by the conformance files of its specification.

use riposte_expr::{Bindings, Expression, ProblemKind};
use serde_json::{Map, Value};

use crate::deviations::Deviations;

const CASES: &str = include_str!("../cel-conformance/cases.json");
const DEVIATIONS: &str = include_str!("../cel-conformance/deviations.txt");

/// How a case deviates, if it does.
fn deviation(source: &str, bound: &Map<String, Value>, expected: &Value) -> Option<String> {
    let wants_error = expected["error"] == true;
    let expression = match Expression::parse(source) {
        Ok(expression) => expression,
        Err(problems) => {
            let problem = problems.first()?;
            // What we do not serve is no error that the specification asks for.
            let served = problem.kind != ProblemKind::Unsupported;
            return (!(wants_error && served)).then(|| format!("refused: {}", problem.message));
        }
    };
    let mut bindings = Bindings::new();
    for (name, value) in bound {
        bindings = bindings.with(name, value);
    }
    match expression.evaluate(&bindings) {
        Ok(_) if wants_error => Some("a value where the specification has an error".to_owned()),
        Ok(value) => {
            let right = match expected["double"].as_str() {
                Some(double) => value.is_f64() && value.as_f64() == double.parse().ok(),
                None => value == expected["value"],
            };
            (!right).then(|| "answered otherwise".to_owned())
        }
        Err(_) if wants_error => None,
        Err(problem) => Some(format!("failed: {}", problem.message)),
    }
}

#[test]
fn every_deviation_from_the_conformance_files_is_listed() {
    let cases: Value = serde_json::from_str(CASES).unwrap();
    let (mut deviations, mut count, none) = (Deviations::default(), 0, Map::new());
    for (file, sections) in cases["files"].as_object().unwrap() {
        for (section, cases) in sections.as_object().unwrap() {
            for case in cases.as_array().unwrap() {
                let (name, source) = (case[0].as_str().unwrap(), case[1].as_str().unwrap());
                count += 1;
                if let Some(reason) = deviation(source, case[2].as_object().unwrap_or(&none), &case[3]) {
                    deviations.add(reason, format!("{file}/{section}/{name}"));
                }
            }
        }
    }
    assert_eq!(count, 1676);
    deviations.assert_listed(DEVIATIONS);
}
