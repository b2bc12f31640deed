//! What each operator and each function means, by the CEL specification.

use riposte_expr::{Bindings, Expression, Late, ProblemKind};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{gives, run};

#[track_caller]
pub(crate) fn fails(source: &str, kind: ProblemKind) {
    match run(source) {
        Ok(value) => panic!("{source} gave {value}"),
        Err(problem) => assert_eq!(problem.kind, kind, "{source}: {problem:?}"),
    }
}

macro_rules! table {
    ($($name:ident { $($source:expr => $value:tt),* $(,)? })*) => {$(
        #[test]
        fn $name() {
            $(gives($source, &json!($value));)*
        }
    )*};
}

table! {
    literals {
        "null" => null, "true" => true, "-7" => (-7), "0x1F" => 31, "7u" => 7, "1.5" => 1.5, "1e3" => 1000.0,
        "-9223372036854775808" => (i64::MIN),
        r#"'a\n\t\\\'\x41\u00e9\U0001f600\101\?\`'"# => "a\n\t\\'Aé😀A?`",
        r#"r'a\n'"# => "a\\n", r#""""a"b""""# => "a\"b", "'''x\ny'''" => "x\ny", "''" => "", r#"R"\d""# => "\\d",
        "[1, 'a', [2]]" => [1, "a", [2]], "{'b': 1, 'a': 2}" => {"b": 1, "a": 2}, "{1: 2, true: 3}" => {"1": 2, "true": 3},
        "1 // a comment" => 1,
    }
    arithmetic {
        "1 + 2 * 3" => 7, "(1 + 2) * 3" => 9, "7 / 2" => 3, "-7 / 2" => (-3), "7 % 3" => 1, "-7 % 3" => (-1),
        "1u + 2u" => 3, "1.5 + 1.5" => 3.0, "1.0 / 4.0" => 0.25, "-(1 + 2)" => (-3), "--3" => 3, "'a' + 'b'" => "ab",
        "[1] + [2, 3]" => [1, 2, 3], "inputs.score - 7" => 80, "10 - 3 - 2" => 5,
    }
    comparison {
        "1 < 2" => true, "2 <= 1" => false, "'a' < 'b'" => true, "false < true" => true, "1 == 1.0" => true,
        "1u == 1" => true, "1 < 1.5" => true, "2u > 1.5" => true, "9223372036854775807 < 9223372036854775808.0" => true,
        "9007199254740993 == 9007199254740992.0" => false, "-1 < 1u" => true, "1 == 'a'" => false, "1 != 'a'" => true,
        "null == null" => true, "null == false" => false, "[1, 2] == [1.0, 2u]" => true, "[1] == [1, 1]" => false,
        "{'a': 1, 'b': 2} == {'b': 2.0, 'a': 1}" => true, "{'a': 1} == {'a': 2}" => false,
        "inputs.big == 18446744073709551615u" => true, "inputs.big > 1" => true, "1.5 > -1" => true, "-1.5 < -1" => true,
        "0.0 == -0.0" => true, "double('NaN') == double('NaN')" => false, "double('NaN') < 1" => false,
    }
    logic {
        "true && false" => false, "true || false" => true, "!true" => false, "!!true" => true,
        "false && 1 / 0 == 1" => false, "1 / 0 == 1 && false" => false, "true || 1 / 0 == 1" => true,
        "1 / 0 == 1 || true" => true, "inputs.typo == 1 || true" => true,
        "true ? 1 : 1 / 0" => 1, "false ? 1 / 0 : 2" => 2, "true ? (false ? 1 : 2) : 3" => 2, "false ? 1 : true ? 2 : 3" => 2,
    }
    access {
        "inputs.machine.id" => "m1", "inputs['machine']['id']" => "m1", "inputs.list[0]" => 1, "inputs.list[2u]" => 3,
        "inputs.list[1.0]" => 2, "inputs.alerts[1].id" => "a2", "{1: 'a'}[1.0]" => "a", "{'a': 1}.a" => 1,
        "inputs[inputs.machine.id == 'm1' ? 'name' : 'score']" => "WS-042",
        "has(inputs.name)" => true, "has(inputs.typo)" => false, "has(inputs.nothing)" => true, "has({'a': 1}.a)" => true,
        "'name' in inputs" => true, "'typo' in inputs" => false, "2 in inputs.list" => true, "2.0 in [1, 2]" => true,
        "'ana' in inputs.names" => true, "4 in inputs.list" => false, "1 in {1: 2}" => true,
        "inputs" => (crate::inputs()),
    }
    optionals {
        "inputs.?name.orValue('x')" => "WS-042", "inputs.?typo.orValue('x')" => "x", "inputs.?typo.more.orValue(1)" => 1,
        "inputs.?machine.id.orValue('x')" => "m1", "inputs.?machine.typo.orValue('x')" => "x",
        "inputs.?typo.hasValue()" => false, "inputs.?name.value()" => "WS-042", "inputs.list[?0].orValue(9)" => 1,
        "inputs.list[?7].orValue(9)" => 9, "inputs[?'typo'].orValue(9)" => 9, "optional.of(1).value()" => 1,
        "optional.none().orValue(2)" => 2, "optional.none().or(optional.of(3)).value()" => 3,
        "optional.of(1).or(optional.of(3)).value()" => 1, "optional.of(1).orValue(1 / 0)" => 1,
        "[1, ?inputs.?typo, ?inputs.?score]" => [1, 87], "{'a': 1, ?'b': inputs.?typo, ?'c': inputs.?score}" => {"a": 1, "c": 87},
        "has(inputs.?typo.more)" => false, "optional.of(1) == optional.of(1)" => true,
        "optional.ofNonZeroValue('').hasValue()" => false, "optional.ofNonZeroValue('a').hasValue()" => true,
        "inputs.?typo[0].orValue(1)" => 1,
    }
    loops {
        "[1, 2].all(x, x > 0)" => true, "[1, 2].all(x, x > 1)" => false, "[].all(x, false)" => true,
        "[1, 2].exists(x, x > 1)" => true, "[].exists(x, true)" => false, "[1, 2, 2].exists_one(x, x == 2)" => false,
        "[1, 2].exists_one(x, x == 2)" => true, "[1, 2].map(x, x * 2)" => [2, 4], "[1, 2, 3].map(x, x > 1, x * 2)" => [4, 6],
        "[1, 2, 3].filter(x, x != 2)" => [1, 3], "{'b': 1, 'a': 2}.map(k, k)" => ["b", "a"],
        "inputs.machine.map(k, k)" => ["id", "health", "tags", "zeta", "alpha"],
        "inputs.alerts.filter(a, a.severity == 'High').map(a, a.id)" => ["a1"],
        "[1, 2].map(x, [3, 4].map(y, x * y))" => [[3, 4], [6, 8]], "[1].map(x, [2].map(x, x))" => [[2]],
        "[0, 1].all(x, 1 / x > 5)" => false, "[0, 1].exists(x, 1 / x == 1)" => true,
        "{'a': 1}.all(k, k == 'a')" => true, "[[1], [2]].exists(l, 2 in l)" => true,
        "inputs.list.map(inputs, inputs + 1)" => [2, 3, 4],
    }
    strings {
        "size('héé')" => 3, "'abc'.size()" => 3, "size([1, 2])" => 2, "{'a': 1}.size()" => 1,
        "'abc'.contains('b')" => true, "'abc'.startsWith('ab')" => true, "'abc'.endsWith('bc')" => true,
        "'abc'.matches('^a.c$')" => true, "matches('abc', 'x')" => false, "'abc'.matches('b')" => true,
        "inputs.name.matches(inputs.name)" => true,
        "'ABÇ'.lowerAscii()" => "abÇ", "'abç'.upperAscii()" => "ABç", "' \\t a '.trim()" => "a", "'abé'.reverse()" => "éba",
        "'a,b,c'.split(',')" => ["a", "b", "c"], "'a,b,c'.split(',', 2)" => ["a", "b,c"], "'a,b'.split(',', 0)" => [],
        "'a,b'.split(',', 1)" => ["a,b"], "'a,b,c'.split(',', -1)" => ["a", "b", "c"], "'héy'.split('')" => ["h", "é", "y"],
        "'héy'.split('', 2)" => ["h", "éy"], "''.split(',')" => [""], "''.split('')" => [], "'a,'.split(',')" => ["a", ""],
        "['a', 'b'].join()" => "ab", "['a', 'b'].join('-')" => "a-b", "[].join(',')" => "",
        "'hello'.replace('l', 'L')" => "heLLo", "'hello'.replace('l', 'L', 1)" => "heLlo", "'ab'.replace('', '-')" => "-a-b-",
        "'ab'.replace('a', 'x', 0)" => "ab", "'ab'.replace('b', '', -1)" => "a",
        "'tacocat'.substring(4)" => "cat", "'tacocat'.substring(0, 4)" => "taco", "'héllo'.substring(1, 2)" => "é",
        "'abc'.substring(3)" => "", "'tacocat'.indexOf('a')" => 1, "'tacocat'.indexOf('x')" => (-1), "'tacocat'.indexOf('')" => 0,
        "'tacocat'.indexOf('a', 3)" => 5, "'ééa'.indexOf('a')" => 2, "'tacocat'.lastIndexOf('at')" => 5,
        "'tacocat'.lastIndexOf('')" => 7, "'tacocat'.lastIndexOf('a', 3)" => 1, "'tacocat'.lastIndexOf('x')" => (-1),
        "'ta©o©αT'.lastIndexOf('©')" => 4, "'ta©o©αT'.lastIndexOf('©', 3)" => 2,
        "'héy'.charAt(1)" => "é", "'abc'.charAt(3)" => "",
    }
    conversions {
        "int('42')" => 42, "int(1.9)" => 1, "int(-1.9)" => (-1), "int(7u)" => 7, "uint(7)" => 7, "uint('7')" => 7,
        "double(7)" => 7.0, "double('1.5')" => 1.5, "string(7)" => "7", "string(7u)" => "7", "string(1.5)" => "1.5",
        "string(2.0)" => "2", "string(1e30)" => "1e+30", "string(0.00001)" => "1e-05", "string(-4.5e3)" => "-4500",
        "string(true)" => "true", "bool('true')" => true, "bool('f')" => false, "bool(true)" => true, "string('a')" => "a",
        "int(timestamp('1970-01-01T00:01:00Z'))" => 60, "dyn(1)" => 1, "inputs.score + 1" => 88, "inputs.ratio * 2.0" => 1.0,
    }
    times {
        "timestamp('2026-01-31T08:00:00+02:00')" => "2026-01-31T06:00:00Z", "timestamp(0)" => "1970-01-01T00:00:00Z",
        "timestamp('2026-01-31T08:00:00.500Z')" => "2026-01-31T08:00:00.5Z", "duration('1h30m')" => "5400s",
        "duration('7d')" => "604800s", "duration('-1.5s')" => "-1.5s", "duration('1d12h') == duration('36h')" => true,
        "duration('0')" => "0s", "duration('1ms')" => "0.001s", "duration('100us1ns')" => "0.000100001s",
        "timestamp('2026-01-31T08:00:00Z') + duration('1h')" => "2026-01-31T09:00:00Z",
        "duration('1h') + timestamp('2026-01-31T08:00:00Z')" => "2026-01-31T09:00:00Z",
        "timestamp('2026-02-01T00:00:00Z') - timestamp('2026-01-31T00:00:00Z')" => "86400s",
        "timestamp('2026-02-01T00:00:00Z') - duration('1s')" => "2026-01-31T23:59:59Z",
        "duration('1h') - duration('1m') > duration('58m')" => true, "timestamp(1) < timestamp(2)" => true,
        "timestamp('2026-01-31T23:30:00Z').getHours()" => 23, "timestamp('2026-01-31T23:30:00Z').getHours('Europe/Paris')" => 0,
        "timestamp('2026-01-31T23:30:00Z').getDate('Europe/Paris')" => 1,
        "timestamp('2026-01-31T23:30:00Z').getMinutes('-00:45')" => 45,
        "timestamp('2026-01-31T23:30:00Z').getFullYear()" => 2026, "timestamp('2026-01-31T23:30:00Z').getMonth()" => 0,
        "timestamp('2026-01-31T23:30:00Z').getDayOfMonth()" => 30, "timestamp('2026-01-31T23:30:00Z').getDate()" => 31,
        "timestamp('2026-02-01T00:00:00Z').getDayOfYear()" => 31, "timestamp('2026-02-01T00:00:00Z').getDayOfWeek()" => 0,
        "timestamp('2026-02-01T00:00:07.123Z').getSeconds()" => 7, "timestamp('2026-02-01T00:00:07.123Z').getMilliseconds()" => 123,
        "duration('10000s').getHours()" => 2, "duration('3730s').getMinutes()" => 62, "duration('3730s').getSeconds()" => 3730,
        "duration('123.321456789s').getMilliseconds()" => 321, "string(duration('90s'))" => "90s",
        "string(timestamp(0))" => "1970-01-01T00:00:00Z", "[timestamp(0)]" => ["1970-01-01T00:00:00Z"],
    }
    responders {
        "isPrivateIP('10.1.2.3')" => true, "isPrivateIP('172.31.0.1')" => true, "isPrivateIP('172.32.0.1')" => false,
        "isPrivateIP('192.168.0.1')" => true, "isPrivateIP('100.64.0.1')" => true, "isPrivateIP('127.0.0.1')" => true,
        "isPrivateIP('203.0.113.7')" => false, "isPrivateIP('fd00::1')" => true, "isPrivateIP('fe80::1')" => true,
        "isPrivateIP('2001:db8::1')" => false, "isPrivateIP('::ffff:10.0.0.1')" => true,
        "urlencode('a b/ç~')" => "a%20b%2F%C3%A7~",
        "sha256('abc')" => "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "jsonpath(inputs, '$.alerts[*].id')" => ["a1", "a2"], "jsonpath(inputs.alerts, \"$[?@.score > 5].id\")" => ["a1"],
        "jsonpath(inputs, '$.typo')" => [], "jsonpath(inputs.name, '$')" => ["WS-042"], "jsonpath(inputs.name, '$.a')" => [],
        "size(jsonpath(inputs, '$..id'))" => 3,
    }
}

#[test]
fn what_has_no_result_is_an_error() {
    for source in [
        "9223372036854775807 + 1",
        "-9223372036854775807 - 2",
        "9223372036854775807 * 2",
        "-(-9223372036854775807 - 1)",
        "(-9223372036854775807 - 1) / -1",
        "1 / 0",
        "1 % 0",
        "1u / 0u",
        "0u - 1u",
        "18446744073709551615u + 1u",
        "int('x')",
        "int(1e19)",
        "int(double('NaN'))",
        "uint(-1)",
        "uint(-1.0)",
        "int(18446744073709551615u)",
        "bool('yes')",
        "double('x')",
        "'abc'.substring(2, 1)",
        "'abc'.substring(4)",
        "'abc'.substring(-1)",
        "'abc'.charAt(4)",
        "'abc'.indexOf('a', 9)",
        "'abc'.lastIndexOf('a', -1)",
        "1.0 / 0.0",
        "double('inf')",
        "{'a': 1, 'a': 2}",
        "timestamp(253402300800)",
        "timestamp('9999-12-31T23:59:59Z') + duration('1s')",
        "isPrivateIP('x')",
        "timestamp('9999-01-01T00:00:00Z') - timestamp('0001-01-01T00:00:00Z')",
        "duration('200d') + duration('106751d')",
        "timestamp(inputs.name)",
        "duration(inputs.name)",
        "timestamp(0).getHours(inputs.name)",
    ] {
        fails(source, ProblemKind::Evaluation);
    }
}

#[test]
fn wrong_types_are_an_error() {
    for source in [
        "1 + 'a'",
        "1 + 1.0",
        "1 + 1u",
        "'a' * 2",
        "1 < 'a'",
        "!1",
        "-'a'",
        "1 && true",
        "true && 1",
        "1 ? 2 : 3",
        "[1].map(x, x > 0, x)[0] ? 1 : 2",
        "1 in 2",
        "inputs.name.more",
        "inputs.list.more",
        "inputs.nothing.more",
        "has(inputs.name.more)",
        "inputs.list['a' + 'b']",
        "inputs.score[0 + 0]",
        "1.0 % 2.0",
        "size(1)",
        "inputs.score.contains('a')",
        "inputs.score.all(x, true)",
        "[1].filter(x, x)",
        "[1, 2].join(',')",
        "inputs.?name",
        "inputs.name.orValue(1)",
        "{1.5: 2}",
        "[?1]",
        "optional.of(1).or(2).value() == 1 && optional.none().or(2).hasValue()",
        "inputs.list.orValue(1)",
        "string([1])",
        "duration('1h').getDate()",
        "jsonpath([inputs], '$')",
        "timestamp(0) < duration('1s')",
    ] {
        fails(source, ProblemKind::Type);
    }
}

#[test]
fn what_is_missing_is_named_with_what_is_there() {
    let problem = run("inputs.machine.helth == 'Active'").unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Missing);
    assert_eq!(problem.span, 15..20);
    assert_eq!(problem.message, "there is no `helth`; there: `id`, `health`, `tags`, `zeta`, `alpha`");
    let problem = run("inputs.list[3]").unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Missing);
    assert_eq!(problem.message, "there is no item 3; the list has 3");
    assert_eq!(run("inputs.list[-1]").unwrap_err().kind, ProblemKind::Missing);
    assert_eq!(run("has(inputs.typo.more)").unwrap_err().kind, ProblemKind::Missing);
    assert_eq!(run("inputs.empty.x").unwrap_err().message, "there is no `x`; the object is empty");
    assert_eq!(run("other.x").unwrap_err().message, "`other` has no value; there: `inputs`");
    assert_eq!(run("optional.none().value()").unwrap_err().kind, ProblemKind::Missing);
}

