//! What a failure says about the request.

/// Whether a failed request may have reached Defender and had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// Certainly not: it was never sent.
    NotDelivered,
    /// Nobody knows; look before sending it again.
    Unknown,
    /// It arrived, and Defender gave a definite answer that it had no effect.
    Answered,
}
