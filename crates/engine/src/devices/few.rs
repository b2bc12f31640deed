//! A list that nearly always holds one thing, which then stands in the list itself and not in a piece of memory of its own.

use std::ops::{Deref, DerefMut};

#[derive(Clone, Debug)]
pub(super) enum Few<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Few<T> {
    /// The one way to make it longer or shorter.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Vec<T>)) {
        let mut all = match std::mem::take(self) {
            Few::One(one) => vec![one],
            Few::Many(all) => all,
        };
        change(&mut all);
        *self = match <[T; 1]>::try_from(all) {
            Ok([one]) => Few::One(one),
            Err(all) => Few::Many(all),
        };
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Few::Many(Vec::new())
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Few::One(one) => std::slice::from_ref(one),
            Few::Many(all) => all,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Few::One(one) => std::slice::from_mut(one),
            Few::Many(all) => all,
        }
    }
}
