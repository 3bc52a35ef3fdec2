//! Two meet again and again, and swap what they bring.

use std::cell::RefCell;
use std::collections::VecDeque;

use coro_sync::Semaphore;

/// A place where two meet.
pub struct Swap {
    /// What each has brought and the other one has not taken yet.
    brought: [RefCell<VecDeque<u32>>; 2],
    /// How often each was there and was not met yet.
    is_there: [Semaphore; 2],
}

impl Default for Swap {
    fn default() -> Swap {
        Swap {
            brought: Default::default(),
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
        // The other one may still be on its way to what was brought the last time: so the new item
        // is put behind it. With one place for each, they would have to meet a second time.
        self.brought[me].borrow_mut().push_back(item);
        self.is_there[me].up();
        self.is_there[other].down();
        let item = self.brought[other].borrow_mut().pop_front();
        item.expect("it was brought before the `up`")
    }
}
