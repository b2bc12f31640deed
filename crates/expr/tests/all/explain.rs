//! What `explain` tells: the same answer as an evaluation, and how it came about.

use proptest::prelude::*;
use riposte_expr::{Bindings, Explained, Explanation, Expression, Outcome, ProblemKind, Template};
use serde_json::json;

use crate::inputs;

fn explain(source: &str) -> Explanation {
    let value = inputs();
    let expression = Expression::parse(source).unwrap_or_else(|problems| panic!("{source}: {problems:#?}"));
    expression.explain(&Bindings::new().with("inputs", &value))
}

/// The whole tree, a line a part.
fn told(explanation: &Explanation) -> String {
    let mut lines = Vec::new();
    explanation.expressions.iter().for_each(|part| tell(part, 0, &mut lines));
    lines.join("\n")
}

fn tell(part: &Explained, depth: usize, lines: &mut Vec<String>) {
    let outcome = match &part.outcome {
        Outcome::Value(shown) => format!("{} ({})", shown.text, shown.sort),
        Outcome::Failed(problem) => format!("failed: {}", problem.message),
        Outcome::FailedInside => "failed inside".to_owned(),
        Outcome::NotEvaluated => "not evaluated".to_owned(),
    };
    let indent = "  ".repeat(depth);
    lines.push(format!("{indent}{} {:?} => {outcome}", part.source, part.span));
    part.parts.iter().for_each(|part| tell(part, depth + 1, lines));
    if let Some(passes) = &part.passes {
        for pass in &passes.first {
            lines.push(format!("{indent}  {} = {}", passes.variable, pass.item.text));
            pass.parts.iter().for_each(|part| tell(part, depth + 2, lines));
        }
        if passes.more > 0 {
            lines.push(format!("{indent}  {} more", passes.more));
        }
    }
}

#[track_caller]
fn tells(source: &str, expected: &str) {
    let expected: Vec<&str> = expected.trim_start_matches('\n').trim_end().lines().collect();
    let indent = expected.first().map_or(0, |line| line.len() - line.trim_start().len());
    let expected: Vec<&str> = expected.iter().map(|line| line.get(indent..).unwrap_or("")).collect();
    assert_eq!(told(&explain(source)), expected.join("\n"), "{source}");
}

#[test]
fn every_part_has_its_text_its_place_and_its_value() {
    tells(
        "inputs.score > 50 && inputs.name == 'x'",
        r#"
        inputs.score > 50 && inputs.name == 'x' 0..39 => false (a boolean)
          inputs.score > 50 0..17 => true (a boolean)
            inputs.score 0..12 => 87 (an int)
              inputs 0..6 => {"name":"WS-042","score":87,"ratio":0.5,"big":18446744073709551615,"active":true,"nothing":null,"empty":{},"list":[1,2,3],"names":["ana","bo","ana"],"machine":{"id":"m1","health":"Active","tags":["a","b"],"zeta":1,… 1 more},… 1 more} (a map)
            50 15..17 => 50 (an int)
          inputs.name == 'x' 21..39 => false (a boolean)
            inputs.name 21..32 => "WS-042" (a string)
              inputs 21..27 => {"name":"WS-042","score":87,"ratio":0.5,"big":18446744073709551615,"active":true,"nothing":null,"empty":{},"list":[1,2,3],"names":["ana","bo","ana"],"machine":{"id":"m1","health":"Active","tags":["a","b"],"zeta":1,… 1 more},… 1 more} (a map)
            'x' 36..39 => "x" (a string)
        "#,
    );
}

#[test]
fn what_was_decided_without_is_told_as_not_evaluated() {
    tells(
        "false && 1 / 0 == 1 ? 2 : 3",
        r"
        false && 1 / 0 == 1 ? 2 : 3 0..27 => 3 (an int)
          false && 1 / 0 == 1 0..19 => false (a boolean)
            false 0..5 => false (a boolean)
            1 / 0 == 1 9..19 => not evaluated
              1 / 0 9..14 => not evaluated
                1 9..10 => not evaluated
                0 13..14 => not evaluated
              1 18..19 => not evaluated
          2 22..23 => not evaluated
          3 26..27 => 3 (an int)
        ",
    );
}

#[test]
fn a_problem_is_told_where_it_arose_and_its_absorption_too() {
    tells(
        "1 / 0 == 1 || true",
        r"
        1 / 0 == 1 || true 0..18 => true (a boolean)
          1 / 0 == 1 0..10 => failed inside
            1 / 0 0..5 => failed: division by zero
              1 0..1 => 1 (an int)
              0 4..5 => 0 (an int)
            1 9..10 => not evaluated
          true 14..18 => true (a boolean)
        ",
    );
}

#[test]
fn a_loop_tells_each_item_it_looked_at() {
    tells(
        "[1, 2, 3].exists(n, n == 2)",
        r"
        [1, 2, 3].exists(n, n == 2) 0..27 => true (a boolean)
          [1, 2, 3] 0..9 => [1,2,3] (a list)
            1 1..2 => 1 (an int)
            2 4..5 => 2 (an int)
            3 7..8 => 3 (an int)
          n = 1
            n == 2 20..26 => false (a boolean)
              n 20..21 => 1 (an int)
              2 25..26 => 2 (an int)
          n = 2
            n == 2 20..26 => true (a boolean)
              n 20..21 => 2 (an int)
              2 25..26 => 2 (an int)
        ",
    );
    tells(
        "[1, 0].map(n, n > 0, 1 / n)",
        r"
        [1, 0].map(n, n > 0, 1 / n) 0..27 => [1] (a list)
          [1, 0] 0..6 => [1,0] (a list)
            1 1..2 => 1 (an int)
            0 4..5 => 0 (an int)
          n = 1
            n > 0 14..19 => true (a boolean)
              n 14..15 => 1 (an int)
              0 18..19 => 0 (an int)
            1 / n 21..26 => 1 (an int)
              1 21..22 => 1 (an int)
              n 25..26 => 1 (an int)
          n = 0
            n > 0 14..19 => false (a boolean)
              n 14..15 => 0 (an int)
              0 18..19 => 0 (an int)
            1 / n 21..26 => not evaluated
              1 21..22 => not evaluated
              n 25..26 => not evaluated
        ",
    );
    tells(
        "[].all(n, n)",
        r"
        [].all(n, n) 0..12 => true (a boolean)
          [] 0..2 => [] (a list)
        ",
    );
}

