//! A restaurant with few tables. Some guests do not wait for ever, and then a table is never free again.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use coro::Coro;

/// Somebody waits for a table.
struct Guest {
    coro: Coro,
    is_called: Cell<bool>,
}

/// A restaurant.
pub struct Restaurant {
    free: Cell<u32>,
    waiting: RefCell<VecDeque<Rc<Guest>>>,
}

impl Restaurant {
    /// Returns a restaurant with so many tables, which are free.
    pub fn new(tables: u32) -> Restaurant {
        Restaurant {
            free: Cell::new(tables),
            waiting: RefCell::default(),
        }
    }

    /// Takes a table; blocks while none is free, at most for `limit`. Returns whether it has taken one.
    ///
    /// No table is lost: who gives up, or is cancelled, leaves nothing behind and takes nothing along.
    pub fn enter(&self, limit: Duration) -> bool {
        if let Some(rest) = self.free.get().checked_sub(1) {
            self.free.set(rest);
            return true;
        }
        let guest = Rc::new(Guest {
            coro: coro::current(),
            is_called: Cell::new(false),
        });
        self.waiting.borrow_mut().push_back(guest.clone());
        let timer = coro_time::after(limit); // readies us when it goes off
        while !guest.is_called.get() {
            coro::schedule();
            if timer.is_due() {
                return false;
            }
        }
        true
    }

    /// Gives a table back: to who has waited longest, if somebody waits.
    pub fn leave(&self) {
        match self.waiting.borrow_mut().pop_front() {
            Some(guest) => {
                guest.is_called.set(true);
                guest.coro.ready();
            }
            None => self.free.set(self.free.get() + 1),
        }
    }
}
