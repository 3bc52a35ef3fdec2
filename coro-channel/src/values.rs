//! The values in a channel.
//!
//! # Invariants
//!
//! V1. The values are those of the ring, from `head` to `tail`, and behind them those of `more`.
//! V2. `is_more` says whether there are any in `more`; then the ring is full but for one, at most
//!     while a value is on its way from there.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;

/// A FIFO of values. A ring of cells, that no borrow guards, holds what there mostly is.
pub(crate) struct Values<T> {
    /// Its length is a power of two. It is made when the first value comes.
    ring: OnceCell<Box<[Cell<Option<T>>]>>,
    /// Running numbers: the place is the remainder.
    head: Cell<usize>,
    tail: Cell<usize>,
    is_more: Cell<bool>,
    more: RefCell<VecDeque<T>>,
    /// How many values are expected at most.
    expected: usize,
}

impl<T> Values<T> {
    pub(crate) const fn new(expected: usize) -> Values<T> {
        Values {
            ring: OnceCell::new(),
            head: Cell::new(0),
            tail: Cell::new(0),
            is_more: Cell::new(false),
            more: RefCell::new(VecDeque::new()),
            expected,
        }
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        let in_ring = self.tail.get().wrapping_sub(self.head.get());
        if self.is_more.get() {
            return in_ring + self.more.borrow().len();
        }
        in_ring
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.tail.get() == self.head.get()
    }

    #[inline(always)]
    pub(crate) fn push(&self, value: T) {
        let (head, tail) = (self.head.get(), self.tail.get());
        if let Some(ring) = self.ring.get()
            && tail.wrapping_sub(head) < ring.len()
            && !self.is_more.get()
        {
            ring[tail & (ring.len() - 1)].set(Some(value));
            self.tail.set(tail.wrapping_add(1));
        } else {
            self.push_more(value);
        }
    }

    #[cold]
    #[inline(never)]
    fn push_more(&self, value: T) {
        self.ring.get_or_init(|| {
            let size = self.expected.clamp(4, 256).next_power_of_two();
            (0..size).map(|_| Cell::new(None)).collect()
        });
        self.more.borrow_mut().push_back(value);
        self.is_more.set(true);
        self.refill();
    }

    /// Moves values into the ring, as many as it has places for.
    #[cold]
    #[inline(never)]
    fn refill(&self) {
        let mut more = self.more.borrow_mut();
        let ring = self.ring.get().map_or(&[][..], |ring| ring);
        while self.tail.get().wrapping_sub(self.head.get()) < ring.len()
            && let Some(value) = more.pop_front()
        {
            ring[self.tail.get() & (ring.len() - 1)].set(Some(value));
            self.tail.set(self.tail.get().wrapping_add(1));
        }
        self.is_more.set(!more.is_empty());
    }

    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<T> {
        let head = self.head.get();
        if head == self.tail.get() {
            return None;
        }
        let ring = self.ring.get()?;
        let value = ring[head & (ring.len() - 1)].take();
        self.head.set(head.wrapping_add(1));
        if self.is_more.get() {
            self.refill();
        }
        value
    }
}

/// The oldest value first.
impl<T> Drop for Values<T> {
    fn drop(&mut self) {
        while let Some(value) = self.pop() {
            drop(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    /// Pushes and pops in bursts of all sizes, and compares with a `VecDeque`.
    fn agrees(expected: usize) {
        let (values, mut model) = (Values::new(expected), VecDeque::new());
        let mut next = 0_u32;
        for burst in (0..400).chain([5_000, 1, 5_000]) {
            for _ in 0..burst {
                values.push(next);
                model.push_back(next);
                next += 1;
            }
            assert_eq!(values.len(), model.len());
            for _ in 0..burst * 2 / 3 + burst % 5 {
                assert_eq!(values.pop(), model.pop_front());
                assert_eq!(values.is_empty(), model.is_empty());
            }
        }
    }

    #[test]
    fn values_come_out_in_the_order_in_which_they_went_in() {
        [0, 1, 5, 64, 1000].into_iter().for_each(agrees);
    }

    #[test]
    fn what_is_left_is_dropped_the_oldest_first() {
        struct Tells(u32, Rc<RefCell<Vec<u32>>>);
        impl Drop for Tells {
            fn drop(&mut self) {
                self.1.borrow_mut().push(self.0);
            }
        }
        let log = Rc::new(RefCell::new(Vec::new()));
        let values = Values::new(4);
        (0..3).for_each(|n| values.push(Tells(n, log.clone())));
        drop(values.pop());
        (3..9).for_each(|n| values.push(Tells(n, log.clone())));
        drop(values);
        assert_eq!(*log.borrow(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
