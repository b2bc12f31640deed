//! JSONPath: what is taken, what is refused, and why.

use riposte_expr::{Bindings, Expression, Path, ProblemKind};
use serde_json::{Value, json};

#[test]
fn paths_select_in_document_order() {
    let value =
        json!({ "value": [{ "id": 1, "t": "ab", "l": [1, 2] }, { "id": 2, "t": "b", "l": [] }], "id": 0 });
    for (path, expected) in [
        ("$", json!([value.clone()])),
        ("$.id", json!([0])),
        ("$.value[*].id", json!([1, 2])),
        ("$.value[-1].id", json!([2])),
        ("$.value[?@.id > 1].t", json!(["b"])),
        ("$..id", json!([0, 1, 2])),
        ("$.typo", json!([])),
        ("$.id.typo", json!([])),
        ("$.value.id", json!([])),
        ("$['value'][0]['t']", json!(["ab"])),
        ("$.value[?match(@.t, 'a.')].id", json!([1])),
        ("$.value[?search(@.t, 'b')].id", json!([1, 2])),
        ("$.value[?length(@.t) == 2].id", json!([1])),
        ("$.value[?count(@.l[*]) == 2].id", json!([1])),
        ("$.value[?@.id == 1 && !(@.t == 'x')].id", json!([1])),
        ("$.value[0:1].id", json!([1])),
        ("$.value[ ? ( @.id == 1 ) || @['t'] == 'a b' ] .id", json!([1])),
        ("$.value[0]['id','t']", json!([1, "ab"])),
    ] {
        let parsed = Path::parse(path).unwrap_or_else(|problems| panic!("{path}: {problems:?}"));
        assert_eq!(json!(parsed.select(&value).unwrap()), expected, "{path}");
        assert_eq!(parsed.as_str(), path);
    }
}

#[test]
fn what_is_refused_says_why() {
    for (path, place, message) in [
        ("$[?@[?@>1]]", "?", "a filter cannot stand inside a filter"),
        ("$.é[?@.a == $.b]", "$", "a filter cannot read from the root"),
        ("$[?valu(@.a)]", "valu", "a path has no function `valu`"),
        ("$[?value(@.a) == 1]", "value", "a path has no function `value`"),
        ("$[?lenght(@.a) == 1]", "lenght", "a path has no function `lenght`"),
        ("$[?length(@.a)]", "$[?length(@.a)]", "`length` and `count` give a number: compare it"),
        ("$[?count(@..*)]", "$[?count(@..*)]", "`length` and `count` give a number: compare it"),
        ("$[?length(@.*) == 1]", "$[?length(@.*) == 1]", "`length` takes a path to one node, like `@.name`"),
        (
            "$[?match(@.a, @.b)]",
            "$[?match(@.a, @.b)]",
            "the pattern of `match` and `search` is a literal string",
        ),
        ("$[?match(@.a, '(')]", "$[?match(@.a, '(')]", "not a regular expression: unclosed group"),
        ("$[?length(length(@.a)) == 1]", "length", "a function cannot be the argument of a function"),
        ("$..a..b", "..", "a path can descend with `..` only once"),
        (
            "$..['a','d']",
            "$..['a','d']",
            "`..` takes one selector here: the order of several is not agreed on",
        ),
        (
            "$[*,*][*,*][*,*][*,*][*,*][*,*][*,*]",
            "$[*,*][*,*][*,*][*,*][*,*][*,*][*,*]",
            "the lists of selectors multiply to more than 64",
        ),
        ("machineId", "machineId", "not a JSONPath"),
        ("$.a[", "", "the path ends too early"),
        ("$.é é", " ", "a blank cannot stand here"),
        ("$[?@.a b == 1]", " ", "a blank cannot stand here"),
        ("$[?length (@.a) == 1]", " ", "a blank cannot stand here"),
        ("$.é é ]", " ", "a blank cannot stand here"),
        ("$.é%é", "%é", "not a JSONPath"),
        ("", "", "not a JSONPath"),
    ] {
        let problem = Path::parse(path).expect_err(path).remove(0);
        assert_eq!((&path[problem.span.clone()], problem.message.as_str()), (place, message), "{path}");
        assert_eq!(problem.kind, ProblemKind::Path, "{path}");
    }
    assert_eq!(Path::parse(&format!("$.{}", "a".repeat(511))).unwrap_err()[0].kind, ProblemKind::TooLong);
    assert_eq!(Path::parse(&"$[".repeat(200)).unwrap_err()[0].kind, ProblemKind::Path);
}

#[test]
fn a_value_cannot_choose_how_often_a_pattern_is_compiled() {
    let names = |count: usize| -> Value { (0..count).map(|n| json!(format!("name {n}"))).collect() };
    let path = Path::parse("$[?search(@, 'e 1.*')]").unwrap();
    assert_eq!(path.select(&names(100)).unwrap().len(), 11);
    let wide = path.select(&names(20_000)).unwrap_err();
    assert_eq!(wide.to_string(), "`$[?search(@, 'e 1.*')]` tests too many nodes with `match` or `search`");
    // Only what is tested counts, at every depth where there is `..`.
    let value = json!({ "few": names(10), "many": names(20_000) });
    assert_eq!(Path::parse("$.few[?match(@, '.* 1')]").unwrap().select(&value).unwrap().len(), 1);
    assert!(Path::parse("$..[?match(@, '.* 1')]").unwrap().select(&value).is_err());
    // A pattern that is large when compiled is tested less often.
    assert!(Path::parse("$[?search(@, '\\\\w+')]").unwrap().select(&names(5_000)).is_err());
    // An expression pays for each node that is tested.
    let list = names(1_000);
    let bindings = Bindings::new().with("l", &list);
    let expression = Expression::parse("jsonpath(l, \"$[?match(@, '.* 1')]\")").unwrap();
    assert_eq!(expression.evaluate(&bindings).unwrap_err().kind, ProblemKind::Fuel);
}
