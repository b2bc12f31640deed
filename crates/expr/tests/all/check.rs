//! What is told at load, with its exact place.

use riposte_expr::{Checked, Expression, ProblemKind, Scope, nearest};
use riposte_model::Schema;

fn scope() -> Scope {
    let inputs = Schema::object()
        .required("device_id", Schema::string())
        .required("severity", Schema::choice(["Low", "Medium", "High"]))
        .required("score", Schema::integer())
        .required("ratio", Schema::number())
        .optional("note", Schema::string().or_null())
        .required("tags", Schema::array(Schema::string()))
        .required("levels", Schema::array(Schema::choice(["Low", "High"])));
    let device =
        Schema::object().required("status", Schema::choice(["succeeded", "failed", "skipped"])).required(
            "output",
            Schema::open_object()
                .required("healthStatus", Schema::choice(["Active", "Inactive"]))
                .required("id", Schema::string()),
        );
    Scope::new()
        .with("inputs", inputs)
        .with("steps", Schema::object().required("device", device))
        .with("trigger", Schema::any())
}

fn checked(source: &str) -> Checked {
    Expression::parse(source).unwrap_or_else(|problems| panic!("{source}: {problems:#?}")).check(&scope())
}

#[track_caller]
fn is_wrong(source: &str, kind: ProblemKind, place: &str) {
    let problems = checked(source).problems;
    let [problem] = problems.as_slice() else { panic!("{source}: {problems:#?}") };
    assert_eq!((problem.kind, &source[problem.span.clone()]), (kind, place), "{source}: {problem:?}");
}

#[test]
fn what_may_be_right_is_not_complained_about() {
    for source in [
        "inputs.severity in ['Medium', 'High']",
        "steps.device.output.healthStatus == \"Active\"",
        "trigger.body.x.y > 3",
        "steps.device.output.unknownToUs == 4",
        "has(inputs.note) && inputs.note != null",
        "inputs.note == null",
        "inputs.score + 1 > 3",
        "inputs.ratio * 2.0 > 1",
        "inputs.ratio + 1 > 0",
        "inputs.score == 1.5",
        "inputs.?note.orValue('') == 'x'",
        "inputs.tags.exists(t, t.startsWith('a'))",
        "inputs['score'] == 1",
        "inputs.tags[0] == 'a'",
        "'High' in inputs.levels",
        "'a' in inputs.tags",
        "timestamp(trigger.at) > timestamp('2026-01-01T00:00:00Z')",
        "trigger.at + trigger.other == trigger.x",
        "inputs.score > 3 ? 'a' : 'b'",
        "[1, 'a'].map(x, x + x)",
        "{'a': 1}.a == 1",
        "steps.map(s, s)",
        "'device_id' in inputs",
        "inputs.severity + '!'",
        "inputs.severity < 'X'",
        "trigger.list.map(x, x.y)[0].z",
        "jsonpath(trigger, '$.a')[0].b == 1",
    ] {
        assert!(checked(source).problems.is_empty(), "{source}: {:#?}", checked(source).problems);
    }
}

#[test]
fn names_that_do_not_exist_are_named_with_the_nearest() {
    is_wrong("input.score == 1", ProblemKind::UnknownName, "input");
    is_wrong("1 == inputs.scor", ProblemKind::UnknownName, "scor");
    is_wrong("inputs['scor'] == 1", ProblemKind::UnknownName, "'scor'");
    is_wrong("has(inputs.scor)", ProblemKind::UnknownName, "scor");
    is_wrong("inputs.?scor.orValue(1) == 1", ProblemKind::UnknownName, "scor");
    is_wrong("steps.isolate.output.id == ''", ProblemKind::UnknownName, "isolate");
    is_wrong("{'a': 1}.b == 1", ProblemKind::UnknownName, "b");
    is_wrong("inputs.tags.map(t, tt)", ProblemKind::UnknownName, "tt");
    let problem = checked("inputs.scor == 1").problems.remove(0);
    assert_eq!(problem.message, "there is no `scor` here");
    assert_eq!(
        problem.help.as_deref(),
        Some(
            "did you mean `score`? there is: `device_id`, `severity`, `score`, `ratio`, `note`, `tags`, `levels`"
        )
    );
}

