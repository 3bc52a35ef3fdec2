//! Two meet again and again, and swap what they bring. Now and then one gets what is for the next time.

use std::cell::Cell;

use coro_sync::Semaphore;

/// A place where two meet.
pub struct Swap {
    /// What each has brought.
    brought: [Cell<u32>; 2],
    /// Whether each is there.
    is_there: [Semaphore; 2],
}

impl Default for Swap {
    fn default() -> Swap {
        Swap {
            brought: [Cell::new(0), Cell::new(0)],
            is_there: [Semaphore::new(0), Semaphore::new(0)],
        }
    }
}

impl Swap {
    /// Brings `item`, waits until the other one has come, and returns what that one brings.
    ///
    /// One of the two calls it with 0, the other with 1, and each any number of times: the first
    /// call of one belongs to the first call of the other, the second to the second, and so on.
    /// Nobody returns before the other one is there.
    pub fn swap(&self, me: usize, item: u32) -> u32 {
        let other = 1 - me;
        self.brought[me].set(item);
        self.is_there[me].up();
        self.is_there[other].down();
        self.brought[other].get()
    }
}
