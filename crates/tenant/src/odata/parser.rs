//! Tokens into a checked expression.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use super::lexer::{Token, TokenKind, is_name, tokens};
use super::{BadFilter, Field, FieldType, MAX_DEPTH, MAX_LIST, Value};

/// A filter whose fields exist and whose types agree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter(pub(super) Expression);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Or(Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Compare {
        left: Operand,
        operator: Operator,
        right: Operand,
    },
    In {
        operand: Operand,
        list: Vec<Value>,
    },
    Text {
        function: TextFunction,
        text: Operand,
        part: Operand,
    },
    /// Whether one element of a list passes.
    Any {
        field: Field,
        body: Box<Expression>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Field(Field),
    /// The variable of the `any` around it: one text of the list.
    Element,
    Literal(Value),
}

impl Operand {
    /// The type of what a row puts here; `None` for a literal.
    fn kind(&self) -> Option<FieldType> {
        match self {
            Self::Field(field) => Some(field.kind),
            Self::Element => Some(FieldType::Text),
            Self::Literal(_) => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextFunction {
    StartsWith,
    EndsWith,
    Contains,
}

impl Filter {
    /// Reads a filter over these fields. `text` is already percent-decoded.
    pub(crate) fn parse(text: &str, fields: &'static [Field]) -> Result<Self, BadFilter> {
        let mut parser = Parser { tokens: tokens(text)?, next: 0, end: text.len(), fields, variable: None };
        let expression = parser.or(0)?;
        match parser.peek() {
            None => Ok(Self(expression)),
            Some(_) => Err(parser.wrong("the filter should end here")),
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    end: usize,
    fields: &'static [Field],
    /// What the `any` that is being read calls its elements.
    variable: Option<String>,
}

impl Parser {
    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    fn take(&mut self) -> Option<TokenKind> {
        let token = self.tokens.get(self.next).cloned()?;
        self.next += 1;
        Some(token.kind)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |token| token.at)
    }

    fn wrong(&self, message: impl Into<String>) -> BadFilter {
        BadFilter { message: message.into(), at: self.at() }
    }

    fn take_word(&mut self, expected: &str) -> bool {
        let found = matches!(self.peek(), Some(TokenKind::Word(word)) if word.eq_ignore_ascii_case(expected));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, kind: &TokenKind, name: &str) -> Result<(), BadFilter> {
        if self.peek() != Some(kind) {
            return Err(self.wrong(format!("{name} is expected")));
        }
        self.next += 1;
        Ok(())
    }

    fn or(&mut self, depth: usize) -> Result<Expression, BadFilter> {
        let mut left = self.and(depth)?;
        while self.take_word("or") {
            left = Expression::Or(Box::new(left), Box::new(self.and(depth)?));
        }
        Ok(left)
    }

    fn and(&mut self, depth: usize) -> Result<Expression, BadFilter> {
        let mut left = self.unary(depth)?;
        while self.take_word("and") {
            left = Expression::And(Box::new(left), Box::new(self.unary(depth)?));
        }
        Ok(left)
    }

    fn unary(&mut self, depth: usize) -> Result<Expression, BadFilter> {
        if depth >= MAX_DEPTH {
            return Err(self.wrong(format!("the filter nests deeper than {MAX_DEPTH}")));
        }
        if self.take_word("not") {
            return Ok(Expression::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.peek() == Some(&TokenKind::Open) {
            self.next += 1;
            let inner = self.or(depth + 1)?;
            self.expect(&TokenKind::Close, "`)`")?;
            return Ok(inner);
        }
        if let Some(path) = self.any_path() {
            return self.any(&path, depth);
        }
        match self.text_function() {
            Some(function) => self.text_call(function),
            None => self.comparison(),
        }
    }

    /// The list before `/any(`, if that is what comes.
    fn any_path(&self) -> Option<String> {
        let Some(TokenKind::Word(word)) = self.peek() else { return None };
        let (path, any) = word.rsplit_once('/')?;
        let is_call = any.eq_ignore_ascii_case("any") && self.opens_behind();
        is_call.then(|| path.to_owned())
    }

    fn any(&mut self, path: &str, depth: usize) -> Result<Expression, BadFilter> {
        let field = *self
            .fields
            .iter()
            .find(|field| field.kind == FieldType::Texts && field.name.eq_ignore_ascii_case(path))
            .ok_or_else(|| self.wrong(format!("there is no list `{path}` here")))?;
        if self.variable.is_some() {
            return Err(self.wrong("an `any` cannot stand in another"));
        }
        self.next += 2;
        match self.peek() {
            Some(TokenKind::Word(name))
                if is_name(name) && !name.contains('/') && literal(name).is_none() =>
            {
                self.variable = Some(name.clone());
            }
            _ => return Err(self.wrong("a variable is expected, as in any(t: t eq 'x')")),
        }
        self.next += 1;
        self.expect(&TokenKind::Colon, "`:`")?;
        let body = Box::new(self.or(depth + 1)?);
        self.expect(&TokenKind::Close, "`)`")?;
        self.variable = None;
        Ok(Expression::Any { field, body })
    }

    /// Whether a parenthesis comes behind the next token.
    fn opens_behind(&self) -> bool {
        self.tokens.get(self.next + 1).is_some_and(|token| token.kind == TokenKind::Open)
    }

    /// A function's name, recognized by the parenthesis behind it.
    fn text_function(&self) -> Option<TextFunction> {
        let Some(TokenKind::Word(word)) = self.peek() else { return None };
        let function = match word.to_ascii_lowercase().as_str() {
            "startswith" => TextFunction::StartsWith,
            "endswith" => TextFunction::EndsWith,
            "contains" => TextFunction::Contains,
            _ => return None,
        };
        self.opens_behind().then_some(function)
    }

    fn text_call(&mut self, function: TextFunction) -> Result<Expression, BadFilter> {
        self.next += 2;
        let text = self.text_operand()?;
        self.expect(&TokenKind::Comma, "`,`")?;
        let part = self.text_operand()?;
        self.expect(&TokenKind::Close, "`)`")?;
        Ok(Expression::Text { function, text, part })
    }

    fn text_operand(&mut self) -> Result<Operand, BadFilter> {
        let at = self.at();
        let operand = self.operand()?;
        let is_text = match &operand {
            Operand::Literal(value) => matches!(value, Value::Text(_)),
            other => other.kind() == Some(FieldType::Text),
        };
        if is_text { Ok(operand) } else { Err(BadFilter { message: "a text is expected".into(), at }) }
    }

    fn comparison(&mut self) -> Result<Expression, BadFilter> {
        let left = self.operand()?;
        let Some(TokenKind::Word(word)) = self.peek() else {
            return Err(self.wrong("an operator is expected"));
        };
        let operator = match word.to_ascii_lowercase().as_str() {
            "eq" => Operator::Eq,
            "ne" => Operator::Ne,
            "gt" => Operator::Gt,
            "ge" => Operator::Ge,
            "lt" => Operator::Lt,
            "le" => Operator::Le,
            "in" => return self.list(left),
            _ => return Err(self.wrong("an operator (eq, ne, gt, ge, lt, le, in) is expected")),
        };
        self.next += 1;
        let at = self.at();
        let right = self.operand()?;
        agree(&left, &right, at)?;
        Ok(Expression::Compare { left, operator, right })
    }

    fn list(&mut self, operand: Operand) -> Result<Expression, BadFilter> {
        self.next += 1;
        self.expect(&TokenKind::Open, "`(`")?;
        let mut list = Vec::new();
        loop {
            if list.len() == MAX_LIST {
                return Err(self.wrong(format!("a list holds at most {MAX_LIST} values")));
            }
            let at = self.at();
            let item = self.operand()?;
            agree(&operand, &item, at)?;
            match item {
                Operand::Literal(value) => list.push(value),
                Operand::Field(_) | Operand::Element => {
                    return Err(BadFilter { message: "a list holds literals only".into(), at });
                }
            }
            match self.peek() {
                Some(TokenKind::Comma) => self.next += 1,
                Some(TokenKind::Close) => break,
                _ => return Err(self.wrong("`,` or `)` is expected")),
            }
        }
        self.next += 1;
        Ok(Expression::In { operand, list })
    }

    fn operand(&mut self) -> Result<Operand, BadFilter> {
        let at = self.at();
        match self.take() {
            Some(TokenKind::Text(text)) => Ok(Operand::Literal(Value::Text(text))),
            Some(TokenKind::Word(word)) => self.word(&word, at),
            _ => Err(BadFilter { message: "a field or a value is expected".into(), at }),
        }
    }

    fn word(&self, word: &str, at: usize) -> Result<Operand, BadFilter> {
        if self.variable.as_ref().is_some_and(|variable| variable.eq_ignore_ascii_case(word)) {
            return Ok(Operand::Element);
        }
        if let Some(value) = literal(word) {
            return Ok(Operand::Literal(value));
        }
        if !is_name(word) {
            return Err(BadFilter { message: format!("`{word}` is no literal"), at });
        }
        match self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(word)) {
            Some(field) if field.kind == FieldType::Texts => {
                let name = field.name;
                let message = format!("the property `{name}` is a list: write {name}/any(t: t eq 'x')");
                Err(BadFilter { message, at })
            }
            Some(field) => Ok(Operand::Field(*field)),
            None => {
                let message = format!("the property `{word}` does not exist here or cannot be filtered");
                Err(BadFilter { message, at })
            }
        }
    }
}

/// An unquoted literal. A guid comes first, because it can begin like a number or like a name.
fn literal(word: &str) -> Option<Value> {
    match word {
        "null" => return Some(Value::Null),
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    if word.len() == 36
        && let Ok(id) = Uuid::parse_str(word)
    {
        return Some(Value::Guid(id));
    }
    if !word.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return None;
    }
    time(word).map(Value::Time).or_else(|| number(word).map(Value::Number))
}

fn number(word: &str) -> Option<f64> {
    let plain = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
    if plain { word.parse().ok() } else { None }
}

/// A date with a time, or a date alone, behind which Defender's own page writes a `Z`.
fn time(word: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(word) {
        return Some(time.to_utc());
    }
    let date = NaiveDate::parse_from_str(word.strip_suffix('Z').unwrap_or(word), "%Y-%m-%d").ok()?;
    Some(date.and_time(NaiveTime::MIN).and_utc())
}

fn agree(left: &Operand, right: &Operand, at: usize) -> Result<(), BadFilter> {
    let agreed = match (left, right) {
        (Operand::Literal(left), Operand::Literal(right)) => {
            std::mem::discriminant(left) == std::mem::discriminant(right)
        }
        (Operand::Literal(value), other) | (other, Operand::Literal(value)) => {
            other.kind().is_some_and(|kind| holds(kind, value))
        }
        (left, right) => left.kind() == right.kind(),
    };
    let message = "the operands have incompatible types";
    if agreed { Ok(()) } else { Err(BadFilter { message: message.into(), at }) }
}

/// Whether a field of this type can be compared with the value.
fn holds(field: FieldType, value: &Value) -> bool {
    match (field, value) {
        (
            FieldType::Text | FieldType::Guid | FieldType::Time | FieldType::NumberOrText | FieldType::Bool,
            Value::Null,
        )
        | (FieldType::Text | FieldType::Guid | FieldType::NumberOrText, Value::Text(_))
        | (FieldType::Guid, Value::Guid(_))
        | (FieldType::Time, Value::Time(_))
        | (FieldType::Bool, Value::Bool(_))
        | (FieldType::NumberOrText, Value::Number(_)) => true,
        (
            FieldType::Text
            | FieldType::Guid
            | FieldType::Time
            | FieldType::NumberOrText
            | FieldType::Bool
            | FieldType::Texts,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::Guid(_)
            | Value::Time(_)
            | Value::Texts(_),
        ) => false,
    }
}
