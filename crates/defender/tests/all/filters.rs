//! Whatever text is asked for, a filter says what its builder was told: an independent reader of OData finds the same words.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use riposte_defender::{Filter, MachineActionField as By};

/// A word of an expression.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Text(String),
    Word(String),
    Mark(char),
}

/// Reads an expression by the rules of OData 4.01: a text ends at a quote that is not doubled.
fn read(expression: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = expression.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ' ' => {}
            '\'' => {
                let mut text = String::new();
                loop {
                    match rest.next()? {
                        '\'' if rest.peek() == Some(&'\'') => {
                            rest.next();
                            text.push('\'');
                        }
                        '\'' => break,
                        other => text.push(other),
                    }
                }
                tokens.push(Token::Text(text));
            }
            '(' | ')' | ',' => tokens.push(Token::Mark(c)),
            _ => {
                let mut word = String::from(c);
                while let Some(next) = rest.next_if(|next| !" '(),".contains(*next)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

/// What a filter can be asked for.
#[derive(Debug, Clone)]
enum Part {
    Equals(String),
    OneOf(String, Vec<String>),
    Number(i64),
    StartsWith(String),
    Any(String),
    Since(DateTime<Utc>),
    Until(DateTime<Utc>),
}

impl Part {
    fn filter(&self) -> Filter<By> {
        match self {
            Part::Equals(text) => Filter::equals(By::Requestor, text),
            Part::OneOf(first, rest) => Filter::one_of(By::Id, first, rest),
            Part::Number(number) => Filter::is_number(By::Status, *number),
            Part::StartsWith(text) => Filter::starts_with(By::MachineId, text),
            Part::Any(text) => Filter::any(By::Kind, text),
            Part::Since(moment) => Filter::at_or_after(By::CreationDateTimeUtc, *moment),
            Part::Until(moment) => Filter::at_or_before(By::CreationDateTimeUtc, *moment),
        }
    }

    fn tokens(&self) -> Vec<Token> {
        let word = |word: &str| Token::Word(word.to_owned());
        let text = |text: &String| Token::Text(text.clone());
        let (open, comma, close) = (Token::Mark('('), Token::Mark(','), Token::Mark(')'));
        let moment = |moment: &DateTime<Utc>| {
            let digits = if moment.timestamp_subsec_nanos() == 0 { "" } else { "%.6f" };
            word(&moment.format(&format!("%Y-%m-%dT%H:%M:%S{digits}Z")).to_string())
        };
        match self {
            Part::Equals(value) => vec![word("requestor"), word("eq"), text(value)],
            Part::OneOf(first, rest) => {
                let mut tokens = vec![word("id"), word("in"), open, text(first)];
                tokens.extend(rest.iter().flat_map(|value| [comma.clone(), text(value)]));
                tokens.push(close);
                tokens
            }
            Part::Number(number) => vec![word("status"), word("eq"), word(&number.to_string())],
            Part::StartsWith(value) => {
                vec![word("startswith"), open, word("machineId"), comma, text(value), close]
            }
            Part::Any(value) => {
                vec![word("type/any"), open, word("item:"), word("item"), word("eq"), text(value), close]
            }
            Part::Since(at) => vec![word("creationDateTimeUtc"), word("ge"), moment(at)],
            Part::Until(at) => vec![word("creationDateTimeUtc"), word("le"), moment(at)],
        }
    }
}

/// Text that is fond of what could end it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["['\"\\\\%+&#, ()a=]{0,12}", "\\PC{0,8}", any::<String>(), Just("' or '1' eq '1".to_owned())]
}

fn part() -> impl Strategy<Value = Part> {
    let moment = || {
        let digits = prop_oneof![Just(0_u32), (0..1_000_000_u32).prop_map(|micros| micros * 1_000)];
        (0..4_000_000_000_i64, digits)
            .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).expect("a moment"))
    };
    prop_oneof![
        text().prop_map(Part::Equals),
        (text(), prop::collection::vec(text(), 0..4)).prop_map(|(first, rest)| Part::OneOf(first, rest)),
        any::<i64>().prop_map(Part::Number),
        text().prop_map(Part::StartsWith),
        text().prop_map(Part::Any),
        moment().prop_map(Part::Since),
        moment().prop_map(Part::Until),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_says_what_was_asked_and_nothing_else(parts in prop::collection::vec(part(), 1..5)) {
        let filter = parts.iter().map(Part::filter).reduce(Filter::and).expect("one part at least");
        let mut expected = Vec::new();
        for part in &parts {
            if !expected.is_empty() {
                expected.push(Token::Word("and".into()));
            }
            expected.extend(part.tokens());
        }
        prop_assert_eq!(read(&filter.to_string()), Some(expected), "{}", filter);
    }
}
