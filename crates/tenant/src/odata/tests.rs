use std::fmt;

use proptest::prelude::*;

use super::lexer::tokens;
use super::parser::{Expression, Operand, Operator, TextFunction};
use super::*;
use crate::clock::stamp;

const FIELDS: &[Field] = &[
    Field { name: "id", kind: FieldType::Guid },
    Field { name: "status", kind: FieldType::Text },
    Field { name: "address/city", kind: FieldType::Text },
    Field { name: "group", kind: FieldType::NumberOrText },
    Field { name: "created", kind: FieldType::Time },
    Field { name: "tags", kind: FieldType::Texts },
];

struct Sample;

impl Row for Sample {
    fn value(&self, field: &str) -> Value {
        match field {
            "id" => Value::Guid("b89eb834-4578-496c-8be0-03f004061435".parse().unwrap()),
            "status" => Value::Text("Pending".into()),
            "address/city" => Value::Text("Bern".into()),
            "group" => Value::Number(140.0),
            "created" => {
                Value::Time(DateTime::parse_from_rfc3339("2018-12-04T12:09:24.1785079Z").unwrap().into())
            }
            "tags" => Value::Texts(vec!["blue".into(), "it's".into()]),
            _ => Value::Null,
        }
    }
}

fn check(filter: &str) -> Result<bool, String> {
    Filter::parse(filter, FIELDS).map(|filter| filter.matches(&Sample)).map_err(|error| error.to_string())
}

#[test]
fn comparisons_tell_true_from_false() {
    for (filter, expected) in [
        ("status eq 'Pending'", true),
        ("status eq 'pending'", false),
        ("status ne 'Succeeded'", true),
        ("'Pending' eq status", true),
        ("status eq null", false),
        ("status ne null", true),
        ("group eq 140", true),
        ("group eq '140'", true),
        ("group gt 1.5e2", false),
        ("group ge -1", true),
        ("id eq b89eb834-4578-496c-8be0-03f004061435", true),
        ("id eq 'B89EB834-4578-496C-8BE0-03F004061435'", true),
        ("id eq 'not a guid'", false),
        ("created gt 2018-08-01Z", true),
        ("created gt 2018-08-01", true),
        ("created ge 2018-12-04T12:09:24.1785079Z", true),
        ("created eq 2018-12-04T13:09:24.1785079+01:00", true),
        ("created lt 2018-12-04T12:09:24Z", false),
        ("created le 2019-01-01T00:00:00Z", true),
        ("status in ('Pending','InProgress')", true),
        ("status in ( 'Failed' , 'TimeOut' )", false),
        ("not (status in ('Pending'))", false),
        ("startswith(status,'Pen')", true),
        ("endswith(status, 'ing')", true),
        ("contains(status,'end')", true),
        ("contains(status,'x')", false),
        ("address/city eq 'Bern'", true),
        ("status eq 'it''s'", false),
    ] {
        assert_eq!(check(filter), Ok(expected), "{filter}");
    }
}

#[test]
fn names_and_keywords_are_taken_in_any_case_and_texts_are_not() {
    for (filter, expected) in [
        ("STATUS EQ 'Pending'", true),
        ("Status Eq 'PENDING'", false),
        ("status NE 'x' AND Group GT 1", true),
        ("status eq 'x' Or NOT (status IN ('x'))", true),
        ("StartsWith(Status,'Pen') and CONTAINS(status,'PEND')", false),
        ("Tags/Any(T: t EQ 'blue')", true),
    ] {
        assert_eq!(check(filter), Ok(expected), "{filter}");
    }
}

#[test]
fn any_looks_into_a_list() {
    for (filter, expected) in [
        ("tags/any(t: t eq 'blue')", true),
        ("tags/any(t:t eq 'blue')", true),
        ("tags/any(tag : tag eq 'it''s')", true),
        ("tags/any(t: t eq 'Blue')", false),
        ("tags/any(t: t eq 'red' or startswith(t,'bl'))", true),
        ("tags/any(t: t in ('red','blue')) and status eq 'Pending'", true),
        ("not tags/any(t: t eq 'red')", true),
        ("tags/any(t: t ne status and created gt 2018-08-01T00:00:00Z)", true),
        ("tags/any(t: t eq 'red') or tags/any(t: t eq 'blue')", true),
    ] {
        assert_eq!(check(filter), Ok(expected), "{filter}");
    }
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    for (filter, expected) in [
        ("status eq 'Pending' or status eq 'x' and status eq 'y'", true),
        ("(status eq 'Pending' or status eq 'x') and status eq 'y'", false),
        ("not status eq 'x' and status eq 'Pending'", true),
        ("not not status eq 'Pending'", true),
    ] {
        assert_eq!(check(filter), Ok(expected), "{filter}");
    }
}

