//! A pool of things that are lent, each to one at a time.

use std::cell::RefCell;

use coro_sync::Semaphore;

/// A pool of things.
pub struct Pool<T> {
    items: RefCell<Vec<T>>,
    free: Semaphore,
}

impl<T> Pool<T> {
    /// Returns a pool of these.
    pub fn new(items: Vec<T>) -> Pool<T> {
        let count = isize::try_from(items.len()).expect("so many do not fit into memory");
        Pool {
            items: RefCell::new(items),
            free: Semaphore::new(count),
        }
    }

    /// Calls `f` with a thing that nobody else has meanwhile; blocks until there is one. `f` may block.
    ///
    /// As many can have one at a time as there are. However `f` ends, by a return, by a panic or by a
    /// cancel, its thing can be had again.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.free.down();
        let mut item = self.items.borrow_mut().pop().expect("a permit is an item");
        let result = f(&mut item);
        self.items.borrow_mut().push(item);
        self.free.up();
        result
    }
}
