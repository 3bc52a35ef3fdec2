//! Waiting at a channel: what is passed on, and what is known of a wake-up that was forgotten.

use coro::Coro;
use coro_wait_queue::{Left, PassOn};

use crate::Channel;

/// A waiter for a value.
pub(crate) struct Getter<'a, T>(pub(crate) &'a Channel<T>);

impl<T> PassOn for Getter<'_, T> {
    fn pass_on(&self, left: Left) {
        if self.0.fair {
            self.0.return_value(left);
        } else if left != Left::Waiting {
            self.0.wake_getters();
        }
    }

    /// F1; in the default form, whoever puts wakes as many as there are values.
    fn is_stranded(&self, oldest: bool) -> bool {
        self.0.is_shut_down() || oldest && !self.0.is_empty()
    }
}

/// A waiter for leave to put.
pub(crate) struct Putter<'a, T>(pub(crate) &'a Channel<T>);

impl<T> PassOn for Putter<'_, T> {
    fn pass_on(&self, left: Left) {
        if self.0.fair {
            self.0.return_slot(left);
        } else if left != Left::Waiting {
            self.0.serve_putters();
            if !self.0.getters.is_empty() {
                self.0.invite();
            }
        }
    }

    /// F2; in the default form, whoever frees a slot wakes as many as are free, and whoever waits
    /// for a value wakes one.
    fn is_stranded(&self, oldest: bool) -> bool {
        let channel = self.0;
        if !oldest || channel.lent.get() > 0 {
            return false;
        }
        let getters = channel.other_getters() as isize;
        let slots = channel.slots.get();
        if channel.fair {
            slots + getters > 0
        } else {
            slots > 0 || getters > 0
        }
    }
}

impl<T> Channel<T> {
    /// Returns how many wait for a value, but for whom the oldest putter is itself: a select that
    /// gets and puts here waits for somebody else.
    fn other_getters(&self) -> usize {
        let putter = self.putters.coros().into_iter().next();
        let is_other = |getter: &Coro| Some(getter) != putter.as_ref();
        self.getters.coros().iter().filter(|c| is_other(c)).count()
    }
}

/// A waiter for a slot, who has put its value. If it is interrupted it takes the slot that it was
/// woken for, so there is nothing to pass on.
pub(crate) struct Stored<'a, T>(pub(crate) &'a Channel<T>);

impl<T> PassOn for Stored<'_, T> {
    #[inline]
    fn pass_on(&self, _: Left) {}

    /// Whoever frees a slot wakes as many as are free.
    fn is_stranded(&self, oldest: bool) -> bool {
        oldest && self.0.slots.get() > 0
    }
}
