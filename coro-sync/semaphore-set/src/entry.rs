//! A handle to one of the semaphores.

use std::fmt;
use std::ops::Deref;

use coro_semaphore::Semaphore;

use crate::Lease;

/// A semaphore of a [`SemaphoreSet`](crate::SemaphoreSet), which keeps its entry while this lives.
///
/// # Examples
///
/// See [`SemaphoreSet::sem`](crate::SemaphoreSet::sem).
#[must_use = "if unused, the entry may be gone at once"]
pub struct SemaphoreSetEntry<'a, K>(Lease<'a, K>);

impl<'a, K> SemaphoreSetEntry<'a, K> {
    pub(crate) fn new(lease: Lease<'a, K>) -> SemaphoreSetEntry<'a, K> {
        SemaphoreSetEntry(lease)
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
    /// assert_eq!(set.sem("key").key(), &"key");
    /// ```
    #[must_use]
    pub fn key(&self) -> &K {
        self.0.key()
    }
}

impl<K> Deref for SemaphoreSetEntry<'_, K> {
    type Target = Semaphore;

    #[inline(always)]
    fn deref(&self) -> &Semaphore {
        self.0.semaphore()
    }
}

impl<K: fmt::Debug> fmt::Debug for SemaphoreSetEntry<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemaphoreSetEntry")
            .field("key", self.key())
            .field("semaphore", self.0.semaphore())
            .finish()
    }
}
