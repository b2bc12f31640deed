//! Objects of the provider, declared once: each field with its documentation and the provider's spelling of it.

use serde_json::Value;

use super::{Fields, Timestamp};

/// What can be taken out of an object's field.
pub(crate) trait Take: Sized {
    /// The field's value. `None` where it is missing and must not be.
    fn take(fields: &mut Fields, name: &str) -> Option<Self>;
}

/// An object inside of another.
pub(crate) trait Part: Sized {
    fn of(value: &Value) -> Option<Self>;
}

impl Take for String {
    fn take(fields: &mut Fields, name: &str) -> Option<Self> {
        fields.text(name)
    }
}

impl Take for Option<String> {
    fn take(fields: &mut Fields, name: &str) -> Option<Self> {
        Some(fields.text(name))
    }
}

impl Take for Option<i64> {
    fn take(fields: &mut Fields, name: &str) -> Option<Self> {
        Some(fields.integer(name))
    }
}

impl Take for Option<bool> {
    fn take(fields: &mut Fields, name: &str) -> Option<Self> {
        Some(fields.flag(name))
    }
}

impl Take for Option<Timestamp> {
    fn take(fields: &mut Fields, name: &str) -> Option<Self> {
        Some(fields.timestamp(name))
    }
}

impl Take for Vec<String> {
    fn take(fields: &mut Fields, name: &str) -> Option<Self> {
        Some(fields.texts(name))
    }
}

impl Take for Vec<Value> {
    fn take(fields: &mut Fields, name: &str) -> Option<Self> {
        Some(fields.list(name).to_vec())
    }
}

impl<T: Part> Take for Vec<T> {
    fn take(fields: &mut Fields, name: &str) -> Option<Self> {
        Some(fields.list(name).iter().filter_map(T::of).collect())
    }
}

impl<T: Part> Take for Option<T> {
    fn take(fields: &mut Fields, name: &str) -> Option<Self> {
        Some(fields.value(name).and_then(T::of))
    }
}

/// Declares a resource (with the rest of its fields and its own document) or a part of one.
///
/// A `String` must be there; everything else may be absent, null or of another type.
macro_rules! provider_object {
    (
        $(#[$outer:meta])*
        pub struct $name:ident, $expected:literal {
            $( $(#[$inner:meta])* $field:ident: $type:ty = $key:literal ),+ $(,)?
        }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $( $(#[$inner])* pub $field: $type, )+
            /// Fields that are not known here.
            pub other: serde_json::Map<String, serde_json::Value>,
            /// The provider's own document.
            pub raw: serde_json::Value,
        }

        impl $name {
            pub(crate) fn read(raw: serde_json::Value) -> Result<$name, $crate::wire::Malformed> {
                let mut fields = $crate::wire::Fields::of(&raw, $expected)?;
                Ok($name {
                    $(
                        $field: $crate::wire::Take::take(&mut fields, $key)
                            .ok_or($crate::wire::Malformed { expected: $expected })?,
                    )+
                    other: fields.rest(),
                    raw,
                })
            }
        }
    };
    (
        $(#[$outer:meta])*
        pub part $name:ident {
            $( $(#[$inner:meta])* $field:ident: $type:ty = $key:literal ),+ $(,)?
        }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$inner])* pub $field: $type, )+
        }

        impl $crate::wire::Part for $name {
            fn of(value: &serde_json::Value) -> Option<$name> {
                let mut fields = $crate::wire::Fields::of(value, "an object").ok()?;
                Some($name { $( $field: $crate::wire::Take::take(&mut fields, $key)?, )+ })
            }
        }
    };
}

pub(crate) use provider_object;
