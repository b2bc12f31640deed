//! What the extensions give beyond what the specification's own files ask.

use riposte_expr::{Bindings, Expression, ProblemKind, Scope};
use riposte_model::Schema;
use serde_json::{Value, json};

use crate::evaluate::fails;
use crate::gives;

#[test]
fn lists_are_cut_sorted_and_flattened() {
    for (source, expected) in [
        ("inputs.list.slice(1, 3)", json!([2, 3])),
        ("inputs.list.slice(3, 3)", json!([])),
        ("[[1, [2]], [], 3].flatten()", json!([1, [2], 3])),
        ("[[1, [2, [3]]]].flatten(2)", json!([1, 2, [3]])),
        ("[[1]].flatten(0)", json!([[1]])),
        ("inputs.names.distinct()", json!(["ana", "bo"])),
        ("[1, 1.0, 1u, true, 'a', 'a', [1], [1], null, null].distinct()", json!([1, true, "a", [1], null])),
        ("inputs.names.sort()", json!(["ana", "ana", "bo"])),
        ("[3, 1.5, 2u].sort()", json!([1.5, 2, 3])),
        ("[b'b', b'a'].sort()", json!(["YQ==", "Yg=="])),
        ("inputs.alerts.sortBy(a, a.score).map(a, a.id)", json!(["a2", "a1"])),
        ("inputs.alerts.sortBy(a, 0).map(a, a.id)", json!(["a1", "a2"])),
        ("inputs.list.reverse()", json!([3, 2, 1])),
        ("'abc'.reverse()", json!("cba")),
        ("inputs.list.first().value() + inputs.list.last().value()", json!(4)),
        ("[].first().orValue(7)", json!(7)),
        ("[].last().hasValue()", json!(false)),
        ("lists.range(3)", json!([0, 1, 2])),
        ("lists.range(-1)", json!([])),
    ] {
        gives(source, &expected);
    }
    for source in [
        "inputs.list.slice(2, 1)",
        "inputs.list.slice(0, 4)",
        "inputs.list.slice(-1, 2)",
        "inputs.list.flatten(-1)",
        "[0.0 / 0.0, 1.0].sort()",
    ] {
        fails(source, ProblemKind::Evaluation);
    }
    for source in
        ["[1, 'a'].sort()", "[[1]].sort()", "inputs.alerts.sortBy(a, a)", "inputs.machine.sortBy(k, k)"]
    {
        fails(source, ProblemKind::Type);
    }
}

#[test]
fn bytes_become_base64() {
    for (source, expected) in [
        (r"b'\xff\x00a'", json!("/wBh")),
        ("{'raw': bytes('é')}", json!({ "raw": "w6k=" })),
        ("size(b'abc' + bytes('é'))", json!(5)),
        ("b'a' < b'b' && b'a' == bytes('a') && b'a' != 'a'", json!(true)),
        ("string(base64.decode('aGk=')) + base64.encode(bytes(inputs.name))", json!("hiV1MtMDQy")),
    ] {
        gives(source, &expected);
    }
    fails(r"string(b'\xff')", ProblemKind::Evaluation);
    fails("base64.decode(inputs.name)", ProblemKind::Evaluation);
}

#[test]
fn addresses_are_compared_as_addresses() {
    for (source, expected) in [
        ("ip('10.1.2.3')", json!("10.1.2.3")),
        ("cidr('10.0.0.0/8')", json!("10.0.0.0/8")),
        ("cidr('10.9.9.9/8').masked()", json!("10.0.0.0/8")),
        ("['10.1.2.3', '8.8.8.8'].filter(a, cidr('10.0.0.0/8').containsIP(a))", json!(["10.1.2.3"])),
        // Mapped into IPv6 an address is no other one.
        ("cidr('10.0.0.0/8').containsIP('::ffff:a01:203')", json!(true)),
        ("ip('::ffff:a01:203') == ip('10.1.2.3') && isPrivateIP(ip('::ffff:a01:203'))", json!(true)),
        ("cidr('0.0.0.0/0').containsIP('2001:db8::1')", json!(false)),
        ("cidr('::/0').containsCIDR('2001:db8::/32')", json!(true)),
        (
            "isIP('10.1.2') || isIP('010.1.2.3') || isIP('fe80::1%eth0') || isCIDR('10.0.0.0/33')",
            json!(false),
        ),
        ("isCIDR('10.0.0.0/08') || isCIDR('10.0.0.0/+8') || isCIDR('::ffff:a01:0/112')", json!(false)),
        (
            "isPrivateIP('192.168.1.1') && isPrivateIP(ip('fd00::1')) && !isPrivateIP(ip('8.8.8.8'))",
            json!(true),
        ),
    ] {
        gives(source, &expected);
    }
    fails("ip(inputs.name)", ProblemKind::Evaluation);
    fails("cidr('10.0.0.0/8').containsIP(inputs.score)", ProblemKind::Type);
}

