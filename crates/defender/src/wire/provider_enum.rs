//! Enums whose values the provider may extend any day.

/// Declares an enum with one text for each variant and `Unknown(String)` for what a later release brings.
///
/// Known texts are recognised in any case, since the provider mixes it.
macro_rules! provider_enum {
    (
        $(#[$outer:meta])*
        pub enum $name:ident {
            $( $(#[$inner:meta])* $variant:ident = $text:literal $(| $alias:literal)* ),+ $(,)?
        }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $(#[$inner])* $variant, )+
            /// Any other value, as the provider wrote it; empty when the provider wrote none.
            Unknown(String),
        }

        impl $name {
            /// The value as the provider spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $( $name::$variant => $text, )+
                    $name::Unknown(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                $(
                    if text.eq_ignore_ascii_case($text) $(|| text.eq_ignore_ascii_case($alias))* {
                        return $name::$variant;
                    }
                )+
                $name::Unknown(text.to_owned())
            }
        }

        impl From<Option<String>> for $name {
            fn from(text: Option<String>) -> $name {
                $name::from(text.as_deref().unwrap_or_default())
            }
        }

        impl $crate::wire::Take for $name {
            fn take(fields: &mut $crate::wire::Fields, name: &str) -> Option<$name> {
                Some(fields.text(name).into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use provider_enum;