#[test]
fn literals_that_a_choice_never_has_are_told() {
    is_wrong("inputs.severity == 'Hihg'", ProblemKind::Choice, "'Hihg'");
    is_wrong("'Hihg' != inputs.severity", ProblemKind::Choice, "'Hihg'");
    is_wrong("inputs.severity in ['Low', \"Hihg\"]", ProblemKind::Choice, "\"Hihg\"");
    is_wrong("'Medium' in inputs.levels", ProblemKind::Choice, "'Medium'");
    is_wrong("inputs.levels.exists(l, l == 'Medium')", ProblemKind::Choice, "'Medium'");
    is_wrong("steps.device.output.healthStatus == 'active'", ProblemKind::Choice, "'active'");
    let problem = checked("inputs.severity == 'Hihg'").problems.remove(0);
    assert_eq!(problem.help.as_deref(), Some("did you mean `High`? the values are: `Low`, `Medium`, `High`"));
}

#[test]
fn types_that_do_not_go_together_are_told() {
    is_wrong("inputs.score == 'a'", ProblemKind::Type, "inputs.score == 'a'");
    is_wrong("inputs.score + 'a' == ''", ProblemKind::Type, "inputs.score + 'a'");
    is_wrong("inputs.score + 1.0 > 0.0", ProblemKind::Type, "inputs.score + 1.0");
    is_wrong("inputs.device_id > 3", ProblemKind::Type, "inputs.device_id > 3");
    is_wrong("inputs.device_id && true", ProblemKind::Type, "inputs.device_id");
    is_wrong("!inputs.score", ProblemKind::Type, "inputs.score");
    is_wrong("inputs.score ? 1 : 2", ProblemKind::Type, "inputs.score");
    is_wrong("inputs.score.startsWith('a')", ProblemKind::Type, "inputs.score");
    is_wrong("inputs.tags.name", ProblemKind::Type, "name");
    is_wrong("inputs.device_id.name", ProblemKind::Type, "name");
    is_wrong("inputs.score.map(x, x)", ProblemKind::Type, "inputs.score");
    is_wrong("inputs.tags.filter(t, t)", ProblemKind::Type, "t");
    is_wrong("inputs.tags[inputs.device_id]", ProblemKind::Type, "inputs.device_id");
    is_wrong("1 in inputs.tags", ProblemKind::Type, "1");
    is_wrong("1 in inputs.score", ProblemKind::Type, "inputs.score");
    is_wrong("inputs.?note", ProblemKind::Type, "inputs.?note");
    is_wrong("inputs.note.orValue('a')", ProblemKind::Type, "inputs.note");
    is_wrong("timestamp(0) > '2026-01-01'", ProblemKind::Type, "timestamp(0) > '2026-01-01'");
    is_wrong("-inputs.device_id", ProblemKind::Type, "inputs.device_id");
}

#[test]
fn all_problems_are_told_at_once() {
    let problems =
        checked("input.x == 1 && inputs.scor > 2 || inputs.severity == 'low' || inputs.score == 'a'")
            .problems;
    let kinds: Vec<ProblemKind> = problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(
        kinds,
        [ProblemKind::UnknownName, ProblemKind::UnknownName, ProblemKind::Choice, ProblemKind::Type]
    );
}

