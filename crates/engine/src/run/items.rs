//! What came of the items of a loop.
//!
//! A loop may have ten thousand items, and a run is copied and asked what is next after each of them. So what has ended is kept
//! in shared pieces, of which a copy costs little, and the first items that are open and that have failed are known.

use super::Item;
use std::sync::Arc;

/// How many items are in one piece.
const PIECE: usize = 128;

/// Of each item of a loop what came of it, if it is done with.
#[derive(Clone, Debug, PartialEq)]
pub struct Items {
    pieces: Vec<Arc<[Option<Arc<Item>>]>>,
    length: usize,
    /// All before it are done with.
    first_open: usize,
    /// Of those that have failed the first.
    first_failed: Option<usize>,
}

impl Items {
    /// So many, none of them done with.
    pub fn open(length: usize) -> Items {
        let piece = |begin: usize| vec![None; PIECE.min(length - begin)].into();
        let pieces = (0..length).step_by(PIECE).map(piece).collect();
        Items { pieces, length, first_open: 0, first_failed: None }
    }

    /// What came of one; none if it is open, or not there.
    pub fn get(&self, number: usize) -> Option<&Item> {
        self.pieces.get(number / PIECE)?.get(number % PIECE)?.as_deref()
    }

    /// Whether it is there, and not done with.
    pub fn is_open(&self, number: usize) -> bool {
        number < self.length && self.get(number).is_none()
    }

    /// Those that are not done with, in order.
    pub fn still_open(&self) -> impl Iterator<Item = usize> {
        (self.first_open..self.length).filter(|number| self.get(*number).is_none())
    }

    /// What came of each, in order.
    pub fn all(&self) -> impl Iterator<Item = Option<&Item>> {
        self.pieces.iter().flat_map(|piece| piece.iter()).map(Option::as_deref)
    }

    /// What came of the first that has failed.
    pub fn first_failed(&self) -> Option<&Item> {
        self.first_failed.and_then(|number| self.get(number))
    }

    /// One that is open is done with.
    pub(super) fn end(&mut self, number: usize, item: Item) {
        if !self.is_open(number) {
            return;
        }
        if item.failure.is_some() {
            self.first_failed = Some(self.first_failed.map_or(number, |first| first.min(number)));
        }
        self.set(number, Some(Arc::new(item)));
        let next_open = self.still_open().next();
        self.first_open = next_open.unwrap_or(self.length);
    }

    /// One is gone through again.
    pub(super) fn reopen(&mut self, number: usize) {
        if number < self.length {
            self.set(number, None);
            self.first_open = self.first_open.min(number);
            let failed = self.all().position(|item| item.is_some_and(|item| item.failure.is_some()));
            self.first_failed = failed;
        }
    }

    fn set(&mut self, number: usize, item: Option<Arc<Item>>) {
        let piece = self.pieces.get_mut(number / PIECE).map(Arc::make_mut);
        if let Some(place) = piece.and_then(|piece| piece.get_mut(number % PIECE)) {
            *place = item;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Items, PIECE};
    use crate::run::Item;
    use proptest::prelude::*;
    use riposte_model::{ErrorKind, Failure};
    use serde_json::Map;

    fn item(fails: bool) -> Item {
        let failure = fails.then(|| Failure::new(ErrorKind::Invalid, "no"));
        Item { failure, because_of: None, outputs: Map::new() }
    }

    proptest! {
        #[test]
        fn it_says_what_a_plain_list_says(
            length in 0..3 * PIECE,
            changes in prop::collection::vec((0..4 * PIECE, prop::option::of(any::<bool>())), 0..400),
        ) {
            let (mut items, mut plain) = (Items::open(length), vec![None; length]);
            for (number, change) in changes {
                match change {
                    Some(fails) => items.end(number, item(fails)),
                    None => items.reopen(number),
                }
                match (plain.get_mut(number), change) {
                    (Some(place @ None), Some(fails)) => *place = Some(item(fails)),
                    (Some(place), None) => *place = None,
                    // What is not there, or done with, stays as it is.
                    _ => {}
                }
                let open = plain.iter().enumerate().filter(|(_, item)| item.is_none()).map(|(number, _)| number);
                prop_assert_eq!(items.still_open().collect::<Vec<_>>(), open.collect::<Vec<_>>());
                let failed = plain.iter().flatten().find(|item| item.failure.is_some());
                prop_assert_eq!(items.first_failed(), failed);
                prop_assert_eq!(items.is_open(number), plain.get(number).is_some_and(Option::is_none));
            }
            prop_assert!(items.all().eq(plain.iter().map(Option::as_ref)));
        }
    }
}
