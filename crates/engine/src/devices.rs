//! Which device a call acts on.

use serde::{Deserialize, Serialize};

/// A device, as a provider knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// The connection.
    pub connection: String,
    /// The provider's id of the device.
    pub device: String,
}
