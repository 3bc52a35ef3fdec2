//! A counting semaphore for coros, with a guard.
//!
//! ```
//! use coro_semaphore::Semaphore;
//! use std::rc::Rc;
//!
//! let lock = Rc::new(Semaphore::new(1));
//! let held = lock.clone();
//! let c = coro::spawn(move || {
//!     let _guard = held.acquire();
//!     coro::cede(); // still ours
//! });
//! coro::cede();
//! assert!(lock.try_acquire().is_none());
//! let _guard = lock.acquire(); // blocks until c drops its guard
//! assert!(c.is_finished());
//! ```
//!
//! # Who is next
//!
//! Waiters are woken in the order of their arrival, whatever their priorities. A woken waiter has
//! not got its permit yet: it looks at the count again when it runs, and a coro that comes by in
//! between may take the permit; then the waiter queues again, at the end. And `up` does not yield:
//! a loop of `down(); cede(); up()` in one coro may keep a permit until the loop ends.
#![forbid(unsafe_code)]

mod guard;

use std::cell::Cell;
use std::fmt;

use coro_wait_queue::{Left, WaitQueue};

pub use crate::guard::SemaphoreGuard;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// A counter that can be lowered only while it is above zero.
///
/// # Examples
///
/// See [the crate's page](crate).
///
/// # Source
///
/// Coro 6.57, `Coro::Semaphore`; Dijkstra, EWD 123.
pub struct Semaphore {
    count: Cell<isize>,
    waiters: WaitQueue,
}

impl Semaphore {
    /// Returns a semaphore with this count, which may be zero or negative.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_semaphore::Semaphore::new(-1).count(), -1);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new(count: isize) -> Semaphore {
        Semaphore {
            count: Cell::new(count),
            waiters: WaitQueue::new("semaphore"),
        }
    }

    /// Returns the count. A waiter that was woken and has not run yet has not lowered it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(2);
    /// semaphore.down();
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    #[doc(alias = "available_permits")]
    #[must_use]
    pub fn count(&self) -> isize {
        self.count.get()
    }

    /// Returns how many coros wait.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_semaphore::Semaphore::new(0).waiters(), 0);
    /// ```
    #[must_use]
    pub fn waiters(&self) -> usize {
        self.waiters.len()
    }

    /// Lowers the count by one; blocks while it is zero or less.
    ///
    /// # Switches
    ///
    /// If the count is zero or less.
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro has lowered nothing. If it had been woken, the wake-up passes on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// semaphore.down();
    /// assert_eq!(semaphore.count(), 0);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `down`; there, an interrupted waiter may swallow a later `up`.
    #[doc(alias = "P")]
    #[doc(alias = "wait")]
    #[inline(always)]
    #[track_caller]
    pub fn down(&self) {
        coro::check();
        if self.count.get() <= 0 {
            self.block();
        }
        self.count.set(self.count.get() - 1);
    }

    /// Blocks until the count is above zero, and leaves it as it is.
    ///
    /// # Switches
    ///
    /// If the count is zero or less.
    ///
    /// # Cancel safety
    ///
    /// If the interrupted coro had been woken, the wake-up passes on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// semaphore.wait();
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `wait`.
    #[inline(always)]
    #[track_caller]
    pub fn wait(&self) {
        coro::check();
        if self.count.get() <= 0 {
            self.block();
        }
        // The permit that woke us is still there for the next one.
        self.wake();
    }

    /// Blocks until the count is above zero.
    #[inline(always)]
    #[track_caller]
    fn block(&self) {
        let waiter = self.waiters.enter(|left| {
            if left != Left::Waiting {
                self.wake();
            }
        });
        loop {
            coro::wait_for(&waiter);
            if self.count.get() > 0 {
                break;
            }
            waiter.stay();
        }
        waiter.done();
    }

    /// Lowers the count by one if it is above zero, and returns whether it did.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// assert!(semaphore.try_down());
    /// assert!(!semaphore.try_down());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `try`.
    #[inline(always)]
    #[must_use]
    pub fn try_down(&self) -> bool {
        let free = self.count.get() > 0;
        if free {
            self.count.set(self.count.get() - 1);
        }
        free
    }

    /// Raises the count by one. Any coro may, whether it lowered it or not.
    ///
    /// # Switches
    ///
    /// Never. Readies waiters.
    ///
    /// # Panics
    ///
    /// If the count overflows.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(0);
    /// semaphore.up();
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `up`.
    #[doc(alias = "V")]
    #[doc(alias = "release")]
    #[inline(always)]
    #[track_caller]
    pub fn up(&self) {
        self.adjust(1);
    }

    /// Adds `by`, which may be negative, to the count.
    ///
    /// # Switches
    ///
    /// Never. Readies as many waiters as the count then allows.
    ///
    /// # Panics
    ///
    /// If the count overflows.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// semaphore.adjust(-3);
    /// assert_eq!(semaphore.count(), -2);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `adjust`.
    #[inline(always)]
    #[track_caller]
    pub fn adjust(&self, by: isize) {
        match self.count.get().checked_add(by) {
            Some(count) => self.count.set(count),
            None => overflow(),
        }
        if !self.waiters.is_empty() {
            self.wake();
        }
    }

    /// Wakes as many waiters as there are permits.
    #[inline]
    fn wake(&self) {
        let mut permits = self.count.get();
        while permits > 0 && self.waiters.wake_one() {
            permits -= 1;
        }
    }

    /// Lowers the count, as [`down`](Semaphore::down), and returns a guard that raises it when it
    /// is dropped.
    ///
    /// # Switches
    ///
    /// If the count is zero or less.
    ///
    /// # Cancel safety
    ///
    /// As [`down`](Semaphore::down).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// {
    ///     let _guard = semaphore.acquire();
    ///     assert_eq!(semaphore.count(), 0);
    /// }
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `guard`.
    #[doc(alias = "guard")]
    #[inline(always)]
    #[track_caller]
    pub fn acquire(&self) -> SemaphoreGuard<'_> {
        self.down();
        SemaphoreGuard::new(self)
    }

    /// Returns a guard if the count is above zero.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// let guard = semaphore.try_acquire();
    /// assert!(guard.is_some());
    /// assert!(semaphore.try_acquire().is_none());
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn try_acquire(&self) -> Option<SemaphoreGuard<'_>> {
        self.try_down().then(|| SemaphoreGuard::new(self))
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn overflow() -> ! {
    panic!("the count of a semaphore overflowed")
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("count", &self.count.get())
            .field("waiters", &self.waiters)
            .finish()
    }
}
