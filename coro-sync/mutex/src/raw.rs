//! The mutex without data.
//!
//! # Invariants
//!
//! M1. In the default form: if the mutex is free and somebody waits, somebody was woken who has
//!     not run.
//! M2. In the fair form, who is woken has the mutex from then on; so while somebody waits, it is
//!     locked.

use std::cell::Cell;

use coro::Holder;
use coro_wait_queue::{Left, PassOn, WaitQueue};

/// Locked or not, and who waits.
pub(crate) struct Raw {
    locked: Cell<bool>,
    fair: bool,
    pub(crate) waiters: WaitQueue,
}

impl Raw {
    #[track_caller]
    pub(crate) const fn new(fair: bool) -> Raw {
        Raw {
            locked: Cell::new(false),
            fair,
            waiters: WaitQueue::new("mutex"),
        }
    }

    #[inline(always)]
    pub(crate) fn is_locked(&self) -> bool {
        self.locked.get()
    }

    /// Locks the mutex; blocks while it is locked.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn lock(&self) {
        coro::check();
        if !self.try_lock() {
            self.block(|| false);
        }
    }

    /// Locks the mutex if it is free, and returns whether it was.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn try_lock(&self) -> bool {
        let free = !self.locked.replace(true);
        if free {
            self.waiters.set_holder(Some(Holder::current()));
        }
        free
    }

    /// Blocks until the current coro has the mutex; returns `false` if its time was over before.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn block(&self, is_over: impl Fn() -> bool) -> bool {
        let waiter = self.waiters.enter(Next(self));
        loop {
            coro::wait_for(&waiter);
            let got = if self.fair {
                waiter.is_woken()
            } else {
                self.try_lock()
            };
            if got {
                break;
            }
            if is_over() {
                return false;
            }
            waiter.stay();
        }
        waiter.done();
        self.waiters.set_holder(Some(Holder::current()));
        true
    }

    /// Unlocks the mutex, or gives it to the oldest waiter.
    #[inline(always)]
    pub(crate) fn unlock(&self) {
        self.waiters.set_holder(None);
        if self.waiters.is_empty() {
            self.locked.set(false);
        } else {
            self.serve();
        }
    }

    /// Wakes the oldest waiter. A call, so that a guard's drop is small enough to be inlined.
    #[inline(never)]
    fn serve(&self) {
        // M2: nobody sees a fair mutex free while somebody waits.
        self.locked.set(self.fair);
        self.waiters.wake_one();
    }
}

/// A waiter for the mutex.
struct Next<'a>(&'a Raw);

impl PassOn for Next<'_> {
    #[cold]
    fn pass_on(&self, left: Left) {
        if left != Left::Waiting {
            if self.0.fair {
                self.0.unlock();
            } else if !self.0.is_locked() {
                self.0.waiters.wake_one();
            }
        }
    }

    /// M1, M2.
    fn is_stranded(&self, oldest: bool) -> bool {
        oldest && !self.0.is_locked()
    }
}