#[test]
fn names_of_types_are_types_only_where_types_are_asked_for() {
    let (list, map) = (json!([1]), json!({ "a": 1 }));
    let bindings = Bindings::new().with("list", &list).with("map", &map).with("int", &list);
    let evaluate = |source: &str| Expression::parse(source).unwrap().evaluate(&bindings);
    assert_eq!(evaluate("list[0] + map.a").unwrap(), json!(2));
    assert_eq!(evaluate("[1].all(int, type(int) == type(1))").unwrap(), json!(true));
    assert_eq!(evaluate("type(1) == int && type(int) == type").unwrap(), json!(true));
    assert_eq!(evaluate("type(timestamp(0)) == google.protobuf.Timestamp").unwrap(), json!(true));
    // A type is no value that anything else could take.
    assert_eq!(evaluate("type(1)").unwrap_err().kind, ProblemKind::Type);
    let checked = Expression::parse("type(1)").unwrap().check(&Scope::new());
    assert_eq!(checked.problems.len(), 1);
}

#[test]
fn an_optional_is_mapped_where_it_has_a_value() {
    gives("inputs.?score.optMap(s, s + 1).orValue(0)", &json!(88));
    gives("inputs.?nope.optMap(s, s + 1).orValue(0)", &json!(0));
    gives("inputs.?machine.optFlatMap(m, m.?id).orValue('')", &json!("m1"));
    fails("inputs.?score.optFlatMap(s, s)", ProblemKind::Type);
    fails("inputs.score.optMap(s, s)", ProblemKind::Type);
}

#[test]
fn what_is_written_wrongly_is_found_when_the_file_is_read() {
    for (source, place) in [
        ("ip('10.0.0')", "'10.0.0'"),
        ("cidr('10.0.0.0')", "'10.0.0.0'"),
        ("cidr('10.0.0.0/8').containsIP('ten')", "'ten'"),
        ("base64.decode('!')", "'!'"),
        ("'%z'.format([1])", "'%z'"),
        ("'%s %s'.format([1])", "'%s %s'"),
        ("'100%'.format([])", "'100%'"),
        ("math.flor(1.5)", "flor"),
        ("math.ceil()", "ceil"),
    ] {
        let problems = Expression::parse(source).unwrap_err();
        let span = problems[0].span.clone();
        assert_eq!(source.get(span), Some(place), "{source}: {problems:?}");
    }
    let problems = Expression::parse("math.flor(1.5)").unwrap_err();
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `math.floor`?"));
}

#[test]
fn the_check_knows_what_the_extensions_take_and_give() {
    let scope = Scope::new().with("n", Schema::integer()).with("names", Schema::array(Schema::string()));
    let check = |source: &str| Expression::parse(source).unwrap().check(&scope);
    for source in [
        "math.ceil(n)",
        "isIP(cidr('10.0.0.0/8'))",
        "b'a' + 'a'",
        "names.sort() == 1",
        "lists.range(3).map(i, i + 'a')",
        "names.first() + 'a'",
        "ip('10.0.0.1') == '10.0.0.1'",
        "n.optMap(x, x).hasValue()",
        "math.greatest('a')",
        "math.greatest(1, 'a')",
        "n.sortBy(x, x)",
    ] {
        assert_eq!(check(source).problems.len(), 1, "{source}");
    }
    for source in [
        "math.greatest(n, 2, 3.5) > 1",
        "names.sort().map(x, x.size())",
        "names.first().orValue('a') + 'b'",
        "ip('10.0.0.1').family() == 4",
        "base64.encode(b'a') + 'b'",
        "'%s'.format(names)",
        "math.abs(n) + 1",
    ] {
        assert!(check(source).problems.is_empty(), "{source}: {:?}", check(source).problems);
    }
}

#[test]
fn a_name_before_a_dot_stays_a_value_if_it_is_one() {
    // `ip`, `lists` and the like may be what an author called an item.
    let (ip, lists) = (json!("10.0.0.1"), json!([1, 2]));
    let bindings = Bindings::new().with("ip", &ip).with("lists", &lists);
    let evaluate = |source: &str| Expression::parse(source).unwrap().evaluate(&bindings);
    assert_eq!(evaluate("ip.startsWith('10.')").unwrap(), json!(true));
    assert_eq!(
        evaluate("lists.size() + lists.filter(math, math.size() > 0 || true).size()").unwrap(),
        json!(4)
    );
}

#[test]
fn everything_that_copies_or_walks_is_paid_for() {
    let long = json!("x".repeat(100_000));
    let list: Value = (0..5_000).map(|n| json!(format!("item {}", n % 50))).collect();
    let bindings = Bindings::new().with("s", &long).with("l", &list);
    for source in [
        "lists.range(1000000000000)",
        "lists.range(300).map(i, lists.range(300))",
        "lists.range(200).map(i, bytes(s + s))",
        "lists.range(90).map(i, l.slice(0, 5000))",
        "lists.range(90).map(i, l.flatten())",
        "lists.range(90).map(i, l.reverse())",
        "lists.range(90).map(i, l.sort())",
        "lists.range(90).map(i, l.distinct())",
        "lists.range(90).map(i, l.map(x, size(x)).distinct())",
        "lists.range(200).map(i, '%s%s'.format([s, s]))",
        "lists.range(200).map(i, '%x'.format([s]))",
        "lists.range(200).map(i, strings.quote(s))",
        "lists.range(200).map(i, base64.encode(bytes(s)))",
        "lists.range(90).map(i, math.greatest(l.map(x, 1)))",
        "lists.range(20).map(i, '%s'.format([l]))",
        "[s].map(a, [a + a].map(b, [b + b].map(c, bytes(c + c) + bytes(c + c) + bytes(c + c) + bytes(c + c))))",
    ] {
        let problem = Expression::parse(source).unwrap().evaluate(&bindings).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Fuel, "{source}: {problem:?}");
    }
}
