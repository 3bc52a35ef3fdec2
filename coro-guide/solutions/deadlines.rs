//! A restaurant with few tables. Who gives up leaves the queue.

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
        let mut wait = Wait {
            restaurant: self,
            guest,
            has_a_table: false,
        };
        let timer = coro_time::after(limit); // readies us when it goes off
        // Whether it is called comes first: when the time is over, that may have happened as well.
        while !wait.guest.is_called.get() {
            if timer.is_due() {
                return false;
            }
            coro::schedule();
        }
        wait.has_a_table = true;
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

/// Somebody waits, or has just been called.
struct Wait<'a> {
    restaurant: &'a Restaurant,
    guest: Rc<Guest>,
    has_a_table: bool,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if self.has_a_table {
            return;
        }
        if self.guest.is_called.get() {
            // It was called, and cancelled before it ran.
            self.restaurant.leave();
        } else {
            let mut waiting = self.restaurant.waiting.borrow_mut();
            waiting.retain(|other| !Rc::ptr_eq(other, &self.guest));
        }
    }
}