#[test]
fn the_type_of_the_result_is_inferred() {
    for (source, expected) in [
        ("inputs.severity", Schema::choice(["Low", "Medium", "High"])),
        ("inputs.score > 1", Schema::boolean()),
        ("inputs.score + 1", Schema::integer()),
        ("inputs.ratio / 2.0", Schema::number()),
        ("inputs.device_id + 'x'", Schema::string()),
        ("inputs.tags", Schema::array(Schema::string())),
        ("inputs.tags[0]", Schema::string()),
        ("inputs.tags.map(t, size(t))", Schema::array(Schema::integer())),
        ("inputs.score > 1 ? 'Full' : 'Selective'", Schema::choice(["Full", "Selective"])),
        ("inputs.?note.orValue('')", Schema::string().or_null()),
        ("trigger.body", Schema::any()),
        ("steps.device.output.other", Schema::any()),
        ("has(inputs.note)", Schema::boolean()),
        ("timestamp(0)", Schema::formatted(riposte_model::Format::DateTime)),
        ("timestamp(0) - timestamp(0)", Schema::string()),
        ("['a', 'b']", Schema::array(Schema::choice(["a", "b"]))),
    ] {
        let checked = checked(source);
        assert!(checked.problems.is_empty(), "{source}: {:?}", checked.problems);
        assert_eq!(checked.schema, expected, "{source}");
    }
}

#[test]
fn references_tell_what_is_read_and_what_is_guarded() {
    let read = |source: &str| -> Vec<String> {
        let references = Expression::parse(source).unwrap().references();
        let shown = references.iter().map(|reference| {
            assert_eq!(reference.span.start, reference.segments[0].span.start);
            let names = reference.segments.iter().map(|segment| {
                if segment.guarded { format!("({})", segment.name) } else { segment.name.clone() }
            });
            names.collect::<Vec<_>>().join(".")
        });
        shown.collect()
    };
    assert_eq!(read("steps.isolate.output == inputs['a'].b[0].c"), ["steps.isolate.output", "inputs.a.b"]);
    assert_eq!(read("has(a.b.c)"), ["a.b.(c)"]);
    assert_eq!(read("a.?b.c.orValue(d.e)"), ["a.(b).(c)", "d.e"]);
    assert_eq!(read("has(a.b) && a.b.c > a.x"), ["a.(b)", "(a).(b).c", "(a).x"]);
    assert_eq!(read("has(a.b) ? a.b : a.b"), ["a.(b)", "(a).(b)", "a.b"]);
    assert_eq!(read("!has(a.b) || a.b"), ["a.(b)", "(a).(b)"]);
    assert_eq!(read("!has(a.b) ? 0 : a.b"), ["a.(b)", "a.b".replace("a.b", "(a).(b)").as_str()]);
    assert_eq!(read("l.exists(x, x.y == z.w)"), ["l", "z.w"]);
    assert_eq!(read("a[b.c].d"), ["a", "b.c"]);
    assert_eq!(read("a[?b.c].d.orValue(1)"), ["a", "b.c"]);
    assert!(read("1 + size('a')").is_empty());
}

#[test]
fn the_nearest_name_is_near_and_the_first() {
    assert_eq!(
        nearest("defender.isolate_machin", ["defender.isolate_machine"]),
        Some("defender.isolate_machine")
    );
    assert_eq!(nearest("isolte", ["package", "isolate"]), Some("isolate"));
    assert_eq!(nearest("Hihg", ["Low", "High"]), Some("High"));
    assert_eq!(nearest("abcdef", ["abcxyz"]), None);
    assert_eq!(nearest("cat", ["car", "bat"]), Some("car"));
    assert_eq!(nearest("x", ["y"]), None);
    assert_eq!(nearest("", ["a"]), None);
    assert_eq!(nearest("severity", []), None);
}

#[test]
fn maps_may_have_keys_that_are_no_text() {
    for source in
        ["{1: 'a'}[1] == 'a'", "1 in {1: 2}", "{1: 2}.map(k, k + 1) == [2]", "{1: 2}.exists(k, k == 1)"]
    {
        assert!(checked(source).problems.is_empty(), "{source}: {:#?}", checked(source).problems);
    }
}
