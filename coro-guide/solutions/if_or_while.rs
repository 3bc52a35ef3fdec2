//! A counter that can be waited for.

use std::cell::Cell;

use coro_sync::Signal;

/// A counter that grows.
pub struct Counter {
    count: Cell<u32>,
    changed: Signal,
}

impl Counter {
    /// Returns a counter that is at 0.
    pub fn new() -> Counter {
        Counter {
            count: Cell::new(0),
            changed: Signal::new(),
        }
    }

    /// Returns the count.
    pub fn count(&self) -> u32 {
        self.count.get()
    }

    /// Adds `by`.
    pub fn add(&self, by: u32) {
        self.count.set(self.count.get() + by);
        // All look: who was woken alone may wait for more, and another one would have had enough.
        self.changed.broadcast();
    }

    /// Blocks until the count is `least` or more.
    ///
    /// Several can wait at the same time, for different counts. Nobody waits longer than must be.
    pub fn wait_for(&self, least: u32) {
        // Something has changed: whether it is enough, only a look can tell.
        while self.count.get() < least {
            self.changed.wait();
        }
    }
}
