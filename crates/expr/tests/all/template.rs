//! Strings with expressions in them.

use riposte_expr::{Bindings, ProblemKind, Scope, Template};
use riposte_model::Schema;
use serde_json::{Value, json};

fn render(text: &str) -> Value {
    let inputs = crate::inputs();
    Template::parse(text).expect(text).evaluate(&Bindings::new().with("inputs", &inputs)).expect(text)
}

#[test]
fn text_without_expressions_is_a_literal() {
    for (text, literal) in [
        ("", ""),
        ("plain", "plain"),
        ("$${{ x }}", "${{ x }}"),
        ("a $ b $$ {{ }}", "a $ b $$ {{ }}"),
        ("$$${{ a", "$${{ a"),
        ("é$", "é$"),
        ("}}", "}}"),
    ] {
        let template = Template::parse(text).unwrap();
        assert_eq!(template.as_literal(), Some(literal), "{text}");
        assert!(!template.is_whole());
        assert_eq!(render(text), json!(literal));
    }
}

#[test]
fn one_expression_alone_keeps_its_type() {
    assert_eq!(render("${{ inputs.score }}"), json!(87));
    assert_eq!(render("${{inputs.list}}"), json!([1, 2, 3]));
    assert_eq!(render("${{ inputs.nothing }}"), json!(null));
    assert!(Template::parse("${{ 1 }}").unwrap().is_whole());
    assert!(!Template::parse(" ${{ 1 }}").unwrap().is_whole());
    assert!(!Template::parse("${{ 1 }}${{ 1 }}").unwrap().is_whole());
}

#[test]
fn parts_are_joined() {
    assert_eq!(
        render("Alert ${{ inputs.name }}: ${{ inputs.score }}/${{ inputs.ratio }} ${{ true }}"),
        json!("Alert WS-042: 87/0.5 true")
    );
    assert_eq!(render("é${{ 'ü' }}é"), json!("éüé"));
    assert_eq!(render("$${{ ${{ 1 }}"), json!("${{ 1"));
}

#[test]
fn closing_braces_in_strings_and_maps_do_not_close() {
    assert_eq!(render(r#"${{ "}}" }}"#), json!("}}"));
    assert_eq!(render(r#"<${{ '}}' + r'\}}' + """ "}} """ }}>"#), json!("<}}\\}} \"}} >"));
    assert_eq!(render("${{ {'a': {'b': 1}} }}"), json!({"a": {"b": 1}}));
    assert_eq!(render("${{ {'a': {'b': 1}}}}"), json!({"a": {"b": 1}}));
    assert_eq!(render(r#"${{ "\"}}" }}"#), json!("\"}}"));
}

#[test]
fn problems_are_placed_in_the_whole_text() {
    let places = |text: &str| -> Vec<(ProblemKind, String)> {
        let problems = Template::parse(text).expect_err(text);
        problems.into_iter().map(|problem| (problem.kind, text[problem.span].to_owned())).collect()
    };
    assert_eq!(
        places("é ${{ foo(1) }} ü ${{ 1 + }}"),
        [(ProblemKind::UnknownFunction, "foo".to_owned()), (ProblemKind::Syntax, String::new()),]
    );
    assert_eq!(places("é ${{ a"), [(ProblemKind::Syntax, "${{".to_owned())]);
    assert_eq!(places("é ${{ 'a }}"), [(ProblemKind::Syntax, "'a }}".to_owned())]);
    assert_eq!(places("${{ a } }"), [(ProblemKind::Syntax, "${{".to_owned())]);
    assert_eq!(places("${{}}"), [(ProblemKind::Syntax, String::new())]);
}

#[test]
fn inside_a_longer_string_only_scalars_fit() {
    let scope = Scope::new().with(
        "inputs",
        Schema::object().required("list", Schema::array(Schema::any())).required("name", Schema::string()),
    );
    let text = "é ${{ inputs.list }} ${{ inputs.nam }}";
    let checked = Template::parse(text).unwrap().check(&scope);
    let places: Vec<_> =
        checked.problems.iter().map(|problem| (problem.kind, &text[problem.span.clone()])).collect();
    assert_eq!(places, [(ProblemKind::Type, " inputs.list "), (ProblemKind::UnknownName, "nam")]);
    assert_eq!(checked.schema, Schema::string());
    let whole = Template::parse("${{ inputs.list }}").unwrap().check(&scope);
    assert!(whole.problems.is_empty());
    assert_eq!(whole.schema, Schema::array(Schema::any()));

    let inputs = crate::inputs();
    let bindings = Bindings::new().with("inputs", &inputs);
    let problem = Template::parse("a ${{ inputs.list }}").unwrap().evaluate(&bindings).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Type);
    let problem = Template::parse("é ${{ inputs.typo }}").unwrap().evaluate(&bindings).unwrap_err();
    assert_eq!((problem.kind, problem.span), (ProblemKind::Missing, 14..18));
}

#[test]
fn references_are_placed_in_the_whole_text() {
    let text = "é ${{ inputs.name }} ${{ steps.a }}";
    let references = Template::parse(text).unwrap().references();
    let read: Vec<_> = references.iter().map(|reference| &text[reference.span.clone()]).collect();
    assert_eq!(read, ["inputs.name", "steps.a"]);
}
