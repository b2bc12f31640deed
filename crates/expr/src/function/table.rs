//! Every function, and every one that is left out.

use crate::function::{Function, Math, Net, Part, Signature, Sorts, Style};

const EITHER_TIME: Sorts = Sorts::TIMESTAMP.or(Sorts::DURATION);
const SIZED: Sorts = Sorts::BYTES.or(Sorts::STRING).or(Sorts::LIST).or(Sorts::MAP);
const NUMERIC_OR_TEXT: Sorts = Sorts::NUMBER.or(Sorts::STRING);
const WRITABLE: Sorts =
    NUMERIC_OR_TEXT.or(Sorts::BOOL).or(EITHER_TIME).or(Sorts::BYTES).or(Sorts::IP).or(Sorts::CIDR);
const WHOLE: Sorts = Sorts::INT.or(Sorts::UINT);
const LIST: Sorts = Sorts::LIST;
const DOUBLE: Sorts = Sorts::DOUBLE;
const CIDR: Sorts = Sorts::CIDR;
const TEXT: Sorts = Sorts::STRING;
const INT: Sorts = Sorts::INT;

const fn global(name: &'static str, function: Function, operands: &'static [Sorts]) -> Signature {
    Signature { name, function, style: Style::Global, operands, optional: 0, repeats: false }
}

const fn receiver(name: &'static str, function: Function, operands: &'static [Sorts]) -> Signature {
    Signature { name, function, style: Style::Receiver, operands, optional: 0, repeats: false }
}

const fn last_optional(signature: Signature) -> Signature {
    Signature { optional: 1, ..signature }
}

const fn both(signature: Signature) -> Signature {
    Signature { style: Style::Both, ..signature }
}

const fn part(name: &'static str, part: Part) -> Signature {
    last_optional(receiver(
        name,
        Function::Get(part),
        if part_of_duration(part) {
            &[EITHER_TIME, Sorts::STRING]
        } else {
            &[Sorts::TIMESTAMP, Sorts::STRING]
        },
    ))
}

const fn part_of_duration(part: Part) -> bool {
    matches!(part, Part::Hours | Part::Minutes | Part::Seconds | Part::Milliseconds)
}

/// The last operand may be given as often as one likes.
const fn repeated(signature: Signature) -> Signature {
    Signature { repeats: true, ..signature }
}

const fn math(name: &'static str, function: Math, operands: &'static [Sorts]) -> Signature {
    global(name, Function::Math(function), operands)
}

/// A question to an address.
const fn address(name: &'static str, function: Net) -> Signature {
    receiver(name, Function::Net(function), &[Sorts::IP])
}

/// A question to a network.
const fn network(name: &'static str, function: Net, operands: &'static [Sorts]) -> Signature {
    receiver(name, Function::Net(function), operands)
}

