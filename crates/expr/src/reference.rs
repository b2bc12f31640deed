//! What an expression reads.

use std::ops::Range;

/// A root name and the properties read from it: `steps.isolate.output`, `inputs["device_id"]`.
///
/// It ends where the names end: at an index that is no string literal, a function, an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The root, then each property. Never empty.
    pub segments: Vec<Segment>,
    /// From the root's first byte to the last segment's end.
    pub span: Range<usize>,
}

/// One name of a [`Reference`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The name.
    pub name: String,
    /// Where exactly that name is.
    pub span: Range<usize>,
    /// Whether the expression copes with its absence: it is the last name in `has(..)`, it stands at or after `.?`,
    /// or it is read only where a `has(..)` on its left said that it is there
    /// (`has(a.b) && a.b > 1`, `has(a.b) ? a.b : 0`).
    pub guarded: bool,
}

impl Reference {
    /// The root's name.
    pub fn root(&self) -> &str {
        self.segments.first().map_or("", |segment| &segment.name)
    }

    /// The root and the properties, by name.
    pub fn route(&self) -> Vec<&str> {
        self.segments.iter().map(|segment| segment.name.as_str()).collect()
    }
}
