//! Syntax problems: the exact place, in bytes, and words that help.

use riposte_expr::{Expression, Problem, ProblemKind};

fn first(source: &str) -> Problem {
    Expression::parse(source).expect_err(source).remove(0)
}

#[track_caller]
fn points(source: &str, kind: ProblemKind, place: &str, message: &str) {
    let problem = first(source);
    let found = (problem.kind, &source[problem.span.clone()], problem.message.as_str());
    assert_eq!(found, (kind, place, message), "{source}: {problem:?}");
}

#[test]
fn syntax() {
    use ProblemKind::Syntax;
    points("", Syntax, "", "there is no expression");
    points("  // nothing", Syntax, "  // nothing", "there is no expression");
    points("a = 1", Syntax, "=", "`=` is not part of the language");
    points("'é' == é", Syntax, "é", "`é` is not part of the language");
    points("a ++ b #", Syntax, "#", "`#` is not part of the language");
    points("a +", Syntax, "", "the expression ends too early");
    points("'é' + + 'b' c", Syntax, "+", "unexpected `+`");
    points("'日本' 'b'", Syntax, "'b'", "unexpected `'b'`");
    points("true ? false ? 1 : 2 : 3", Syntax, "?", "unexpected `?`");
    points("a ? b", Syntax, "", "the expression ends too early");
    points("[1 2]", Syntax, "2", "unexpected `2`");
    points("a and b", Syntax, "and", "unexpected `and`");
    points("(a + b", Syntax, "(", "`(` is not closed");
    points("(a + b]", Syntax, "]", "`]` closes `(`");
    points("a)", Syntax, ")", "`)` closes nothing");
    points("'abc", Syntax, "'abc", "a string is not closed");
    points("'a\nb'", Syntax, "'a", "a string is not closed");
    points("'é' + 'x\\qy'", Syntax, "\\q", "a string holds an escape that does not exist");
    points("'\\ud800'", Syntax, "\\u", "a string holds an escape that does not exist");
    points("if + 1", Syntax, "if", "`if` is a reserved word");
    points(
        "'é' == 99999999999999999999",
        Syntax,
        "99999999999999999999",
        "`99999999999999999999` does not fit into 64 bits",
    );
    points("has(a)", Syntax, "a", "`has` takes a property");
    points("has(a.b, c)", Syntax, "has(a.b, c)", "`has` takes one property");
    points("[1].map(x.y, 2)", Syntax, ".", "the first argument of `map` names a variable");
    points("a \u{0} b", Syntax, "\u{0}", "`\\0` is not part of the language");
    assert_eq!(first("a = 1").help.as_deref(), Some("compare with `==`"));
    assert_eq!(first("a and b").help.as_deref(), Some("write `&&`"));
    assert_eq!(first("not a").help.as_deref(), Some("write `!`"));
}

#[test]
fn functions() {
    use ProblemKind::{Path, Regex, Type, UnknownFunction, Unsupported};
    points("'é'.contians('a')", UnknownFunction, "contians", "no function is called `contians`");
    points("sizes(a)", UnknownFunction, "sizes", "no function is called `sizes`");
    points("contains(a, b)", UnknownFunction, "contains", "`contains` is called on a value");
    points("a.timestamp()", UnknownFunction, "timestamp", "`timestamp` is not called on a value");
    points("'a'.contains()", Type, "contains", "`contains` takes 1 argument");
    points("'a'.substring()", Type, "substring", "`substring` takes 1 or 2 arguments");
    points(
        "a.transformList(i, v, v)",
        Unsupported,
        "transformList",
        "the function `transformList` is not supported",
    );
    points("cel.bind(x, 1, x)", Unsupported, "bind", "the function `cel.bind` is not supported");
    points("A{b: 1}", Unsupported, "{", "messages cannot be built here");
    points("'é'.matches('(')", Regex, "'('", "not a regular expression: unclosed group");
    points("duration('7x')", Type, "'7x'", "`7x` is no duration");
    points("timestamp('yesterday')", Type, "'yesterday'", "`yesterday` is no RFC 3339 timestamp");
    points(
        "timestamp(0).getHours('Europe/Pariss')",
        Type,
        "'Europe/Pariss'",
        "`Europe/Pariss` is no time zone",
    );
    points("'é' == jsonpath(a, '$.b[?$.c]')", Path, "$", "a filter cannot read from the root");
    points("jsonpath(a, b)", Path, "b", "the path of `jsonpath` is a literal string");
    assert_eq!(first("'é'.contians('a')").help.as_deref(), Some("did you mean `contains`?"));
    assert_eq!(first("a.exist(x, true)").help.as_deref(), Some("did you mean `exists`?"));
    assert_eq!(first("contains(a, b)").help.as_deref(), Some("write `x.contains()`"));
}

#[test]
fn several_at_once() {
    let problems = Expression::parse("foo(1) + 'a'.matches('(') + cel.bind(x, 1, x)").unwrap_err();
    let kinds: Vec<ProblemKind> = problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [ProblemKind::UnknownFunction, ProblemKind::Regex, ProblemKind::Unsupported]);
}

#[test]
fn bounds() {
    use ProblemKind::{TooComplex, TooLong};
    assert_eq!(first(&format!("'{}'", "a".repeat(2047))).kind, TooLong);
    assert!(Expression::parse(&format!("'{}'", "a".repeat(2046))).is_ok());
    assert_eq!(first(&vec!["1"; 60].join("+")).kind, TooComplex);
    assert!(Expression::parse(&vec!["1"; 50].join("+")).is_ok());
    assert!(Expression::parse(&vec!["a==1"; 90].join("&&")).is_ok());
    assert_eq!(first(&vec!["a==1"; 120].join("&&")).kind, TooComplex);
    assert_eq!(first(&format!("[{}]", vec!["1"; 500].join(","))).kind, TooComplex);
    let loops = |depth: usize| {
        let mut source = "x".to_owned();
        for _ in 0..depth {
            source = format!("a.map(x, {source})");
        }
        source
    };
    assert!(Expression::parse(&loops(3)).is_ok());
    assert_eq!(first(&loops(4)).kind, TooComplex);
}
