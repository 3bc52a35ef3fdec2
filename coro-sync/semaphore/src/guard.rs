//! The guard of a permit.

use std::fmt;
use std::mem::ManuallyDrop;

use crate::Semaphore;

/// Holds a permit of a [`Semaphore`], and gives it back when dropped.
///
/// # Examples
///
/// See [`Semaphore::acquire`].
#[must_use = "if unused, the permit is given back at once"]
pub struct SemaphoreGuard<'a> {
    semaphore: &'a Semaphore,
}

impl<'a> SemaphoreGuard<'a> {
    #[inline(always)]
    pub(crate) fn new(semaphore: &'a Semaphore) -> SemaphoreGuard<'a> {
        SemaphoreGuard { semaphore }
    }

    /// Keeps the permit for good: the count stays as it is.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// semaphore.acquire().forget();
    /// assert_eq!(semaphore.count(), 0);
    /// ```
    pub fn forget(self) {
        let _ = ManuallyDrop::new(self);
    }
}

impl Drop for SemaphoreGuard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.semaphore.up();
    }
}

impl fmt::Debug for SemaphoreGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SemaphoreGuard")
            .field(self.semaphore)
            .finish()
    }
}
