//! No text makes it panic, hang or eat memory.

use proptest::prelude::*;
use riposte_expr::{Bindings, Expression, Path, ProblemKind, Scope, Template};
use riposte_model::Schema;
use serde_json::{Value, json};

/// Does everything that can be done with a text, and holds the places to their promise.
fn exercise(text: &str) {
    let value = json!({ "a": [1, "b", null, { "c": 1.5 }], "x": { "y": "z" } });
    let bindings = Bindings::new().with("a", &value).with("x", &value);
    let scope =
        Scope::new().with("a", Schema::any()).with("x", Schema::object().required("y", Schema::string()));
    let within =
        |span: &std::ops::Range<usize>| assert!(text.get(span.clone()).is_some(), "{span:?} in {text:?}");
    match Expression::parse(text) {
        Ok(expression) => {
            expression.check(&scope).problems.iter().for_each(|problem| within(&problem.span));
            expression.references().iter().for_each(|reference| within(&reference.span));
            if let Err(problem) = expression.evaluate(&bindings) {
                within(&problem.span);
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            problems.iter().for_each(|problem| within(&problem.span));
            assert!(
                problems.iter().all(|problem| !problem.message.contains('\n') && problem.message.len() < 300)
            );
        }
    }
    match Template::parse(text) {
        Ok(template) => {
            assert_eq!(template.to_string(), text);
            template.check(&scope).problems.iter().for_each(|problem| within(&problem.span));
            template.references().iter().for_each(|reference| within(&reference.span));
            if let Err(problem) = template.evaluate(&bindings) {
                within(&problem.span);
            }
        }
        Err(problems) => problems.iter().for_each(|problem| within(&problem.span)),
    }
    match Path::parse(text) {
        Ok(path) => drop(path.select(&value)),
        Err(problems) => problems.iter().for_each(|problem| within(&problem.span)),
    }
}

#[test]
fn nasty_texts() {
    let long = |part: &str, count: usize| part.repeat(count);
    let mut texts = vec![
        long("(", 10_000),
        long(")", 10_000),
        long("[", 2000),
        long("{", 2000),
        long("1+", 1000) + "1",
        long("1+", 10_000) + "1",
        format!("x{}", long("[0]", 600)),
        format!("x{}", long("[0]", 10_000)),
        format!("x{}", long(".size()", 290)),
        format!("x{}", long(".size()", 50_000)),
        format!("x{}", long(".y", 1000)),
        format!("x{}", long(".?y", 600)),
        long("!", 2000),
        long("-", 2000),
        long("!", 2000) + "a",
        long("-", 1001) + "1",
        format!("{}1{}", long("(", 49), long(")", 49)),
        format!("{}1{}", long("(", 1000), long(")", 1000)),
        format!("{}1{}", long("[", 50), long("]", 50)),
        format!("{}1{}", long("a?(", 40), long("):2", 40)),
        long("a?b:", 500) + "c",
        long("a?", 500) + "c",
        long("a&&", 600) + "a",
        long("a||b&&", 300) + "a",
        long("a==", 600) + "a",
        long("a in ", 400) + "a",
        long("a<b,", 300),
        format!("[{}1]", long("1,", 1000)),
        format!("f({}1)", long("1,", 1000)),
        long("a.b.c{", 300),
        long("{1:", 500),
        long("f(", 500),
        long("x.map(y,", 250),
        "'".into(),
        "\"".into(),
        "'''".into(),
        "'\\".into(),
        "r'\\".into(),
        "'\\u12".into(),
        "'\\U0011ffff'".into(),
        "'\\x+f'".into(),
        "\u{0}".into(),
        "a\u{0}b".into(),
        "'\u{0}'".into(),
        "é".into(),
        "'é".into(),
        "a.é".into(),
        "日本語".into(),
        "'日本'.日".into(),
        "\u{feff}1".into(),
        "1\u{2028}2".into(),
        "\r\n\r\n(\r\n".into(),
        "`a`".into(),
        "a.`b`".into(),
        ".".into(),
        "..".into(),
        ".a".into(),
        ".a.b".into(),
        ".a()".into(),
        "a.".into(),
        "a.?".into(),
        "a?.b".into(),
        "a[?".into(),
        "[?".into(),
        "{?".into(),
        "1.".into(),
        "1.e".into(),
        "1e".into(),
        "1e+".into(),
        "0x".into(),
        "0xg".into(),
        "1uu".into(),
        "1.5u".into(),
        "0x1u".into(),
        "1e999".into(),
        "-9223372036854775808".into(),
        "-9223372036854775809".into(),
        "- 1".into(),
        "1 -1".into(),
        "-0.0".into(),
        "has(has(a.b).c)".into(),
        "has(a.?b)".into(),
        "has(a[0].b)".into(),
        "optional.optional.of(1)".into(),
        "optional".into(),
        "optional.x".into(),
        "a.all(a, a.all(a, a))".into(),
        "a.map()".into(),
        "a.map(x)".into(),
        "a.map(x, y, z, w)".into(),
        "map(x, y)".into(),
        "A{}".into(),
        "a.b{c: 1}".into(),
        ".a{}".into(),
        "{a: 1}".into(),
        "[,]".into(),
        "{,}".into(),
        "[1,]".into(),
        "{1:2,}".into(),
        "f(,)".into(),
        "f(1,)".into(),
        "@result".into(),
        "__result__".into(),
        "in".into(),
        "true.a".into(),
        "null()".into(),
        "'a'()".into(),
        "rb'a'".into(),
        "br'a'".into(),
        "bR\"".into(),
        "//".into(),
        "/".into(),
        "1 / / 2".into(),
        "\u{c}1".into(),
        "duration('')".into(),
        "duration('.s')".into(),
        format!("duration('{}ns')", long("9", 100)),
        format!("duration('{}')", long("9999999999999999999d", 50)),
        "timestamp('')".into(),
        "timestamp(0).getHours('')".into(),
        "timestamp(0).getHours('+99:99')".into(),
        "''.matches('a{1000}{1000}')".into(),
        format!("''.matches('{}')", long("(a*)*", 200)),
        "jsonpath(a, '')".into(),
        "jsonpath(a, '\\u0024.a')".into(),
        "jsonpath(a, '''$''')".into(),
        "${{".into(),
        "${{}}".into(),
        "$${{".into(),
        "${{ '}}".into(),
        long("${{", 500),
        long("${{1}}", 500),
        "${{ // }}".into(),
        format!("$[?{}", long("length(", 70)),
        format!("$[?{}@.a", long("(", 100)),
        format!("$[?{}@.a]", long("!", 400)),
        long("$[?@", 100),
        "$['".into(),
        "$['\\".into(),
        "$[9007199254740993]".into(),
        "$[::0]".into(),
        "$..".into(),
        "$é".into(),
    ];
    texts.push(format!("${{{{ {} }}}}", long("{'a':", 40) + "1" + &long("}", 40)));
    for text in texts {
        exercise(&text);
    }
}

#[test]
fn the_deepest_that_is_taken_needs_little_stack() {
    let sources = [
        format!("{}1{}", "(".repeat(32), ")".repeat(32)),
        format!("{}1{}", "[".repeat(32), "]".repeat(32)),
        format!("{}1{}", "[1+".repeat(32), "]".repeat(32)),
        format!("{}1{}", "size([1+1+1+".repeat(16), "])".repeat(16)),
        format!("{}1{}", "{1:-x.y[".repeat(16), "]}".repeat(16)),
        format!("{}1", "-".repeat(1000)),
        vec!["1"; 50].join("+"),
        vec!["1"; 200].join("+"),
        format!("x{}", ".size()".repeat(60)),
        format!("{}1{}", "a?(".repeat(32), "):2".repeat(32)),
        format!("{}1{}", "f(1+1+1+".repeat(32), ")".repeat(32)),
    ];
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        for source in sources {
            exercise(&source);
        }
    });
    thread.unwrap().join().unwrap();
}