#[test]
fn wrong_filters_say_what_is_wrong() {
    for (filter, part) in [
        ("", "a field or a value is expected"),
        ("status", "an operator is expected"),
        ("status is 'x'", "eq, ne, gt"),
        ("status eq", "a field or a value is expected (at position 9)"),
        ("status eq 'x", "not closed (at position 10)"),
        ("comment eq 'x'", "`comment` does not exist here or cannot be filtered"),
        ("status eq 1", "incompatible types (at position 10)"),
        ("created gt '2018-08-01Z'", "incompatible types"),
        ("status in 'x'", "`(` is expected"),
        ("status in ()", "a field or a value is expected"),
        ("status in ('x' 'y')", "`,` or `)`"),
        ("(status eq 'x'", "`)` is expected"),
        ("status eq 'x')", "should end here"),
        ("contains(created,'x')", "a text is expected"),
        ("status eq 1e5bc9d7e413", "no literal"),
        ("tags eq 'x'", "`tags` is a list: write tags/any(t: t eq 'x')"),
        ("tags eq null", "is a list"),
        ("startswith(tags,'x')", "is a list"),
        ("status/any(t: t eq 'x')", "no list `status`"),
        ("tags/all(t: t eq 'x')", "`tags/all` does not exist"),
        ("tags/any()", "a variable is expected"),
        ("tags/any(1: 1 eq 'x')", "a variable is expected"),
        ("tags/any(null: null eq 'x')", "a variable is expected"),
        ("tags/any(t t eq 'x')", "`:` is expected"),
        ("tags/any(t: t eq 1)", "incompatible types"),
        ("tags/any(t: t eq 'x'", "`)` is expected"),
        ("tags/any(t: tags/any(u: u eq t))", "cannot stand in another"),
        ("tags/any(t: t eq 'x') and t eq 'x'", "`t` does not exist"),
        ("status in (status)", "literals only"),
        ("status eq \"x\"", "not expected"),
    ] {
        let error = check(filter).unwrap_err();
        assert!(error.contains(part), "{filter}: {error}");
    }
}

#[test]
fn length_depth_and_lists_are_bounded() {
    let deep = |n: usize| format!("{}status eq 'x'{}", "(".repeat(n), ")".repeat(n));
    assert!(check(&deep(MAX_DEPTH - 1)).is_ok());
    assert!(check(&deep(MAX_DEPTH)).unwrap_err().contains("deeper"));
    assert!(check(&"not ".repeat(500)).unwrap_err().contains("deeper"));
    assert!(check(&" ".repeat(MAX_LENGTH + 1)).unwrap_err().contains("longer"));
    let list = |n: usize| format!("status in ({})", vec!["'x'"; n].join(","));
    assert!(check(&list(MAX_LIST)).is_ok());
    assert!(check(&list(MAX_LIST + 1)).unwrap_err().contains("at most"));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,80}") {
        let _ = check(&text);
    }

    #[test]
    fn no_likely_text_makes_the_parser_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "status", "created", "eq", "in", "and", "or", "not", "(", ")", ",", "'a'", "1", "2018-08-01Z", "null",
                "contains(", "tags/any", "t", ":", "t:t",
            ]),
            0..30,
        ),
    ) {
        let _ = check(&words.join(" "));
    }

    #[test]
    fn a_quoted_text_comes_back_as_it_was(text in ".{0,60}") {
        let quoted = format!("'{}'", text.replace('\'', "''"));
        let read = tokens(&quoted).unwrap();
        prop_assert_eq!(&read[0].kind, &super::lexer::TokenKind::Text(text));
        prop_assert_eq!(read.len(), 1);
    }

    #[test]
    fn a_printed_filter_is_read_as_the_same_filter(expression in expressions()) {
        let printed = Printed(&expression).to_string();
        prop_assume!(printed.len() <= MAX_LENGTH);
        let read = Filter::parse(&printed, FIELDS);
        prop_assert_eq!(read, Ok(Filter(expression)), "{}", printed);
    }
}

