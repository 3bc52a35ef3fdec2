//! Waiting for the lock, but not for ever: feature `time`.

use std::time::Duration;

use coro_time::{Elapsed, Timer};

use crate::raw::Kind;
use crate::{RawRwLock, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Waiting, but not for ever: feature `time`.
///
/// Who has the lock when the time is over, or is given it at that very moment, has it. Else the coro
/// leaves the queue; those behind it who may share the lock with its holders have it now, if it is
/// fair. A limit of zero does not block, and one past all that an `Instant` can be is for ever.
impl<T: ?Sized> RwLock<T> {
    /// As [`read`](RwLock::read), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if the lock was not locked. This is the only error.
    ///
    /// # Switches
    ///
    /// If a writer holds the lock, or if it is fair and somebody waits; and `limit` is above zero.
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
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let lock = coro_rwlock::RwLock::new(5);
    /// let guard = lock.write();
    /// assert!(lock.read_timeout(Duration::from_secs(1)).is_err());
    /// drop(guard);
    /// assert_eq!(*lock.read_timeout(Duration::from_secs(1)).unwrap(), 5);
    /// ```
    ///
    /// # Source
    ///
    /// New here; parking_lot's `try_read_for`.
    #[doc(alias = "try_read_for")]
    #[inline(always)]
    #[track_caller]
    pub fn read_timeout(&self, limit: Duration) -> Result<RwLockReadGuard<'_, T>, Elapsed> {
        self.raw.rdlock_timeout(limit)?;
        Ok(RwLockReadGuard::new(self))
    }

    /// As [`write`](RwLock::write), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if the lock was not locked. This is the only error.
    ///
    /// # Switches
    ///
    /// If somebody holds the lock, and `limit` is above zero.
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
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let lock = coro_rwlock::RwLock::new(5);
    /// let guard = lock.read();
    /// assert!(lock.write_timeout(Duration::from_secs(1)).is_err());
    /// drop(guard);
    /// *lock.write_timeout(Duration::from_secs(1)).unwrap() += 1;
    /// assert_eq!(lock.into_inner(), 6);
    /// ```
    ///
    /// # Source
    ///
    /// New here; parking_lot's `try_write_for`.
    #[doc(alias = "try_write_for")]
    #[inline(always)]
    #[track_caller]
    pub fn write_timeout(&self, limit: Duration) -> Result<RwLockWriteGuard<'_, T>, Elapsed> {
        self.raw.wrlock_timeout(limit)?;
        Ok(RwLockWriteGuard::new(self))
    }
}

/// Waiting, but not for ever: feature `time`. What is said of [`RwLock`] holds.
impl RawRwLock {
    /// As [`rdlock`](RawRwLock::rdlock), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if the lock was not locked. This is the only error.
    ///
    /// # Switches
    ///
    /// If a writer holds the lock, or if it is fair and somebody waits; and `limit` is above zero.
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
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let lock = coro_rwlock::RawRwLock::new();
    /// lock.wrlock();
    /// assert!(lock.rdlock_timeout(Duration::from_secs(1)).is_err());
    /// lock.unlock();
    /// assert!(lock.rdlock_timeout(Duration::from_secs(1)).is_ok());
    /// ```
    #[doc(alias = "try_lock_shared_for")]
    #[inline(always)]
    #[track_caller]
    pub fn rdlock_timeout(&self, limit: Duration) -> Result<(), Elapsed> {
        if self.try_rdlock() {
            return Ok(());
        }
        self.block_timeout(Kind::Read, limit)
    }

    /// As [`wrlock`](RawRwLock::wrlock), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if the lock was not locked. This is the only error.
    ///
    /// # Switches
    ///
    /// If somebody holds the lock, and `limit` is above zero.
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
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let lock = coro_rwlock::RawRwLock::new();
    /// assert!(lock.wrlock_timeout(Duration::from_secs(1)).is_ok());
    /// assert!(lock.wrlock_timeout(Duration::from_secs(1)).is_err());
    /// ```
    #[doc(alias = "try_lock_exclusive_for")]
    #[inline(always)]
    #[track_caller]
    pub fn wrlock_timeout(&self, limit: Duration) -> Result<(), Elapsed> {
        if self.try_wrlock() {
            return Ok(());
        }
        self.block_timeout(Kind::Write, limit)
    }

    /// As `block`, at most for `limit`: a waiter that leaves passes on what it was given.
    #[inline(always)]
    #[track_caller]
    fn block_timeout(&self, kind: Kind, limit: Duration) -> Result<(), Elapsed> {
        coro::check();
        if limit.is_zero() {
            return Err(Elapsed);
        }
        let timer = Timer::after(limit);
        if self.block(kind, || timer.is_due()) {
            Ok(())
        } else {
            Err(Elapsed)
        }
    }
}
