//! A simulated Defender tenant that speaks HTTP.
