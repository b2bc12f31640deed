//! Maps by keys that riposte or its playbooks give: ids of runs, paths of steps.
//!
//! Nobody outside chooses such keys, so that the hash need not withstand chosen ones, and may be a cheap one. Maps whose keys
//! others choose stay with std's.

use foldhash::fast::RandomState;

/// A map by keys of our own.
pub type KeyedMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// A set of keys of our own.
pub type KeyedSet<K> = std::collections::HashSet<K, RandomState>;

/// A map by keys of our own that keeps the order in which they came.
pub type KeyedList<K, V> = indexmap::IndexMap<K, V, RandomState>;
