//! The lock over data.

use std::cell::RefCell;
use std::fmt;

use crate::guard::{Hold, RwLockReadGuard, RwLockWriteGuard};
use crate::raw::RawRwLock;

/// Data that many coros may read at a time, or one may write.
///
/// The coro that holds a guard may switch. A guard is dropped when its coro is cancelled or
/// panics, and the lock is free for the next one then: a lock is never poisoned. A guard that is
/// forgotten ([`std::mem::forget`]) keeps the lock locked, and nothing worse.
///
/// # Examples
///
/// See [the crate's page](crate).
///
/// # Source
///
/// std's `RwLock`, on Coro's [`RawRwLock`].
pub struct RwLock<T: ?Sized> {
    pub(crate) raw: RawRwLock,
    pub(crate) data: RefCell<T>,
}

impl<T> RwLock<T> {
    /// Returns a lock of the default form over a value.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RwLock::new(5);
    /// assert_eq!(*lock.read(), 5);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock {
            raw: RawRwLock::new(),
            data: RefCell::new(value),
        }
    }

    /// Returns a lock of the fair form over a value.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RwLock::fair(5);
    /// assert_eq!(*lock.read(), 5);
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    #[must_use]
    #[track_caller]
    pub const fn fair(value: T) -> RwLock<T> {
        RwLock {
            raw: RawRwLock::fair(),
            data: RefCell::new(value),
        }
    }

    /// Returns the value.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_rwlock::RwLock::new(5).into_inner(), 5);
    /// ```
    #[must_use]
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
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
    /// let lock = coro_rwlock::RwLock::new(5);
    /// let (a, b) = (lock.read(), lock.read());
    /// assert_eq!(*a, *b);
    /// ```
    #[doc(alias = "rdlock")]
    #[inline(always)]
    #[track_caller]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.raw.rdlock();
        RwLockReadGuard::new(self)
    }

    /// Locks for writing; blocks while anybody holds the lock.
    ///
    /// # Switches
    ///
    /// If somebody holds the lock. If that is the current coro, it blocks for ever.
    ///
    /// # Cancel safety
    ///
    /// As [`read`](RwLock::read).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RwLock::new(5);
    /// *lock.write() += 1;
    /// assert_eq!(*lock.read(), 6);
    /// ```
    #[doc(alias = "wrlock")]
    #[inline(always)]
    #[track_caller]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.raw.wrlock();
        RwLockWriteGuard::new(self)
    }

    /// Locks for reading if that need not block.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RwLock::new(5);
    /// let _writing = lock.write();
    /// assert!(lock.try_read().is_none());
    /// ```
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        self.raw.try_rdlock().then(|| RwLockReadGuard::new(self))
    }

    /// Locks for writing if that need not block.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RwLock::new(5);
    /// let _reading = lock.read();
    /// assert!(lock.try_write().is_none());
    /// ```
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        self.raw.try_wrlock().then(|| RwLockWriteGuard::new(self))
    }

    /// Returns the value: who has the lock alone need not lock it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut lock = coro_rwlock::RwLock::new(5);
    /// *lock.get_mut() += 1;
    /// assert_eq!(lock.into_inner(), 6);
    /// ```
    #[must_use]
    pub fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }

    /// Returns a hold that was taken, to be given back when it is dropped.
    #[inline(always)]
    pub(crate) fn hold(&self) -> Hold<'_> {
        Hold::new(&self.raw)
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> RwLock<T> {
        RwLock::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> RwLock<T> {
        RwLock::new(value)
    }
}

/// Shows the data if no writer has it, and nobody waits for a free lock: to look may not change
/// who is next.
impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nobody_waits = self.raw.waiting_writers() + self.raw.waiting_readers() == 0;
        let data = if self.raw.readers() > 0 || nobody_waits {
            self.try_read()
        } else {
            None
        };
        let mut show = f.debug_struct("RwLock");
        match &data {
            Some(data) => show.field("data", data),
            None => show.field("data", &format_args!("<locked>")),
        };
        drop(data);
        show.field("raw", &self.raw).finish()
    }
}
