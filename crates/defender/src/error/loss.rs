//! How an answer, or the end of a collection, was lost.

use crate::wire::Malformed;

/// How an answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// The connection broke while sending or reading.
    #[error("the connection broke")]
    Broken,
    /// The deadline passed while sending, waiting or reading.
    #[error("the time was over")]
    TimedOut,
    /// The answer was larger than a limit.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes after decompression.
        limit: usize,
    },
    /// A success whose body is not JSON.
    #[error("the answer is not json")]
    NotJson,
    /// A success whose body lacks something essential.
    #[error("{0}")]
    Malformed(Malformed),
}

/// Why a collection was not read to its end. Ask for less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Incompleteness {
    /// More pages than are read.
    #[error("it has more than {limit} pages")]
    Pages {
        /// The limit.
        limit: usize,
    },
    /// More rows than are held.
    #[error("it has more than {limit} rows")]
    Rows {
        /// The limit.
        limit: usize,
    },
    /// More is announced, yet nothing new comes.
    #[error("more is announced but nothing new comes")]
    Stuck,
}
