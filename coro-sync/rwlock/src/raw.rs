//! The lock without data.
//!
//! # Invariants
//!
//! R1. `holds` is the number of readers that hold the lock, or [`WRITTEN`].
//! R2. In the default form writers wait in `queue` and readers in `readers`. If the lock is free
//!     and somebody waits, somebody was woken who has not run.
//! R3. In the fair form all wait in `queue`, and who is woken holds the lock from then on. The
//!     first in the queue may not share the lock with those who hold it; so a free lock has an
//!     empty queue.

use std::cell::Cell;

use coro::Holder;
use coro_wait_queue::WaitQueue;

use crate::turn::Turn;

/// What `holds` is while a writer has the lock.
pub(crate) const WRITTEN: isize = -1;

/// What a coro waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write,
}

/// A readers-writer lock without data and without guards: any coro may unlock it.
///
/// [`RwLock`](crate::RwLock) is the one that cannot be misused.
///
/// # Examples
///
/// ```
/// let lock = coro_rwlock::RawRwLock::new();
/// lock.rdlock();
/// lock.rdlock();
/// assert!(!lock.try_wrlock());
/// lock.unlock();
/// lock.unlock();
/// assert!(lock.try_wrlock());
/// ```
///
/// # Source
///
/// Coro 6.57, `Coro::RWLock`, without its lost wake-ups.
pub struct RawRwLock {
    pub(crate) holds: Cell<isize>,
    pub(crate) fair: bool,
    pub(crate) queue: WaitQueue<Kind>,
    pub(crate) readers: WaitQueue<Kind>,
    /// How many in the queue of a fair lock want to write.
    pub(crate) writers: Cell<usize>,
}

