//! Functions: which types they take, and what they give.

use riposte_model::{Schema, Type};

use crate::check::Checker;
use crate::check::ty::Ty;
use crate::function::{Function, Math, Net, Sorts};
use crate::ir::Node;

impl Checker<'_> {
    pub(super) fn call(&mut self, function: Function, operands: &[Node]) -> Ty {
        let signature = function.signature();
        let mut types = Vec::with_capacity(operands.len());
        for (index, node) in operands.iter().enumerate() {
            let ty = self.infer(node);
            let sorts = signature.operand(index).unwrap_or(Sorts::ANY);
            let fits = self.expect(&ty, sorts, signature.name, &node.span);
            types.push(if fits { ty } else { Ty::any() });
        }
        let first = types.first().cloned().unwrap_or_else(Ty::any);
        match function {
            Function::Size
            | Function::IndexOf
            | Function::LastIndexOf
            | Function::Get(_)
            | Function::ToInt => Ty::integer(),
            Function::Contains
            | Function::StartsWith
            | Function::EndsWith
            | Function::Matches
            | Function::HasValue
            | Function::IsPrivateIp
            | Function::ToBool => Ty::boolean(),
            Function::LowerAscii
            | Function::UpperAscii
            | Function::Trim
            | Function::Format
            | Function::Quote
            | Function::Base64Encode
            | Function::Join
            | Function::Replace
            | Function::Substring
            | Function::CharAt
            | Function::UrlEncode
            | Function::Sha256 => Ty::string(),
            // Text stays the text it was, choices and all.
            Function::ToString => match &first {
                Ty::Json(schema) if !schema.nullable && schema.type_name() == "string" => first,
                _ => Ty::string(),
            },
            Function::Reverse if first.sorts() == Sorts::STRING => Ty::string(),
            Function::Reverse | Function::Slice | Function::Distinct | Function::Sort => listed(first),
            Function::Flatten => Ty::Json(Schema::array(Schema::any())),
            Function::Range => Ty::Json(Schema::array(Schema::integer())),
            Function::First | Function::Last => Ty::optional(item(&first)),
            Function::Math(function) => math(function, &types),
            Function::Net(function) => net(function),
            Function::TypeOf => Ty::Type,
            Function::ToBytes | Function::Base64Decode => Ty::Bytes,
            Function::Split => Ty::Json(Schema::array(Schema::string())),
            Function::JsonPath => Ty::Json(Schema::array(Schema::any())),
            Function::Dyn => Ty::any(),
            Function::ToUint => Ty::Uint,
            Function::ToDouble => Ty::Double,
            Function::ToTimestamp => Ty::Timestamp,
            Function::ToDuration => Ty::Duration,
            Function::OptionalOf | Function::OptionalOfNonZero => Ty::optional(first),
            Function::OptionalNone => Ty::optional(Ty::any()),
            Function::Value => inner(first),
            Function::OrValue => inner(first).unify(types.get(1).unwrap_or(&Ty::any())),
            Function::Or => first.unify(types.get(1).unwrap_or(&Ty::any())),
        }
    }
}

/// A list of the same items, if this is one for certain.
fn listed(ty: Ty) -> Ty {
    if ty.sorts() == Sorts::LIST { ty } else { Ty::any() }
}

fn item(list: &Ty) -> Ty {
    match list {
        Ty::Json(Schema { kind: Type::Array { items, .. }, .. }) => Ty::Json((**items).clone()),
        _ => Ty::any(),
    }
}

fn math(function: Math, operands: &[Ty]) -> Ty {
    match function {
        Math::Ceil | Math::Floor | Math::Round | Math::Trunc | Math::Sqrt => Ty::Double,
        Math::IsNan | Math::IsInf | Math::IsFinite => Ty::boolean(),
        // The type of the first; what its value can be is not followed.
        Math::Abs
        | Math::Sign
        | Math::BitAnd
        | Math::BitOr
        | Math::BitXor
        | Math::BitNot
        | Math::BitShiftLeft
        | Math::BitShiftRight => operands.first().map_or_else(Ty::any, |ty| Ty::of_sort(ty.sorts())),
        Math::Greatest | Math::Least => Ty::any(),
    }
}

fn net(function: Net) -> Ty {
    match function {
        Net::Ip | Net::AddressOf => Ty::Ip,
        Net::Cidr | Net::Masked => Ty::Cidr,
        Net::Family | Net::PrefixLength => Ty::integer(),
        Net::IsIp
        | Net::IsCanonical
        | Net::IsCidr
        | Net::IsUnspecified
        | Net::IsLoopback
        | Net::IsGlobalUnicast
        | Net::IsLinkLocalMulticast
        | Net::IsLinkLocalUnicast
        | Net::ContainsIp
        | Net::ContainsCidr => Ty::boolean(),
    }
}

fn inner(ty: Ty) -> Ty {
    match ty {
        Ty::Optional(inner) => *inner,
        _ => Ty::any(),
    }
}