/// Bytes of stack that the caller needs to have left for any text, where nothing is optimised. A thread has four times
/// as much.
const STACK: usize = 1 << 19;

#[test]
fn fuel_stops_what_multiplies() {
    let items: Value = (0..100).collect();
    let text = json!("x".repeat(1000));
    let bindings = Bindings::new().with("items", &items).with("text", &text);
    let doubling = |depth: usize| {
        let mut source = "text".to_owned();
        for _ in 0..depth {
            source = format!("[{source}].map(s, s + s)[0]");
        }
        source
    };
    for source in [
        "items.all(a, items.all(b, items.all(c, a + b + c >= 0)))".to_owned(),
        "items.map(a, items.map(b, items.map(c, c)))".to_owned(),
        "items.map(a, items.map(b, text))".to_owned(),
        "items.map(a, items.map(b, items))".to_owned(),
        "items.map(a, items).map(l, l + l).map(l, l + l).map(l, l + l).map(l, l + l).map(l, l + l)"
            .to_owned(),
        format!("'{}'.split('').map(c, text.replace('', text))", "a".repeat(1000)),
        "text.split('').map(c, text.split('').join(text))".to_owned(),
        "text.replace('x', text).replace('x', text)".to_owned(),
        "items.exists(a, items.exists(b, !text.matches(text)))".to_owned(),
        "items.exists(a, 1 / 0 == 1 || items.exists(b, items.exists(c, false)))".to_owned(),
        "items.map(a, items.map(b, text.reverse()))".to_owned(),
        "items.map(a, items.map(b, sha256(text)))".to_owned(),
        "items.map(a, items.map(b, jsonpath(items, '$[*]')))".to_owned(),
    ] {
        let problem = Expression::parse(&source).expect(&source).evaluate(&bindings).expect_err(&source);
        assert_eq!(problem.kind, ProblemKind::Fuel, "{source}: {problem:?}");
    }
    // Loops inside the operand of a loop are no nesting of loops.
    let problem = Expression::parse(&doubling(12)).expect("doubling").evaluate(&bindings).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Fuel);
    let expression = Expression::parse("1 + 1").unwrap();
    assert_eq!(expression.evaluate(&Bindings::new().with_fuel(2)).unwrap_err().kind, ProblemKind::Fuel);
    assert_eq!(expression.evaluate(&Bindings::new().with_fuel(4)), Ok(json!(2)));
}

