//! A coro that waits at one end of a channel between OS threads.
//!
//! When an OS thread ends, the coros that are left on it never run again, and nobody unwinds their
//! stacks. So each OS thread keeps a list of its waiters, whose destructor gives their places up.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::sync::Arc;

use coro::{Coro, Wait};

use super::waiters::{Place, Waiters};

/// The current coro's place in a line, which it leaves when this goes.
pub(crate) struct Waiter<'a> {
    waiters: &'a Arc<Waiters>,
    place: Place,
    listed: Cell<Option<usize>>,
    what: &'static str,
    made: &'static Location<'static>,
}

impl<'a> Waiter<'a> {
    /// Returns a waiter without a place. It makes a waker, the only one of this wait.
    pub(crate) fn new(
        waiters: &'a Arc<Waiters>,
        what: &'static str,
        made: &'static Location<'static>,
    ) -> Waiter<'a> {
        Waiter {
            waiters,
            place: Place::new(coro::current().waker().into()),
            listed: Cell::new(None),
            what,
            made,
        }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Blocks until somebody readies the coro, if the place was taken.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn block(&self) {
        self.list();
        coro::wait_for(self);
    }

    fn list(&self) {
        if let (None, Some(number)) = (self.listed.get(), self.place.number()) {
            let entry = (self.waiters.clone(), number);
            // Else the OS thread is ending, and the wait is refused.
            let listed = LEFT.try_with(|left| left.0.borrow_mut().add(entry));
            self.listed.set(listed.ok());
        }
    }

    fn quit(&self) {
        self.waiters.quit(&self.place);
        if let Some(at) = self.listed.take() {
            let entry = LEFT.try_with(|left| left.0.borrow_mut().remove(at));
            drop(entry);
        }
    }
}

impl Wait for Waiter<'_> {
    fn what(&self) -> &'static str {
        self.what
    }

    fn made(&self) -> Option<&'static Location<'static>> {
        Some(self.made)
    }

    fn leave(&self, _: &Coro) {
        self.quit();
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.quit();
    }
}

type Entry = (Arc<Waiters>, u64);

/// Those who wait on this OS thread; reused when they leave.
struct Left(RefCell<Slab>);

struct Slab {
    entries: Vec<Option<Entry>>,
    free: Vec<usize>,
}

impl Slab {
    fn add(&mut self, entry: Entry) -> usize {
        let at = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.entries.len() - 1
        });
        self.entries[at] = Some(entry);
        at
    }

    fn remove(&mut self, at: usize) -> Option<Entry> {
        self.free.push(at);
        self.entries[at].take()
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        for (waiters, number) in self.0.get_mut().entries.drain(..).flatten() {
            waiters.give_up(number);
        }
    }
}

thread_local! {
    static LEFT: Left = const {
        Left(RefCell::new(Slab {
            entries: Vec::new(),
            free: Vec::new(),
        }))
    };
}
