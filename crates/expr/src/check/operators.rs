//! Operators: which types they take, and what they give.

use riposte_model::{Schema, Type};

use crate::check::Checker;
use crate::check::ty::Ty;
use crate::function::Sorts;
use crate::ir::{Kind, Node, Operator, Span};
use crate::problem::{Problem, ProblemKind};

/// The left and the right operand's sort, and the result's.
type Row = (Sorts, Sorts, Sorts);

const NUMBERS: [Row; 3] = [
    (Sorts::INT, Sorts::INT, Sorts::INT),
    (Sorts::UINT, Sorts::UINT, Sorts::UINT),
    (Sorts::DOUBLE, Sorts::DOUBLE, Sorts::DOUBLE),
];
const SUMS: [Row; 6] = [
    (Sorts::BYTES, Sorts::BYTES, Sorts::BYTES),
    (Sorts::STRING, Sorts::STRING, Sorts::STRING),
    (Sorts::LIST, Sorts::LIST, Sorts::LIST),
    (Sorts::TIMESTAMP, Sorts::DURATION, Sorts::TIMESTAMP),
    (Sorts::DURATION, Sorts::TIMESTAMP, Sorts::TIMESTAMP),
    (Sorts::DURATION, Sorts::DURATION, Sorts::DURATION),
];
const DIFFERENCES: [Row; 3] = [
    (Sorts::TIMESTAMP, Sorts::TIMESTAMP, Sorts::DURATION),
    (Sorts::TIMESTAMP, Sorts::DURATION, Sorts::TIMESTAMP),
    (Sorts::DURATION, Sorts::DURATION, Sorts::DURATION),
];
/// What has an order among itself.
const ORDERED: [Sorts; 6] =
    [Sorts::NUMBER, Sorts::STRING, Sorts::BYTES, Sorts::BOOL, Sorts::TIMESTAMP, Sorts::DURATION];

impl Checker<'_> {
    pub(super) fn negate(&mut self, operand: &Node) -> Ty {
        let ty = self.infer(operand);
        let sorts = Sorts::INT.or(Sorts::DOUBLE);
        if !self.expect(&ty, sorts, "-", &operand.span) {
            return Ty::any();
        }
        match ty {
            Ty::Double => Ty::Double,
            Ty::Json(Schema { kind: Type::Integer { .. }, nullable: false, .. }) => Ty::integer(),
            _ => Ty::any(),
        }
    }

    pub(super) fn binary(&mut self, operator: Operator, left: &Node, right: &Node, span: &Span) -> Ty {
        let left_ty = self.infer(left);
        let right_ty = self.infer(right);
        match operator {
            Operator::Equal | Operator::NotEqual => {
                self.equality(operator, (left, &left_ty), (right, &right_ty), span);
                Ty::boolean()
            }
            Operator::In => {
                self.membership((left, &left_ty), (right, &right_ty));
                Ty::boolean()
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                let (left, right) = (left_ty.sorts(), right_ty.sorts());
                if !ORDERED.iter().any(|sorts| left.meets(*sorts) && right.meets(*sorts)) {
                    self.mismatch(operator, &left_ty, &right_ty, span);
                }
                Ty::boolean()
            }
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder => self.arithmetic(operator, &left_ty, &right_ty, span),
        }
    }

    fn arithmetic(&mut self, operator: Operator, left: &Ty, right: &Ty, span: &Span) -> Ty {
        let more: &[Row] = match operator {
            Operator::Add => &SUMS,
            Operator::Subtract => &DIFFERENCES,
            _ => &[],
        };
        // Doubles have no remainder.
        let numbers = if operator == Operator::Remainder { &NUMBERS[..2] } else { &NUMBERS[..] };
        let results: Vec<Sorts> = numbers
            .iter()
            .chain(more)
            .filter(|(first, second, _)| left.sorts().meets(*first) && right.sorts().meets(*second))
            .map(|(_, _, result)| *result)
            .collect();
        match results.as_slice() {
            [] => self.mismatch(operator, left, right, span),
            [Sorts::LIST] => left.unify(right),
            [one] => Ty::of_sort(*one),
            _ => Ty::any(),
        }
    }

    fn mismatch(&mut self, operator: Operator, left: &Ty, right: &Ty, span: &Span) -> Ty {
        let message =
            format!("`{}` does not take {} and {}", operator.sign(), left.describe(), right.describe());
        let problem = Problem::new(ProblemKind::Type, span.clone(), message, "types do not go together");
        let is = |sorts: Sorts| left.sorts() == sorts || right.sorts() == sorts;
        self.complain(match operator {
            Operator::Add if is(Sorts::STRING) => {
                problem.with_help("write `string(...)` around what is not text")
            }
            _ if is(Sorts::TIMESTAMP) && is(Sorts::STRING) => {
                problem.with_help("write `timestamp(...)` around the string")
            }
            _ if is(Sorts::DURATION) && is(Sorts::STRING) => {
                problem.with_help("write `duration(...)` around the string")
            }
            _ if is(Sorts::DOUBLE) && is(Sorts::INT) => {
                problem.with_help("write `double(...)` around the whole number")
            }
            _ => problem,
        })
    }

    fn equality(&mut self, operator: Operator, left: (&Node, &Ty), right: (&Node, &Ty), span: &Span) {
        let null = |node: &Node| matches!(node.kind, Kind::Literal(crate::ir::Literal::Null));
        // A provider's schema rarely says what may be null: asking for it is never wrong.
        if null(left.0) || null(right.0) {
            return;
        }
        if !comparable(left.1).meets(comparable(right.1)) {
            let always = if operator == Operator::Equal { "never" } else { "never anything but" };
            let message = format!("{} and {} are {always} equal", left.1.describe(), right.1.describe());
            let message = message.replace("never anything but equal", "always unequal");
            self.complain_type(span, message, "types differ");
            return;
        }
        self.compare_choice(left, right.0);
        self.compare_choice(right, left.0);
    }

    /// Complains if `literal` is a literal that `subject`, which is none, can never be.
    fn compare_choice(&mut self, subject: (&Node, &Ty), literal: &Node) {
        if let (None, Some(text), Ty::Json(schema)) = (subject.0.as_text(), literal.as_text(), subject.1) {
            self.expect_choice(schema, text, &literal.span);
        }
    }

    fn membership(&mut self, item: (&Node, &Ty), whole: (&Node, &Ty)) {
        if !self.expect(whole.1, Sorts::LIST.or(Sorts::MAP), "in", &whole.0.span) {
            return;
        }
        let Ty::Json(schema) = whole.1 else { return };
        if let Kind::List(elements) = &whole.0.kind {
            for element in elements.iter().filter(|element| !element.optional) {
                self.compare_choice(item, &element.value);
            }
        }
        let items = match &schema.kind {
            Type::Array { items, .. } => Ty::Json((**items).clone()),
            Type::Object(_) => Ty::string(),
            _ => return,
        };
        if !comparable(item.1).meets(comparable(&items)) {
            let message = format!("{} is never in a collection of {}", item.1.describe(), items.describe());
            self.complain_type(&item.0.span, message, "types differ");
            return;
        }
        if let (Some(text), Ty::Json(items)) = (item.0.as_text(), &items)
            && !matches!(whole.0.kind, Kind::List(_))
        {
            self.expect_choice(items, text, &item.0.span);
        }
    }
}

/// What a value of this type may be equal to: numbers are compared across their types.
fn comparable(ty: &Ty) -> Sorts {
    let sorts = ty.sorts();
    if sorts.meets(Sorts::NUMBER) { sorts.or(Sorts::NUMBER) } else { sorts }
}
