//! A place under a provider's limits.

use std::any::Any;
use std::fmt;

/// Leave to make one call, as [`Connector::turn`](crate::Connector::turn) gives it. What it is made of only the connector
/// knows. Dropped unused, it is free for others.
#[must_use]
pub struct Turn(Option<Box<dyn Any + Send + Sync>>);

impl Turn {
    /// Of a connector that has no limits.
    pub fn free() -> Turn {
        Turn(None)
    }

    /// Of what the connector wants back with the call.
    pub fn of<T: Send + Sync + 'static>(place: T) -> Turn {
        Turn(Some(Box::new(place)))
    }

    /// What the connector put in; `None` if it put in nothing of this type.
    pub fn into_place<T: Send + Sync + 'static>(self) -> Option<T> {
        self.0?.downcast().ok().map(|place| *place)
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Turn").finish()
    }
}
