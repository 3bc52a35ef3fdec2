//! A semaphore that gives its permits to those who wait, in the order in which they came.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use coro::Coro;

/// A semaphore.
pub struct Semaphore {
    /// What nobody waits for: while somebody waits, there is none.
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
        if let Some(rest) = self.permits.get().checked_sub(1) {
            self.permits.set(rest);
            return;
        }
        let me = Waiter {
            semaphore: self,
            coro: coro::current(),
            has_it: Cell::new(false),
        };
        self.waiters.borrow_mut().push_back(me.coro.clone());
        // Who is in the queue has been given nothing, whoever has readied it.
        while self.waiters.borrow().contains(&me.coro) {
            coro::schedule();
        }
        me.has_it.set(true);
    }

    /// Puts a permit back, or gives it to who has waited longest. It does not switch.
    pub fn up(&self) {
        let oldest = self.waiters.borrow_mut().pop_front();
        match oldest {
            // It is not counted, so nobody finds it before the waiter runs.
            Some(oldest) => _ = oldest.ready(),
            None => self.permits.set(self.permits.get() + 1),
        }
    }
}

/// Who waits in `down`. It is dropped on every way out.
struct Waiter<'a> {
    semaphore: &'a Semaphore,
    coro: Coro,
    has_it: Cell<bool>,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        if self.has_it.get() {
            return;
        }
        let place = |it: &Coro| *it == self.coro;
        let place = self.semaphore.waiters.borrow().iter().position(place);
        match place {
            Some(place) => _ = self.semaphore.waiters.borrow_mut().remove(place),
            // It had been given one, and is gone before it could take it.
            None => self.semaphore.up(),
        }
    }
}
