//! What the checker knows of a value: a schema where it is JSON, and the types that JSON does not have.

use riposte_model::{Format, Schema, Type};

use crate::function::Sorts;
use crate::ir::Literal;

/// A type, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    /// What JSON can say, `Any` included.
    Json(Schema),
    Uint,
    Double,
    Timestamp,
    Duration,
    Bytes,
    Type,
    Ip,
    Cidr,
    Optional(Box<Ty>),
}

impl Ty {
    pub(super) fn any() -> Self {
        Ty::Json(Schema::any())
    }

    pub(super) fn boolean() -> Self {
        Ty::Json(Schema::boolean())
    }

    pub(super) fn integer() -> Self {
        Ty::Json(Schema::integer())
    }

    pub(super) fn string() -> Self {
        Ty::Json(Schema::string())
    }

    pub(super) fn optional(inner: Ty) -> Self {
        Ty::Optional(Box::new(inner))
    }

    pub(super) fn array(items: &Ty) -> Self {
        Ty::Json(Schema::array(items.item_schema()))
    }

    /// The type of a constant: of no value but that one.
    pub(super) fn of_literal(literal: &Literal) -> Self {
        match literal {
            Literal::Null => Ty::Json(Schema::null()),
            Literal::Bool(_) => Ty::boolean(),
            Literal::Int(value) => {
                let mut schema = Schema::integer();
                schema.kind = Type::Integer { minimum: Some(*value), maximum: Some(*value) };
                Ty::Json(schema)
            }
            Literal::Uint(_) => Ty::Uint,
            Literal::Double(_) => Ty::Double,
            Literal::String(text) => Ty::Json(Schema::choice([text])),
            Literal::Bytes(_) => Ty::Bytes,
            Literal::Type(_) => Ty::Type,
        }
    }

    /// A type of one sort; anything, for several.
    pub(super) fn of_sort(sort: Sorts) -> Self {
        match sort {
            Sorts::BOOL => Ty::boolean(),
            Sorts::INT => Ty::integer(),
            Sorts::UINT => Ty::Uint,
            Sorts::DOUBLE => Ty::Double,
            Sorts::STRING => Ty::string(),
            Sorts::TIMESTAMP => Ty::Timestamp,
            Sorts::DURATION => Ty::Duration,
            Sorts::BYTES => Ty::Bytes,
            sort if sort == Sorts::NUMBER => Ty::Json(Schema::number()),
            _ => Ty::any(),
        }
    }

    /// The sorts that a value of this type may be.
    pub(super) fn sorts(&self) -> Sorts {
        match self {
            Ty::Uint => Sorts::UINT,
            Ty::Double => Sorts::DOUBLE,
            Ty::Timestamp => Sorts::TIMESTAMP,
            Ty::Duration => Sorts::DURATION,
            Ty::Bytes => Sorts::BYTES,
            Ty::Type => Sorts::TYPE,
            Ty::Ip => Sorts::IP,
            Ty::Cidr => Sorts::CIDR,
            Ty::Optional(_) => Sorts::OPTIONAL,
            Ty::Json(schema) => {
                let sorts = match &schema.kind {
                    // Loop variables and the like may be what JSON is not.
                    Type::Any => return Sorts::ANY,
                    Type::Null => Sorts::NULL,
                    Type::Boolean => Sorts::BOOL,
                    Type::Integer { .. } => Sorts::INT,
                    // 87 is a number too, and arrives as an int.
                    Type::Number { .. } => Sorts::NUMBER,
                    Type::String { .. } => Sorts::STRING,
                    Type::Array { .. } => Sorts::LIST,
                    Type::Object(_) => Sorts::MAP,
                };
                if schema.nullable { sorts.or(Sorts::NULL) } else { sorts }
            }
        }
    }

    /// What it is as a result.
    pub(super) fn into_schema(self) -> Schema {
        match self {
            Ty::Json(schema) => schema,
            Ty::Uint => {
                let mut schema = Schema::integer();
                schema.kind = Type::Integer { minimum: Some(0), maximum: None };
                schema
            }
            Ty::Double => Schema::number(),
            Ty::Timestamp => Schema::formatted(Format::DateTime),
            // Bytes become base64 text.
            Ty::Duration | Ty::Bytes | Ty::Ip | Ty::Cidr => Schema::string(),
            Ty::Optional(_) | Ty::Type => Schema::any(),
        }
    }

    /// What it is inside a list or a map. A timestamp there is still a timestamp, which a schema cannot say.
    pub(super) fn item_schema(&self) -> Schema {
        match self {
            Ty::Json(schema) => schema.clone(),
            Ty::Uint
            | Ty::Double
            | Ty::Timestamp
            | Ty::Duration
            | Ty::Bytes
            | Ty::Type
            | Ty::Ip
            | Ty::Cidr
            | Ty::Optional(_) => Schema::any(),
        }
    }

    /// The type that covers both.
    pub(super) fn unify(&self, other: &Ty) -> Ty {
        match (self, other) {
            (Ty::Json(left), Ty::Json(right)) => Ty::Json(unify(left, right)),
            (Ty::Optional(left), Ty::Optional(right)) => Ty::optional(left.unify(right)),
            (left, right) if left == right => left.clone(),
            _ => Ty::any(),
        }
    }

    /// What it is, for people.
    pub(super) fn describe(&self) -> String {
        self.sorts().describe()
    }
}

fn unify(left: &Schema, right: &Schema) -> Schema {
    let nullable = left.nullable || right.nullable;
    let mut schema = match (&left.kind, &right.kind) {
        (left, right) if left == right => Schema { kind: left.clone(), ..Schema::any() },
        (Type::Null, _) => Schema { nullable: true, ..right.clone() },
        (_, Type::Null) => Schema { nullable: true, ..left.clone() },
        (Type::Integer { .. }, Type::Integer { .. }) => Schema::integer(),
        (Type::Integer { .. } | Type::Number { .. }, Type::Integer { .. } | Type::Number { .. }) => {
            Schema::number()
        }
        (Type::String { .. }, Type::String { .. }) => strings(left, right),
        (Type::Array { items: left, .. }, Type::Array { items: right, .. }) => {
            Schema::array(unify(left, right))
        }
        (Type::Object(_), Type::Object(_)) => Schema::open_object(),
        _ => return Schema::any(),
    };
    schema.nullable |= nullable;
    schema
}

/// Text of either: one of all choices if both have some.
fn strings(left: &Schema, right: &Schema) -> Schema {
    let (Some(left), Some(right)) = (left.choices(), right.choices()) else { return Schema::string() };
    let mut all = left.to_vec();
    all.extend(right.iter().filter(|choice| !left.contains(choice)).cloned());
    let mut schema = Schema::string();
    if let Type::String { choices, .. } = &mut schema.kind {
        *choices = all;
    }
    schema
}
