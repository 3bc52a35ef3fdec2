//! A semaphore whose waiters may be overtaken: who comes by takes the permit before the woken one runs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use coro::Coro;

/// A semaphore.
pub struct Semaphore {
    permits: Cell<u32>,
    waiters: RefCell<VecDeque<Coro>>,
}

impl Semaphore {
    /// Returns a semaphore with so many permits.
    pub fn new(permits: u32) -> Semaphore {
        Semaphore {
            permits: Cell::new(permits),
            waiters: RefCell::default(),
        }
    }

    /// Takes a permit; blocks until there is one for it.
    ///
    /// Permits are given out in the order of the calls, and nobody comes by. Who is cancelled while it
    /// waits has taken none.
    pub fn down(&self) {
        let me = Waiter(self, coro::current());
        while self.permits.get() == 0 {
            if !self.waiters.borrow().contains(&me.1) {
                self.waiters.borrow_mut().push_back(me.1.clone());
            }
            coro::schedule();
        }
        self.permits.set(self.permits.get() - 1);
    }

    /// Puts a permit back, or gives it to who has waited longest. It does not switch.
    pub fn up(&self) {
        self.permits.set(self.permits.get() + 1);
        self.wake();
    }

    fn wake(&self) {
        if self.permits.get() > 0 {
            _ = self.waiters.borrow_mut().pop_front().map(|it| it.ready());
        }
    }
}

/// Who is in `down`. It is dropped on every way out.
struct Waiter<'a>(&'a Semaphore, Coro);

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.waiters.borrow_mut().retain(|it| *it != self.1);
        self.0.wake();
    }
}
