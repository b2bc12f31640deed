//! Functions: which types they take, and what they give.

use riposte_model::Schema;

use crate::check::Checker;
use crate::check::ty::Ty;
use crate::function::Function;
use crate::ir::Node;

impl Checker<'_> {
    pub(super) fn call(&mut self, function: Function, operands: &[Node]) -> Ty {
        let signature = function.signature();
        let mut types = Vec::with_capacity(operands.len());
        for (node, sorts) in operands.iter().zip(signature.operands) {
            let ty = self.infer(node);
            let fits = self.expect(&ty, *sorts, signature.name, &node.span);
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
            | Function::Reverse
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

fn inner(ty: Ty) -> Ty {
    match ty {
        Ty::Optional(inner) => *inner,
        _ => Ty::any(),
    }
}
