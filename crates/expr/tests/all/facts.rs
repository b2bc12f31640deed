//! What conditions tell about what they guard, and which of them literals decide.

use riposte_expr::{Expression, Fact};

fn parse(source: &str) -> Expression {
    Expression::parse(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"))
}

fn is(route: &str, text: &str) -> Fact {
    Fact::Is(route.split('.').map(str::to_owned).collect(), text.to_owned())
}

#[test]
fn a_true_condition_tells_each_of_its_parts() {
    let facts = parse(r#"a.b == "x" && !("y" != a.c) && has(a.d) && n > 1"#).facts();
    for fact in
        [is("a.b", "x"), is("a.c", "y"), Fact::There(vec!["a".into(), "d".into()]), Fact::Holds("n>1".into())]
    {
        assert!(facts.contains(&fact), "{fact:?} is not in {facts:?}");
    }
}

#[test]
fn a_disjunction_tells_nothing_of_its_parts() {
    let facts = parse(r#"a.b == "x" || has(a.d)"#).facts();
    assert_eq!(facts, [Fact::Holds(r#"a.b=="x"||has(a.d)"#.into())]);
}

#[test]
fn what_is_read_knows_what_stands_on_its_left() {
    for (source, knows) in [
        (r#"a.b == "x" && a.c"#, true),
        (r#"a.b == "x" ? a.c : 0"#, true),
        (r#"a.b != "x" ? 0 : a.c"#, true),
        (r#"a.b != "x" || a.c"#, true),
        (r#"a.b == "x" || a.c"#, false),
        (r#"a.b == "x" ? 0 : a.c"#, false),
        (r#"a.c && a.b == "x""#, false),
    ] {
        let references = parse(source).references();
        let read = references.iter().find(|reference| reference.route() == ["a", "c"]).unwrap();
        assert_eq!(read.facts.contains(&is("a.b", "x")), knows, "{source}");
    }
}

#[test]
fn literals_decide_what_reads_nothing() {
    for (source, decided) in [
        ("true", vec![(0..4, true)]),
        ("1 == 2", vec![(0..6, false)]),
        (r#""Hi".startsWith("H") && !false"#, vec![(0..30, true)]),
        ("x && false", vec![(0..10, false)]),
        ("x || 1 < 2", vec![(0..10, true)]),
        ("x && 1 < 2", vec![(5..10, true)]),
        ("x == 1", vec![]),
        ("true ? x : y", vec![(0..4, true)]),
        ("[1, 2].exists(i, i == 2) && x", vec![]),
        ("1 / 0 == 1", vec![]),
    ] {
        assert_eq!(parse(source).decided(), decided, "{source}");
    }
}
