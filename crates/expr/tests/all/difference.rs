//! The parser's own evaluator as a second opinion: on generated expressions both agree, on the value or on an error.

use cel::{Context, Env, Program};
use proptest::prelude::*;
use riposte_expr::{Bindings, Expression};
use serde_json::{Value, json};

#[derive(Clone, Copy)]
enum Want {
    Int,
    Bool,
    Text,
    List,
}

/// Expressions of a wanted type, mostly: now and then one of another type slips in.
fn expression(want: Want, depth: u32) -> BoxedStrategy<String> {
    let leaf = match want {
        Want::Int => prop_oneof![
            (-3i64..10).prop_map(|value| if value < 0 { format!("({value})") } else { value.to_string() }),
            Just("i".to_owned()),
            Just("9223372036854775807".to_owned()),
        ]
        .boxed(),
        Want::Bool => {
            prop_oneof![Just("true".to_owned()), Just("false".to_owned()), Just("b".to_owned())].boxed()
        }
        Want::Text => prop_oneof![
            Just("'a'".to_owned()),
            Just("'ab'".to_owned()),
            Just("''".to_owned()),
            Just("s".to_owned()),
            Just("'é'".to_owned())
        ]
        .boxed(),
        Want::List => {
            prop_oneof![Just("[]".to_owned()), Just("[1, 2, 3]".to_owned()), Just("l".to_owned())].boxed()
        }
    };
    if depth == 0 {
        return leaf;
    }
    let int = || expression(Want::Int, depth - 1);
    let boolean = || expression(Want::Bool, depth - 1);
    let text = || expression(Want::Text, depth - 1);
    let list = || expression(Want::List, depth - 1);
    let branch = match want {
        Want::Int => prop_oneof![
            4 => (int(), proptest::sample::select(vec!["+", "-", "*", "/", "%"]), int()).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
            1 => (boolean(), int(), int()).prop_map(|(c, l, r)| format!("({c} ? {l} : {r})")),
            1 => text().prop_map(|t| format!("size({t})")),
            1 => list().prop_map(|l| format!("{l}.size()")),
            1 => (list(), int()).prop_map(|(l, i)| format!("{l}[{i}]")),
            1 => int().prop_map(|i| format!("-({i})")),
            1 => text().prop_map(|t| format!("int({t})")),
        ]
        .boxed(),
        Want::Bool => prop_oneof![
            3 => (int(), proptest::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]), int()).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
            1 => (text(), proptest::sample::select(vec!["==", "!=", "<", ">="]), text()).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
            1 => (list(), proptest::sample::select(vec!["==", "!="]), list()).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
            3 => (boolean(), proptest::sample::select(vec!["&&", "||", "==", "!="]), boolean()).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
            1 => (boolean(), boolean(), boolean()).prop_map(|(c, l, r)| format!("({c} ? {l} : {r})")),
            1 => boolean().prop_map(|b| format!("!({b})")),
            1 => (int(), list()).prop_map(|(i, l)| format!("({i} in {l})")),
            1 => (text(), proptest::sample::select(vec!["contains", "startsWith", "endsWith"]), text()).prop_map(|(l, f, r)| format!("{l}.{f}({r})")),
            2 => (list(), proptest::sample::select(vec!["all", "exists", "exists_one"]), boolean(), int()).prop_map(|(l, f, b, i)| format!("{l}.{f}(x, x > {i} || {b})")),
            1 => (list(), int()).prop_map(|(l, i)| format!("{l}.all(x, {i} / x > 1)")),
        ]
        .boxed(),
        Want::Text => prop_oneof![
            2 => (text(), text()).prop_map(|(l, r)| format!("({l} + {r})")),
            1 => int().prop_map(|i| format!("string({i})")),
            1 => boolean().prop_map(|b| format!("string({b})")),
            1 => (boolean(), text(), text()).prop_map(|(c, l, r)| format!("({c} ? {l} : {r})")),
        ]
        .boxed(),
        Want::List => prop_oneof![
            1 => proptest::collection::vec(int(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            1 => (list(), list()).prop_map(|(l, r)| format!("({l} + {r})")),
            1 => (list(), int()).prop_map(|(l, i)| format!("{l}.map(x, x * {i})")),
            1 => (list(), int()).prop_map(|(l, i)| format!("{l}.filter(x, x > {i})")),
            1 => (list(), int()).prop_map(|(l, i)| format!("{l}.map(x, x != {i}, x + 1)")),
        ]
        .boxed(),
    };
    let stray = prop_oneof![
        Just("'z'".to_owned()),
        Just("null".to_owned()),
        Just("1.5".to_owned()),
        Just("2u".to_owned())
    ];
    prop_oneof![3 => leaf, 12 => branch, 1 => stray].boxed()
}

/// Expressions over `i`, `b`, `s` and `l`.
pub(crate) fn any_expression() -> impl Strategy<Value = String> {
    prop_oneof![
        expression(Want::Int, 3),
        expression(Want::Bool, 3),
        expression(Want::Text, 3),
        expression(Want::List, 3)
    ]
}

/// What the other evaluator says, in JSON.
fn theirs(source: &str) -> Option<Value> {
    fn json(value: cel::Value) -> Value {
        match value {
            cel::Value::Null => Value::Null,
            cel::Value::Bool(value) => json!(value),
            cel::Value::Int(value) => json!(value),
            cel::Value::UInt(value) => json!(value),
            cel::Value::Float(value) => json!(value),
            cel::Value::String(value) => json!(value.as_str()),
            cel::Value::List(items) => items.iter().cloned().map(json).collect(),
            other => panic!("{other:?}"),
        }
    }
    let program = Program::compile(source).unwrap_or_else(|_| panic!("{source} does not compile"));
    let mut context = Context::with_env(std::sync::Arc::new(Env::stdlib()));
    context.add_variable_from_value("i", 4i64);
    context.add_variable_from_value("b", true);
    context.add_variable_from_value("s", "text");
    context.add_variable_from_value("l", vec![3i64, 0, -1]);
    program.execute(&context).ok().map(json)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_evaluators_agree(source in any_expression()) {
        let (i, b, s, l) = (json!(4), json!(true), json!("text"), json!([3, 0, -1]));
        let bindings = Bindings::new().with("i", &i).with("b", &b).with("s", &s).with("l", &l);
        // What is too complex for us is none of the other's business.
        let Ok(expression) = Expression::parse(&source) else { return Ok(()) };
        let ours = expression.evaluate(&bindings);
        let theirs = theirs(&source);
        prop_assert_eq!(ours.as_ref().ok(), theirs.as_ref(), "{}: {:?}", source, &ours);
    }
}
