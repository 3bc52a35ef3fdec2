//! A counter that can be waited for.

use std::cell::Cell;
use std::fmt;

use coro_wait_queue::WaitQueue;

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
    pub(crate) count: Cell<isize>,
    /// The permits that the oldest waiter of the fair form has collected.
    pub(crate) collected: Cell<isize>,
    pub(crate) fair: bool,
    /// Each with how many permits it wants; 0 if it waits for one and takes none.
    pub(crate) waiters: WaitQueue<isize>,
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
        Semaphore::with(count, false)
    }

    /// Returns a semaphore with this count that serves its waiters strictly in the order of their
    /// arrival: nobody comes by. See [the crate's page](crate#who-is-next).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// let semaphore = Rc::new(coro_semaphore::Semaphore::fair(0));
    /// let theirs = semaphore.clone();
    /// let c = coro::spawn(move || theirs.down());
    /// coro::cede();
    /// semaphore.up();
    /// assert!(!semaphore.try_down()); // the permit is c's, who has not run yet
    /// c.join().unwrap();
    /// ```
    ///
    /// # Source
    ///
    /// New here; Go's `semaphore.Weighted` and tokio's `Semaphore` are of this kind.
    #[must_use]
    #[track_caller]
    pub const fn fair(count: isize) -> Semaphore {
        Semaphore::with(count, true)
    }

    #[track_caller]
    const fn with(count: isize, fair: bool) -> Semaphore {
        Semaphore {
            count: Cell::new(count),
            collected: Cell::new(0),
            fair,
            waiters: if count == 1 {
                WaitQueue::new("semaphore")
            } else {
                WaitQueue::new("semaphore").shared()
            },
        }
    }

    /// Returns the count. A waiter that was woken and has not run yet has not lowered it; one of a
    /// [`fair`](Semaphore::fair) semaphore has.
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

    /// Returns how many wait: coros and callbacks.
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
        self.lower(1);
    }

    /// Lowers the count by `permits`, all at once; blocks while it is less than that. No permits
    /// are there at once.
    ///
    /// # Switches
    ///
    /// If the count is less than `permits`.
    ///
    /// # Cancel safety
    ///
    /// As [`down`](Semaphore::down). What the waiter had collected goes to the next one.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch, or if `permits` is above `isize::MAX`.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(3);
    /// semaphore.down_many(2);
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// New here; tokio's `acquire_many`.
    #[inline(always)]
    #[track_caller]
    pub fn down_many(&self, permits: usize) {
        self.lower(number(permits));
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
            self.block(0, || false);
        }
        // The permit that woke us is still there for the next one.
        self.serve();
    }

    /// Calls `callback` when the count is above zero and nobody waits before it: now, or within the
    /// call that raises the count.
    ///
    /// It stands in the queue as a coro in [`wait`](Semaphore::wait) does, and takes no permit,
    /// unless it calls [`try_down`](Semaphore::try_down). It must not switch: a call that would
    /// panics. A panic of it goes to the panic hook, and no further.
    ///
    /// # Switches
    ///
    /// Never. May call callbacks, and ready waiters.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    /// let semaphore = coro_semaphore::Semaphore::new(0);
    /// let called = Rc::new(Cell::new(false));
    /// let here = called.clone();
    /// semaphore.wait_with(move || here.set(true));
    /// assert!(!called.get());
    /// semaphore.up();
    /// assert!(called.get());
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `wait` with a callback.
    pub fn wait_with(&self, callback: impl FnOnce() + 'static) {
        self.waiters.enter_callback(callback);
        self.serve();
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
        self.try_lower(1)
    }

    /// Lowers the count by `permits` if it is not less than that, and returns whether it did. No
    /// permits are always there.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Panics
    ///
    /// If `permits` is above `isize::MAX`.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(3);
    /// assert!(!semaphore.try_down_many(4));
    /// assert!(semaphore.try_down_many(3));
    /// ```
    ///
    /// # Source
    ///
    /// New here; tokio's `try_acquire_many`.
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_down_many(&self, permits: usize) -> bool {
        self.try_lower(number(permits))
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
        let Some(count) = self.count.get().checked_add(by) else {
            overflow();
        };
        self.waiters.set_holder(None);
        if self.waiters.is_empty() {
            self.count.set(count);
        } else {
            self.raise(count);
        }
    }

    #[inline(always)]
    #[track_caller]
    pub(crate) fn lower(&self, by: isize) {
        coro::check();
        if by != 0 && self.count.get() < by {
            self.block(by, || false);
        }
        self.count.set(self.count.get().wrapping_sub(by));
    }

    #[inline(always)]
    pub(crate) fn try_lower(&self, by: isize) -> bool {
        let enough = by == 0 || self.count.get() >= by;
        if enough {
            self.count.set(self.count.get() - by);
        }
        enough
    }
}

/// A number of permits that the count can be compared with.
#[inline(always)]
#[track_caller]
pub(crate) fn number(permits: usize) -> isize {
    match isize::try_from(permits) {
        Ok(number) => number,
        Err(_) => overflow(),
    }
}

#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn overflow() -> ! {
    panic!("the count of a semaphore overflowed")
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("count", &self.count.get())
            .field("fair", &self.fair)
            .field("waiters", &self.waiters)
            .finish()
    }
}