#[test]
fn names_from_data_are_escaped_and_bounded_in_messages() {
    let mut object = serde_json::Map::new();
    object.insert("\u{1b}[31m`\n".to_owned(), json!(1));
    object.insert("x".repeat(10_000), json!(1));
    for index in 0..100 {
        object.insert(format!("k{index}"), json!(1));
    }
    let value = serde_json::Value::Object(object);
    let expression = Expression::parse("a.b").unwrap();
    let problem = expression.evaluate(&Bindings::new().with("a", &value)).unwrap_err();
    assert!(problem.message.len() < 400, "{}", problem.message);
    assert!(!problem.message.contains(['\n', '\u{1b}']));
    assert!(problem.message.ends_with("and 92 more"), "{}", problem.message);
}

#[test]
fn a_condition_is_a_boolean() {
    let bindings = Bindings::new();
    assert_eq!(Expression::parse("1 < 2").unwrap().evaluate_bool(&bindings), Ok(true));
    assert_eq!(Expression::parse("1").unwrap().evaluate_bool(&bindings).unwrap_err().kind, ProblemKind::Type);
}

#[test]
fn an_expression_can_be_shared_between_threads() {
    fn shareable<T: Send + Sync + Clone>() {}
    shareable::<Expression>();
    shareable::<riposte_expr::Template>();
    shareable::<riposte_expr::Path>();
}

