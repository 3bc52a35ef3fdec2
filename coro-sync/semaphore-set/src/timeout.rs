//! Waiting for the permit of a key, but not for ever: feature `time`.

use std::hash::Hash;
use std::time::Duration;

use coro_time::Elapsed;

use crate::{SemaphoreSet, SemaphoreSetGuard};

/// Waiting, but not for ever: feature `time`. Ties, zero and what passes on are as with
/// [`Semaphore`](coro_semaphore::Semaphore); a wait in vain leaves no entry behind.
impl<K: Hash + Eq> SemaphoreSet<K> {
    /// As [`down`](SemaphoreSet::down), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if the count was not lowered. This is the only error.
    ///
    /// # Switches
    ///
    /// If the count is zero or less, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`down`](SemaphoreSet::down).
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
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// assert!(set.down_timeout("key", Duration::from_secs(1)).is_ok());
    /// assert!(set.down_timeout("key", Duration::from_secs(1)).is_err());
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn down_timeout(&self, key: K, limit: Duration) -> Result<(), Elapsed> {
        let lease = self.table.lease(key);
        lease.semaphore().down_timeout(limit)
    }

    /// As [`wait`](SemaphoreSet::wait), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if there is an entry, and its count is zero or less. This is the only error.
    ///
    /// # Switches
    ///
    /// If there is an entry whose count is zero or less, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](SemaphoreSet::wait).
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
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// let guard = set.acquire("key");
    /// assert!(set.wait_timeout(&"key", Duration::from_secs(1)).is_err());
    /// drop(guard);
    /// assert!(set.wait_timeout(&"key", Duration::from_secs(1)).is_ok());
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn wait_timeout(&self, key: &K, limit: Duration) -> Result<(), Elapsed> {
        coro::check();
        match self.table.find(key) {
            Some(lease) => lease.semaphore().wait_timeout(limit),
            None => Ok(()),
        }
    }

    /// As [`acquire`](SemaphoreSet::acquire), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if there is no guard. This is the only error.
    ///
    /// # Switches
    ///
    /// If the count is zero or less, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](SemaphoreSet::acquire).
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
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// let guard = set.acquire_timeout("key", Duration::from_secs(1));
    /// assert!(guard.is_ok());
    /// assert!(set.acquire_timeout("key", Duration::from_secs(1)).is_err());
    /// drop(guard);
    /// assert!(set.is_empty());
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn acquire_timeout(
        &self,
        key: K,
        limit: Duration,
    ) -> Result<SemaphoreSetGuard<'_, K>, Elapsed> {
        let lease = self.table.lease(key);
        lease.semaphore().acquire_timeout(limit)?.forget();
        Ok(SemaphoreSetGuard::new(lease))
    }
}
