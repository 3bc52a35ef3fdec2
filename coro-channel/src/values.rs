//! The values in a channel: a ring that grows.
//!
//! A `VecDeque` behind a `RefCell` would do the same. Here the length is known without a borrow, so
//! that a channel finds out at no cost that it is empty.
//!
//! # Invariants
//!
//! V1. There are zero slots, or a power of two.
//! V2. The slots `head .. head + len`, modulo their number, have a value, and no other has.

use std::cell::{Cell, RefCell};

const FIRST_CAPACITY: usize = 4;

/// A FIFO of values.
pub(crate) struct Values<T> {
    slots: RefCell<Vec<Option<T>>>,
    head: Cell<usize>,
    len: Cell<usize>,
}

impl<T> Values<T> {
    pub(crate) const fn new() -> Values<T> {
        Values {
            slots: RefCell::new(Vec::new()),
            head: Cell::new(0),
            len: Cell::new(0),
        }
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len.get()
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.len.get() == 0
    }

    #[inline(always)]
    pub(crate) fn push(&self, value: T) {
        let len = self.len.get();
        let mut slots = self.slots.borrow_mut();
        if len == slots.len() {
            self.grow(&mut slots);
        }
        let at = self.head.get().wrapping_add(len) & (slots.len() - 1);
        slots[at] = Some(value);
        self.len.set(len + 1);
    }

    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<T> {
        let len = self.len.get();
        if len == 0 {
            return None;
        }
        let mut slots = self.slots.borrow_mut();
        let head = self.head.get();
        let at = head & (slots.len() - 1);
        self.head.set(head.wrapping_add(1));
        self.len.set(len - 1);
        slots[at].take()
    }

    /// Doubles the slots, all of which have values.
    #[cold]
    #[inline(never)]
    fn grow(&self, slots: &mut Vec<Option<T>>) {
        let old = slots.len();
        if old > 0 {
            slots.rotate_left(self.head.get() & (old - 1));
        }
        self.head.set(0);
        slots.resize_with((2 * old).max(FIRST_CAPACITY), || None);
    }
}

/// The oldest value is dropped first.
impl<T> Drop for Values<T> {
    fn drop(&mut self) {
        let slots = self.slots.get_mut();
        if self.len.get() > 0 {
            let oldest = self.head.get() & (slots.len() - 1);
            slots.rotate_left(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Values;

    #[test]
    fn values_come_out_in_their_order_however_the_ring_lies() {
        for before in 0..9 {
            let values = Values::new();
            for n in 0..before {
                values.push(n);
                assert_eq!(values.pop(), Some(n));
            }
            for n in 0..100 {
                values.push(2 * n);
                values.push(2 * n + 1);
                assert_eq!(values.pop(), Some(n));
                assert_eq!(values.len(), n + 1);
            }
            let rest: Vec<_> = std::iter::from_fn(|| values.pop()).collect();
            assert!(rest.into_iter().eq(100..200) && values.is_empty());
        }
    }
}