#[test]
fn a_result_that_would_lose_an_entry_is_an_error() {
    fails("{1: 1, '1': 2}", ProblemKind::Evaluation);
    fails("{'true': 1, true: 2}", ProblemKind::Evaluation);
}

#[test]
fn timestamps_are_those_that_cel_knows() {
    fails("timestamp(string('2016-12-31T23:59:60Z'))", ProblemKind::Evaluation);
    fails("timestamp(string('2024-01-01 00:00:00Z'))", ProblemKind::Evaluation);
}

#[test]
fn a_higher_layer_comes_before_a_lower_one() {
    let (low, high) = (json!({ "a": 1, "b": 1 }), json!({ "b": 2, "c": 2 }));
    let bindings = Bindings::new().with("steps", &low).with_layer("steps", &high);
    for (source, expected) in [
        ("[steps.a, steps.b, steps.c]", json!([1, 2, 2])),
        ("steps.map(name, name)", json!(["a", "b", "c"])),
        (
            "[has(steps.a), has(steps.c), has(steps.d), steps.?d.orValue(3) == 3]",
            json!([true, true, false, true]),
        ),
        ("size(steps)", json!(3)),
    ] {
        assert_eq!(Expression::parse(source).unwrap().evaluate(&bindings).unwrap(), expected, "{source}");
    }
    let missing = Expression::parse("steps.d").unwrap().evaluate(&bindings).unwrap_err();
    assert_eq!(missing.message, "there is no `d`; there: `a`, `b`, `c`");
}

