//! The guard of a permit.

use std::fmt;

use crate::Lease;

/// Holds a permit of a key, and gives it back when dropped.
///
/// # Examples
///
/// See [`SemaphoreSet::acquire`](crate::SemaphoreSet::acquire).
#[must_use = "if unused, the permit is given back at once"]
pub struct SemaphoreSetGuard<'a, K> {
    lease: Lease<'a, K>,
    forgotten: bool,
}

impl<'a, K> SemaphoreSetGuard<'a, K> {
    #[inline(always)]
    pub(crate) fn new(lease: Lease<'a, K>) -> SemaphoreSetGuard<'a, K> {
        SemaphoreSetGuard {
            lease,
            forgotten: false,
        }
    }

    /// Keeps the permit for good: the count stays as it is, and so does the entry.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// set.acquire("key").forget();
    /// assert_eq!(set.count(&"key"), 0);
    /// ```
    pub fn forget(mut self) {
        self.forgotten = true;
    }

    /// Returns the key.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// assert_eq!(set.acquire("key").key(), &"key");
    /// ```
    #[must_use]
    pub fn key(&self) -> &K {
        self.lease.key()
    }
}

impl<K> Drop for SemaphoreSetGuard<'_, K> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.forgotten {
            self.lease.semaphore().up();
        }
    }
}

impl<K: fmt::Debug> fmt::Debug for SemaphoreSetGuard<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemaphoreSetGuard")
            .field("key", self.key())
            .field("semaphore", self.lease.semaphore())
            .finish()
    }
}