impl RawRwLock {
    /// Returns a free lock of the default form.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_rwlock::RawRwLock::new().try_rdlock());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new() -> RawRwLock {
        RawRwLock::with(false)
    }

    /// Returns a free lock of the fair form.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_rwlock::RawRwLock::fair().try_rdlock());
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    #[must_use]
    #[track_caller]
    pub const fn fair() -> RawRwLock {
        RawRwLock::with(true)
    }

    #[track_caller]
    const fn with(fair: bool) -> RawRwLock {
        RawRwLock {
            holds: Cell::new(0),
            fair,
            queue: WaitQueue::new("rwlock"),
            readers: WaitQueue::new("rwlock"),
            writers: Cell::new(0),
        }
    }

    /// Locks for reading, together with other readers; blocks while a writer holds the lock. In the
    /// fair form it blocks also while anybody waits.
    ///
    /// # Switches
    ///
    /// If a writer holds the lock, or if it is fair and somebody waits.
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro holds nothing more than before. If it had been woken, the wake-up passes
    /// on. A lock that need not block raises no interruption.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RawRwLock::new();
    /// lock.rdlock();
    /// assert_eq!(lock.readers(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `rdlock`.
    #[doc(alias = "read")]
    #[doc(alias = "lock_shared")]
    #[inline(always)]
    #[track_caller]
    pub fn rdlock(&self) {
        if !self.try_rdlock() {
            self.block(Kind::Read, || false);
        }
    }

    /// Locks for writing; blocks while anybody holds the lock.
    ///
    /// # Switches
    ///
    /// If somebody holds the lock, be it the current coro: then it blocks until another coro
    /// unlocks it.
    ///
    /// # Cancel safety
    ///
    /// As [`rdlock`](RawRwLock::rdlock).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RawRwLock::new();
    /// lock.wrlock();
    /// assert!(lock.is_write_locked());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `wrlock`.
    #[doc(alias = "write")]
    #[doc(alias = "lock_exclusive")]
    #[inline(always)]
    #[track_caller]
    pub fn wrlock(&self) {
        if !self.try_wrlock() {
            self.block(Kind::Write, || false);
        }
    }

    /// Locks for reading if that need not block, and returns whether it did.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RawRwLock::new();
    /// assert!(lock.try_rdlock());
    /// assert!(lock.try_rdlock());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `tryrdlock`.
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_rdlock(&self) -> bool {
        let taken = (!self.fair || self.queue.is_empty()) && self.take(Kind::Read);
        if taken {
            self.note_holder(Kind::Read);
        }
        taken
    }

    /// Locks for writing if that need not block, and returns whether it did.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RawRwLock::new();
    /// assert!(lock.try_wrlock());
    /// assert!(!lock.try_wrlock());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `trywrlock`.
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_wrlock(&self) -> bool {
        let taken = self.take(Kind::Write);
        if taken {
            self.note_holder(Kind::Write);
        }
        taken
    }

    /// Takes a hold if those who hold the lock allow it.
    #[inline(always)]
    fn take(&self, kind: Kind) -> bool {
        let holds = self.holds.get();
        match kind {
            Kind::Read if holds >= 0 => self.holds.set(holds + 1),
            Kind::Write if holds == 0 => self.holds.set(WRITTEN),
            _ => return false,
        }
        true
    }

    /// Notes for reports that the current coro holds the lock.
    #[inline(always)]
    #[track_caller]
    fn note_holder(&self, kind: Kind) {
        let holder = Some(Holder::current());
        self.queue.set_holder(holder);
        if kind == Kind::Write {
            self.readers.set_holder(holder);
        }
    }

    /// Blocks until the current coro holds the lock; returns `false` if its time was over before.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn block(&self, kind: Kind, is_over: impl Fn() -> bool) -> bool {
        let queue = if !self.fair && kind == Kind::Read {
            &self.readers
        } else {
            &self.queue
        };
        if self.fair && kind == Kind::Write {
            self.writers.set(self.writers.get() + 1);
        }
        let waiter = queue.enter_with(kind, Turn::new(self, kind));
        loop {
            coro::wait_for(&waiter);
            let got = if self.fair {
                waiter.is_woken()
            } else {
                self.take(kind)
            };
            if got {
                break;
            }
            if is_over() {
                return false;
            }
            waiter.stay_with(kind);
        }
        waiter.done();
        self.note_holder(kind);
        true
    }

    /// Ends a hold of the lock: a reader's if readers hold it, else the writer's. Any coro may.
    ///
    /// # Switches
    ///
    /// Never. If the lock becomes free, readies waiters: [the crate's page](crate#who-runs-next)
    /// says whom.
    ///
    /// # Panics
    ///
    /// If nobody holds the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RawRwLock::new();
    /// lock.wrlock();
    /// lock.unlock();
    /// assert!(!lock.is_write_locked());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `unlock`; there, an unlock of a free lock jams it.
    #[inline(always)]
    #[track_caller]
    pub fn unlock(&self) {
        if !self.release() {
            not_held("unlock of a free RawRwLock");
        }
    }

    /// Ends a hold; returns `false` if there is none.
    #[inline(always)]
    pub(crate) fn release(&self) -> bool {
        let holds = self.holds.get();
        self.queue.set_holder(None);
        if holds > 1 {
            self.holds.set(holds - 1);
        } else {
            self.holds.set(0);
            self.readers.set_holder(None);
            if !(self.queue.is_empty() && self.readers.is_empty()) {
                self.wake();
            }
        }
        holds != 0
    }

    /// Wakes those whose turn it is on a free lock.
    #[inline(never)]
    pub(crate) fn wake(&self) {
        if self.fair {
            self.admit();
        } else if !self.queue.wake_one() {
            self.readers.wake_all();
        }
    }

    /// Gives the lock to those at the head of the queue who may share it with its holders: R3.
    #[inline]
    pub(crate) fn admit(&self) {
        // The hold is theirs before anybody sees them woken.
        let fits = |&kind: &Kind| {
            let fits = self.take(kind);
            if fits && kind == Kind::Write {
                self.writers.set(self.writers.get() - 1);
            }
            fits
        };
        while self.queue.wake_if(fits).is_some() {}
    }

    /// Makes the writer that holds the lock a reader, with no other writer in between.
    ///
    /// # Switches
    ///
    /// Never. Readies readers that wait; of a fair lock, those at the head of the queue.
    ///
    /// # Panics
    ///
    /// If no writer holds the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RawRwLock::new();
    /// lock.wrlock();
    /// lock.downgrade();
    /// assert_eq!(lock.readers(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// New here; parking_lot's `downgrade`.
    #[track_caller]
    pub fn downgrade(&self) {
        if !self.is_write_locked() {
            not_held("downgrade of a RawRwLock that no writer holds");
        }
        self.holds.set(1);
        self.readers.set_holder(None);
        if self.fair {
            self.admit();
        } else {
            self.readers.wake_all();
        }
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn not_held(what: &str) -> ! {
    panic!("{what}")
}
