//! The values in a channel.

use std::cell::RefCell;
use std::collections::VecDeque;

/// A FIFO of values.
pub(crate) struct Values<T>(RefCell<VecDeque<T>>);

impl<T> Values<T> {
    pub(crate) const fn new() -> Values<T> {
        Values(RefCell::new(VecDeque::new()))
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    #[inline(always)]
    pub(crate) fn push(&self, value: T) {
        self.0.borrow_mut().push_back(value);
    }

    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<T> {
        self.0.borrow_mut().pop_front()
    }
}