/// Every function, in the order in which they are listed to a person.
pub(crate) const SIGNATURES: &[Signature] = &[
    both(global("size", Function::Size, &[SIZED])),
    receiver("contains", Function::Contains, &[TEXT, TEXT]),
    receiver("startsWith", Function::StartsWith, &[TEXT, TEXT]),
    receiver("endsWith", Function::EndsWith, &[TEXT, TEXT]),
    both(global("matches", Function::Matches, &[TEXT, TEXT])),
    receiver("lowerAscii", Function::LowerAscii, &[TEXT]),
    receiver("upperAscii", Function::UpperAscii, &[TEXT]),
    receiver("trim", Function::Trim, &[TEXT]),
    receiver("reverse", Function::Reverse, &[TEXT.or(LIST)]),
    last_optional(receiver("split", Function::Split, &[TEXT, TEXT, INT])),
    last_optional(receiver("join", Function::Join, &[Sorts::LIST, TEXT])),
    last_optional(receiver("replace", Function::Replace, &[TEXT, TEXT, TEXT, INT])),
    last_optional(receiver("substring", Function::Substring, &[TEXT, INT, INT])),
    last_optional(receiver("indexOf", Function::IndexOf, &[TEXT, TEXT, INT])),
    last_optional(receiver("lastIndexOf", Function::LastIndexOf, &[TEXT, TEXT, INT])),
    receiver("charAt", Function::CharAt, &[TEXT, INT]),
    receiver("format", Function::Format, &[TEXT, LIST]),
    global("strings.quote", Function::Quote, &[TEXT]),
    receiver("slice", Function::Slice, &[LIST, INT, INT]),
    last_optional(receiver("flatten", Function::Flatten, &[LIST, INT])),
    receiver("distinct", Function::Distinct, &[LIST]),
    receiver("sort", Function::Sort, &[LIST]),
    receiver("first", Function::First, &[LIST]),
    receiver("last", Function::Last, &[LIST]),
    global("lists.range", Function::Range, &[INT]),
    repeated(math("math.greatest", Math::Greatest, &[Sorts::NUMBER.or(LIST), Sorts::NUMBER])),
    repeated(math("math.least", Math::Least, &[Sorts::NUMBER.or(LIST), Sorts::NUMBER])),
    math("math.ceil", Math::Ceil, &[DOUBLE]),
    math("math.floor", Math::Floor, &[DOUBLE]),
    math("math.round", Math::Round, &[DOUBLE]),
    math("math.trunc", Math::Trunc, &[DOUBLE]),
    math("math.abs", Math::Abs, &[Sorts::NUMBER]),
    math("math.sign", Math::Sign, &[Sorts::NUMBER]),
    math("math.sqrt", Math::Sqrt, &[Sorts::NUMBER]),
    math("math.isNaN", Math::IsNan, &[DOUBLE]),
    math("math.isInf", Math::IsInf, &[DOUBLE]),
    math("math.isFinite", Math::IsFinite, &[DOUBLE]),
    math("math.bitAnd", Math::BitAnd, &[WHOLE, WHOLE]),
    math("math.bitOr", Math::BitOr, &[WHOLE, WHOLE]),
    math("math.bitXor", Math::BitXor, &[WHOLE, WHOLE]),
    math("math.bitNot", Math::BitNot, &[WHOLE]),
    math("math.bitShiftLeft", Math::BitShiftLeft, &[WHOLE, INT]),
    math("math.bitShiftRight", Math::BitShiftRight, &[WHOLE, INT]),
    global("base64.encode", Function::Base64Encode, &[Sorts::BYTES]),
    global("base64.decode", Function::Base64Decode, &[TEXT]),
    global("type", Function::TypeOf, &[Sorts::ANY]),
    global("dyn", Function::Dyn, &[Sorts::ANY]),
    global("bool", Function::ToBool, &[Sorts::BOOL.or(TEXT)]),
    global("int", Function::ToInt, &[NUMERIC_OR_TEXT.or(Sorts::TIMESTAMP)]),
    global("uint", Function::ToUint, &[NUMERIC_OR_TEXT]),
    global("double", Function::ToDouble, &[NUMERIC_OR_TEXT]),
    global("string", Function::ToString, &[WRITABLE]),
    global("bytes", Function::ToBytes, &[TEXT.or(Sorts::BYTES)]),
    global("timestamp", Function::ToTimestamp, &[TEXT.or(INT).or(Sorts::TIMESTAMP)]),
    global("duration", Function::ToDuration, &[TEXT.or(Sorts::DURATION)]),
    part("getFullYear", Part::FullYear),
    part("getMonth", Part::Month),
    part("getDayOfYear", Part::DayOfYear),
    part("getDayOfMonth", Part::DayOfMonth),
    part("getDate", Part::Date),
    part("getDayOfWeek", Part::DayOfWeek),
    part("getHours", Part::Hours),
    part("getMinutes", Part::Minutes),
    part("getSeconds", Part::Seconds),
    part("getMilliseconds", Part::Milliseconds),
    global("optional.of", Function::OptionalOf, &[Sorts::ANY]),
    global("optional.ofNonZeroValue", Function::OptionalOfNonZero, &[Sorts::ANY]),
    global("optional.none", Function::OptionalNone, &[]),
    receiver("hasValue", Function::HasValue, &[Sorts::OPTIONAL]),
    receiver("value", Function::Value, &[Sorts::OPTIONAL]),
    receiver("or", Function::Or, &[Sorts::OPTIONAL, Sorts::OPTIONAL]),
    receiver("orValue", Function::OrValue, &[Sorts::OPTIONAL, Sorts::ANY]),
    global("jsonpath", Function::JsonPath, &[Sorts::ANY, TEXT]),
    global("ip", Function::Net(Net::Ip), &[TEXT]),
    global("isIP", Function::Net(Net::IsIp), &[TEXT]),
    global("ip.isCanonical", Function::Net(Net::IsCanonical), &[TEXT]),
    global("cidr", Function::Net(Net::Cidr), &[TEXT]),
    global("isCIDR", Function::Net(Net::IsCidr), &[TEXT]),
    address("family", Net::Family),
    address("isUnspecified", Net::IsUnspecified),
    address("isLoopback", Net::IsLoopback),
    address("isGlobalUnicast", Net::IsGlobalUnicast),
    address("isLinkLocalMulticast", Net::IsLinkLocalMulticast),
    address("isLinkLocalUnicast", Net::IsLinkLocalUnicast),
    network("containsIP", Net::ContainsIp, &[CIDR, TEXT.or(Sorts::IP)]),
    network("containsCIDR", Net::ContainsCidr, &[CIDR, TEXT.or(CIDR)]),
    network("ip", Net::AddressOf, &[CIDR]),
    network("masked", Net::Masked, &[CIDR]),
    network("prefixLength", Net::PrefixLength, &[CIDR]),
    global("isPrivateIP", Function::IsPrivateIp, &[TEXT.or(Sorts::IP)]),
    global("urlencode", Function::UrlEncode, &[TEXT]),
    global("sha256", Function::Sha256, &[TEXT]),
];

/// What the specification or its extensions have and we leave out, so that the answer is not "unknown".
pub(crate) const LEFT_OUT: &[&str] = &[
    "transformList",
    "transformMap",
    "transformMapEntry",
    "cel.bind",
    "cel.block",
    "cel.index",
    "cel.iterVar",
    "optional.unwrap",
    "unwrapOpt",
    "proto.hasExt",
    "proto.getExt",
];