fn expressions() -> impl Strategy<Value = Expression> {
    let text = "[ -~]{0,8}".prop_map(Value::Text);
    let status = || Operand::Field(FIELDS[1]);
    let operators = || {
        use Operator::{Eq, Ge, Gt, Le, Lt, Ne};
        prop::sample::select(vec![Eq, Ne, Gt, Ge, Lt, Le])
    };
    let functions =
        prop::sample::select(vec![TextFunction::StartsWith, TextFunction::EndsWith, TextFunction::Contains]);
    let time = (0_i64..4_000_000_000, 0_u32..10_000_000)
        .prop_map(|(s, ticks)| Value::Time(DateTime::from_timestamp(s, ticks * 100).unwrap()));
    let element = text.clone();
    let leaf = prop_oneof![
        (operators(), text.clone()).prop_map(move |(operator, value)| Expression::Compare {
            left: status(),
            operator,
            right: Operand::Literal(value)
        }),
        (operators(), time).prop_map(|(operator, value)| Expression::Compare {
            left: Operand::Literal(value),
            operator,
            right: Operand::Field(FIELDS[4])
        }),
        (operators(), any::<i32>()).prop_map(|(operator, n)| Expression::Compare {
            left: Operand::Field(FIELDS[3]),
            operator,
            right: Operand::Literal(Value::Number(n.into()))
        }),
        any::<u128>().prop_map(|id| Expression::Compare {
            left: Operand::Field(FIELDS[0]),
            operator: Operator::Eq,
            right: Operand::Literal(Value::Guid(uuid::Uuid::from_u128(id)))
        }),
        prop::collection::vec(text.clone(), 1..5)
            .prop_map(move |list| Expression::In { operand: status(), list }),
        (functions, text).prop_map(move |(function, part)| Expression::Text {
            function,
            text: status(),
            part: Operand::Literal(part)
        }),
        (operators(), element).prop_map(|(operator, value)| Expression::Any {
            field: FIELDS[5],
            body: Box::new(Expression::Compare {
                left: Operand::Element,
                operator,
                right: Operand::Literal(value)
            })
        }),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Expression::Or(Box::new(a), Box::new(b))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Expression::And(Box::new(a), Box::new(b))),
            inner.prop_map(|a| Expression::Not(Box::new(a))),
        ]
    })
}

/// Writes an expression with every parenthesis, so that reading must give back exactly this tree.
struct Printed<'a>(&'a Expression);

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expression::Or(a, b) => write!(f, "({}) or ({})", Printed(a), Printed(b)),
            Expression::And(a, b) => write!(f, "({}) and ({})", Printed(a), Printed(b)),
            Expression::Not(a) => write!(f, "not ({})", Printed(a)),
            Expression::Compare { left, operator, right } => {
                let operator = match operator {
                    Operator::Eq => "eq",
                    Operator::Ne => "ne",
                    Operator::Gt => "gt",
                    Operator::Ge => "ge",
                    Operator::Lt => "lt",
                    Operator::Le => "le",
                };
                write!(f, "{} {operator} {}", operand(left), operand(right))
            }
            Expression::In { operand: of, list } => {
                let list: Vec<String> = list.iter().map(value).collect();
                write!(f, "{} in ({})", operand(of), list.join(","))
            }
            Expression::Text { function, text, part } => {
                let name = match function {
                    TextFunction::StartsWith => "startswith",
                    TextFunction::EndsWith => "endswith",
                    TextFunction::Contains => "contains",
                };
                write!(f, "{name}({},{})", operand(text), operand(part))
            }
            Expression::Any { field, body } => write!(f, "{}/any(e:{})", field.name, Printed(body)),
        }
    }
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Field(field) => field.name.to_owned(),
        Operand::Element => "e".into(),
        Operand::Literal(literal) => value(literal),
    }
}

fn value(literal: &Value) -> String {
    match literal {
        Value::Null => "null".into(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Guid(id) => id.to_string(),
        Value::Time(at) => stamp(*at),
        Value::Texts(_) => panic!("no literal is a list"),
    }
}