#[test]
fn a_part_keeps_the_parentheses_at_its_edges() {
    let explanation = explain("(1 + 2) * (3 - (4)) + size((('a')))");
    let text = told(&explanation);
    let sources: Vec<&str> =
        text.lines().filter_map(|line| line.split(" => ").next()).map(str::trim).collect();
    assert_eq!(sources[0], "(1 + 2) * (3 - (4)) + size((('a'))) 0..35");
    assert_eq!(sources[1], "(1 + 2) * (3 - (4)) 0..19");
    assert_eq!(sources[2], "1 + 2 1..6");
    assert_eq!(sources[5], "3 - (4) 11..18");
    assert_eq!(sources[8], "size((('a'))) 22..35");
    assert_eq!(sources[9], "'a' 29..32");
}

#[test]
fn a_long_loop_is_told_for_its_first_items_only() {
    let value = json!((0..100).collect::<Vec<i32>>());
    let expression = Expression::parse("list.filter(n, n > 5)").unwrap();
    let explanation = expression.explain(&Bindings::new().with("list", &value));
    assert_eq!(explanation.result.unwrap().as_array().unwrap().len(), 94);
    let passes = explanation.expressions[0].passes.as_ref().unwrap();
    assert_eq!((passes.first.len(), passes.more), (20, 80));
}

#[test]
fn loops_within_loops_are_told_within_one_limit() {
    let value = json!((0..30).collect::<Vec<i32>>());
    let expression = Expression::parse("l.map(a, l.map(b, l.map(c, a + b * c)))").unwrap();
    let explanation = expression.explain(&Bindings::new().with("l", &value).with_fuel(1_000_000));
    assert!(explanation.result.is_ok());
    let lines = told(&explanation).lines().count();
    assert!(lines < 12_000, "{lines} lines");
}

#[test]
fn long_values_are_cut() {
    let value = json!({ "text": "é".repeat(500), "list": (0..500).collect::<Vec<i32>>(), "deep": { "x": "y".repeat(500) } });
    for source in ["v.text", "v.list", "v.deep", "v"] {
        let explanation = Expression::parse(source).unwrap().explain(&Bindings::new().with("v", &value));
        let Outcome::Value(shown) = &explanation.expressions[0].outcome else { panic!("{source} failed") };
        assert!(shown.text.chars().count() < 260, "{source}: {}", shown.text);
        assert!(shown.text.contains('…'), "{source}: {}", shown.text);
    }
}

#[test]
fn fuel_ends_an_explanation_as_it_ends_an_evaluation() {
    let value = inputs();
    let expression = Expression::parse("inputs.list.all(a, inputs.list.all(b, a + b > 0))").unwrap();
    for fuel in 0..80 {
        let bindings = Bindings::new().with("inputs", &value).with_fuel(fuel);
        let explanation = expression.explain(&bindings);
        assert_eq!(explanation.result, expression.evaluate(&bindings), "{fuel}");
        if let Err(problem) = &explanation.result {
            assert_eq!(problem.kind, ProblemKind::Fuel);
            assert!(told(&explanation).contains("takes more than"), "{fuel}");
        }
    }
}

#[test]
fn a_template_tells_each_of_its_expressions() {
    let value = inputs();
    let bindings = Bindings::new().with("inputs", &value);
    let template = Template::parse("${{ inputs.name }} has ${{ inputs.nope }}, ${{ inputs.score }}").unwrap();
    let explanation = template.explain(&bindings);
    assert_eq!(explanation.result, template.evaluate(&bindings));
    let text = told(&explanation);
    assert!(text.contains("inputs.name 4..15 => \"WS-042\""), "{text}");
    assert!(text.contains("inputs.nope 27..38 => failed: there is no `nope`"), "{text}");
    assert!(text.contains("inputs.score 47..59 => not evaluated"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_explanation_gives_what_an_evaluation_gives(
        source in crate::difference::any_expression(),
        fuel in prop_oneof![Just(100_000u64), 0..60u64],
    ) {
        let (i, b, s, l) = (json!(4), json!(true), json!("text"), json!([3, 0, -1]));
        let bindings = Bindings::new().with("i", &i).with("b", &b).with("s", &s).with("l", &l).with_fuel(fuel);
        if let Ok(expression) = Expression::parse(&source) {
            let explanation = expression.explain(&bindings);
            prop_assert_eq!(&explanation.result, &expression.evaluate(&bindings));
            let mut parts: Vec<&Explained> = explanation.expressions.iter().collect();
            while let Some(part) = parts.pop() {
                prop_assert_eq!(source.get(part.span.clone()), Some(part.source.as_str()));
                prop_assert!(Expression::parse(&part.source).is_ok(), "{} in {}", part.source, source);
                parts.extend(&part.parts);
            }
        }
        if let Ok(template) = Template::parse(&format!("a ${{{{ {source} }}}} b ${{{{ {source} }}}}")) {
            prop_assert_eq!(template.explain(&bindings).result, template.evaluate(&bindings));
        }
    }
}