#[test]
fn what_is_not_read_is_not_made() {
    let made = Arc::new(AtomicUsize::new(0));
    let late = |value: Value| {
        let made = made.clone();
        Late::new(Box::new(move || {
            made.fetch_add(1, Ordering::Relaxed);
            value
        }))
    };
    let (low, high) = (late(json!({ "a": 1, "b": 1 })), json!({ "b": 2 }));
    let alert = late(json!({ "id": "da1" }));
    let bindings =
        Bindings::new().with_late("steps", &low).with_layer("steps", &high).with_late("trigger", &alert);
    let run = |source: &str| Expression::parse(source).unwrap().evaluate(&bindings).unwrap();
    assert_eq!(run("steps.b"), json!(2));
    assert_eq!(made.load(Ordering::Relaxed), 0, "a higher layer has it");
    assert_eq!(run("steps.a"), json!(1));
    assert_eq!(run("steps.a + steps.a"), json!(2));
    assert_eq!(made.load(Ordering::Relaxed), 1, "it is made once");
    assert_eq!(run("trigger.id"), json!("da1"));
    assert_eq!(made.load(Ordering::Relaxed), 2);
}

#[test]
fn a_missing_key_names_the_nearest_that_is_there() {
    assert_eq!(run("inputs.scor").unwrap_err().help.as_deref(), Some("did you mean `score`?"));
    assert_eq!(run("inputs['a' + 'ctve']").unwrap_err().help.as_deref(), Some("did you mean `active`?"));
    assert_eq!(run("inputs.nowhere").unwrap_err().help, None);
    // Looking for it is paid for: in a loop it would be work that nobody counts.
    let value = json!({ "m": { "aa": 1, "ab": 2, "ac": 3 } });
    let expression = Expression::parse("m.ax").unwrap();
    let evaluate =
        |fuel| expression.evaluate(&Bindings::new().with("m", &value["m"]).with_fuel(fuel)).unwrap_err();
    assert_eq!(evaluate(5).kind, ProblemKind::Missing);
    assert_eq!(evaluate(4).kind, ProblemKind::Fuel);
}