#[test]
fn a_large_value_is_handed_on_whatever_its_size() {
    let large: Value = (0..200_000).collect();
    let bindings = Bindings::new().with("large", &large);
    assert_eq!(Expression::parse("large").unwrap().evaluate(&bindings), Ok(large.clone()));
    assert_eq!(
        Expression::parse("[large]").unwrap().evaluate(&bindings).unwrap_err().kind,
        ProblemKind::Fuel
    );
}

/// Text that is nearly an expression.
fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        proptest::sample::select(vec![
            "a",
            "x",
            "y",
            "1",
            "2u",
            "1.5",
            "'s'",
            "\"é\"",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ".",
            ".?",
            "[?",
            ",",
            ":",
            "?",
            "+",
            "-",
            "*",
            "/",
            "%",
            "==",
            "!=",
            "<",
            ">=",
            "&&",
            "||",
            "!",
            " in ",
            "has(",
            ".map(x,",
            ".all(x,",
            ".size()",
            ".matches('a')",
            "${{",
            "}}",
            "$",
            "..",
            "@",
            "*",
            "?@",
            "true",
            "null",
            " ",
            "\n",
            "//",
            "'",
            "\"",
            "\\",
            "b'",
            "r'",
            "duration(",
            "optional.of(",
            ".orValue(",
            "jsonpath(a,'$.a')",
            "0x",
            "é",
            "\u{0}",
            "`",
            "if",
            ";"
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(fragment, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "(?s).{0,750}") {
        exercise(&text);
    }

    #[test]
    fn nearly_an_expression(text in fragments()) {
        exercise(&text);
    }
}
