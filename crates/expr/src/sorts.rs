//! Sorts of value, for types and for messages.

/// Sorts of value, as a set: which ones an operand may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sorts(u16);

impl Sorts {
    pub(crate) const NULL: Sorts = Sorts(1);
    pub(crate) const BOOL: Sorts = Sorts(1 << 1);
    pub(crate) const INT: Sorts = Sorts(1 << 2);
    pub(crate) const UINT: Sorts = Sorts(1 << 3);
    pub(crate) const DOUBLE: Sorts = Sorts(1 << 4);
    pub(crate) const STRING: Sorts = Sorts(1 << 5);
    pub(crate) const LIST: Sorts = Sorts(1 << 6);
    pub(crate) const MAP: Sorts = Sorts(1 << 7);
    pub(crate) const TIMESTAMP: Sorts = Sorts(1 << 8);
    pub(crate) const DURATION: Sorts = Sorts(1 << 9);
    pub(crate) const OPTIONAL: Sorts = Sorts(1 << 10);
    pub(crate) const BYTES: Sorts = Sorts(1 << 11);
    pub(crate) const TYPE: Sorts = Sorts(1 << 12);
    pub(crate) const IP: Sorts = Sorts(1 << 13);
    pub(crate) const CIDR: Sorts = Sorts(1 << 14);
    pub(crate) const ANY: Sorts = Sorts((1 << 15) - 1);
    pub(crate) const NUMBER: Sorts = Sorts::INT.or(Sorts::UINT).or(Sorts::DOUBLE);

    pub(crate) const fn or(self, other: Sorts) -> Sorts {
        Sorts(self.0 | other.0)
    }

    /// Whether the two have a sort in common.
    pub(crate) const fn meets(self, other: Sorts) -> bool {
        self.0 & other.0 != 0
    }

    /// The names, for people: `a string or a list`.
    pub(crate) fn describe(self) -> String {
        const NAMES: [(Sorts, &str); 15] = [
            (Sorts::NULL, "null"),
            (Sorts::BOOL, "a boolean"),
            (Sorts::INT, "an int"),
            (Sorts::UINT, "a uint"),
            (Sorts::DOUBLE, "a double"),
            (Sorts::STRING, "a string"),
            (Sorts::LIST, "a list"),
            (Sorts::MAP, "a map"),
            (Sorts::TIMESTAMP, "a timestamp"),
            (Sorts::DURATION, "a duration"),
            (Sorts::OPTIONAL, "an optional"),
            (Sorts::BYTES, "bytes"),
            (Sorts::TYPE, "a type"),
            (Sorts::IP, "an IP address"),
            (Sorts::CIDR, "a CIDR"),
        ];
        if self == Sorts::ANY {
            return "any value".to_owned();
        }
        if self == Sorts::NUMBER {
            return "a number".to_owned();
        }
        let names: Vec<&str> =
            NAMES.iter().filter(|(sort, _)| self.meets(*sort)).map(|(_, name)| *name).collect();
        names.join(" or ")
    }
}
