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
        // From here on, whatever happens drops `lent`. There is no switch in between, so no cancel.
        let mut lent = Lent {
            item: self.items.borrow_mut().pop(),
            pool: self,
        };
        f(lent.item.as_mut().expect("a permit is an item"))
    }
}

/// What was taken out of a pool, and goes back.
struct Lent<'a, T> {
    item: Option<T>,
    pool: &'a Pool<T>,
}

impl<T> Drop for Lent<'_, T> {
    fn drop(&mut self) {
        self.pool.items.borrow_mut().extend(self.item.take());
        self.pool.free.up();
    }
}
