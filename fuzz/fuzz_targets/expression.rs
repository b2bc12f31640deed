//! Any text is an expression or has problems with places; what compiles can be checked, evaluated and explained.

#![no_main]

use libfuzzer_sys::fuzz_target;
use riposte_expr::{Bindings, Explained, Expression, Outcome, Problem, Scope, Template};
use riposte_model::Schema;
use serde_json::{Value, json};
use std::sync::LazyLock;

static INPUTS: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "name": "WS-042", "score": 87, "ratio": 0.5, "big": 18446744073709551615u64, "active": true, "nothing": null,
        "list": [1, 2.5, "x", null, [1], { "a": 1 }], "names": ["ana", "bo", "ana"], "text": "é\u{202e} long ".repeat(300),
        "alerts": (0..40).map(|n| json!({ "id": format!("a{n}"), "score": n, "ip": "10.0.0.1" })).collect::<Vec<_>>(),
    })
});
static SCOPE: LazyLock<Scope> =
    LazyLock::new(|| Scope::new().with("inputs", Schema::any()).with("l", Schema::any()));

fn placed(source: &str, problem: &Problem) {
    assert!(source.get(problem.span.clone()).is_some(), "{source:?}: {problem:?}");
    assert!(!problem.message.contains('\n'), "{source:?}: {problem:?}");
}

fn told(source: &str, part: &Explained) {
    assert_eq!(source.get(part.span.clone()), Some(part.source.as_str()), "{source:?}: {part:?}");
    match &part.outcome {
        Outcome::Value(shown) => assert!(shown.text.len() < 10_000, "{}", shown.text.len()),
        Outcome::Failed(problem) => placed(source, problem),
        Outcome::FailedInside | Outcome::NotEvaluated => {}
    }
    // Each part is an expression of its own. (Looked at where it is cheap: parsing takes a thread.)
    if part.parts.len() > 1 && source.len() < 60 {
        assert!(Expression::parse(&part.source).is_ok(), "{source:?}: {:?}", part.source);
    }
    part.parts.iter().for_each(|part| told(source, part));
    let passes = part.passes.iter().flat_map(|passes| &passes.first);
    passes.flat_map(|pass| &pass.parts).for_each(|part| told(source, part));
}

fuzz_target!(|source: &str| {
    let list = json!([3, 0, -1]);
    let bindings = Bindings::new().with("inputs", &INPUTS).with("l", &list);
    match Expression::parse(source) {
        Err(problems) => {
            assert!(!problems.is_empty());
            problems.iter().for_each(|problem| placed(source, problem));
        }
        Ok(expression) => {
            let checked = expression.check(&SCOPE);
            checked.problems.iter().for_each(|problem| placed(source, problem));
            for reference in expression.references() {
                assert!(source.get(reference.span.clone()).is_some(), "{source:?}");
            }
            let result = expression.evaluate(&bindings);
            if let Err(problem) = &result {
                placed(source, problem);
            }
            let explanation = expression.explain(&bindings);
            assert_eq!(explanation.result, result, "{source:?}");
            explanation.expressions.iter().for_each(|part| told(source, part));
            assert_eq!(expression.evaluate(&bindings), result, "the same again: {source:?}");
        }
    }
    match Template::parse(source) {
        Err(problems) => problems.iter().for_each(|problem| placed(source, problem)),
        Ok(template) => {
            let explanation = template.explain(&bindings);
            assert_eq!(explanation.result, template.evaluate(&bindings), "{source:?}");
            explanation.expressions.iter().for_each(|part| told(source, part));
        }
    }
});
