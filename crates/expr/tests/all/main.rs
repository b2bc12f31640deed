//! What the crate promises, from the outside.

#![expect(clippy::panic, reason = "a failed test says what it was about")]

mod check;
mod compliance;
mod conformance;
mod deviations;
mod difference;
mod evaluate;
mod explain;
mod extensions;
mod facts;
mod hostile;
mod path;
mod places;
mod template;

use riposte_expr::{Bindings, Expression, Problem};
use serde_json::{Value, json};

/// The values that the tests read.
fn inputs() -> Value {
    json!({
        "name": "WS-042",
        "score": 87,
        "ratio": 0.5,
        "big": 18446744073709551615u64,
        "active": true,
        "nothing": null,
        "empty": {},
        "list": [1, 2, 3],
        "names": ["ana", "bo", "ana"],
        "machine": { "id": "m1", "health": "Active", "tags": ["a", "b"], "zeta": 1, "alpha": 2 },
        "alerts": [
            { "id": "a1", "severity": "High", "score": 9 },
            { "id": "a2", "severity": "Low", "score": 2 },
        ],
    })
}

/// Evaluates an expression over [`inputs`].
fn run(source: &str) -> Result<Value, Problem> {
    let value = inputs();
    let expression = Expression::parse(source).unwrap_or_else(|problems| panic!("{source}: {problems:#?}"));
    expression.evaluate(&Bindings::new().with("inputs", &value))
}

#[track_caller]
fn gives(source: &str, expected: &Value) {
    match run(source) {
        // Numbers of different types differ in JSON too: 1 is not 1.0.
        Ok(value) => assert_eq!(&value, expected, "{source}"),
        Err(problem) => panic!("{source}: {problem:#?}"),
    }
}
