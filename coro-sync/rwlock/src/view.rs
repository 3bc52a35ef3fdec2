//! What can be seen of a lock: who holds it, and who waits.

use std::fmt;

use crate::raw::{RawRwLock, WRITTEN};

impl RawRwLock {
    /// Returns how many readers hold the lock.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = coro_rwlock::RawRwLock::new();
    /// lock.rdlock();
    /// assert_eq!(lock.readers(), 1);
    /// ```
    #[must_use]
    pub fn readers(&self) -> usize {
        self.holds.get().max(0).unsigned_abs()
    }

    /// Returns `true` if a writer holds the lock.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!coro_rwlock::RawRwLock::new().is_write_locked());
    /// ```
    #[must_use]
    pub fn is_write_locked(&self) -> bool {
        self.holds.get() == WRITTEN
    }

    /// Returns how many coros wait to read.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_rwlock::RawRwLock::new().waiting_readers(), 0);
    /// ```
    #[must_use]
    pub fn waiting_readers(&self) -> usize {
        if self.fair {
            self.queue.len() - self.writers.get()
        } else {
            self.readers.len()
        }
    }

    /// Returns how many coros wait to write.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_rwlock::RawRwLock::new().waiting_writers(), 0);
    /// ```
    #[must_use]
    pub fn waiting_writers(&self) -> usize {
        if self.fair {
            self.writers.get()
        } else {
            self.queue.len()
        }
    }
}

impl Default for RawRwLock {
    #[track_caller]
    fn default() -> RawRwLock {
        RawRwLock::new()
    }
}

impl fmt::Debug for RawRwLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut show = f.debug_struct("RawRwLock");
        match self.holds.get() {
            0 => show.field("held", &format_args!("no")),
            WRITTEN => show.field("held", &format_args!("by a writer")),
            readers => show.field("held", &format_args!("by {readers} readers")),
        };
        if self.fair {
            show.field("waiters", &self.queue);
        } else {
            show.field("writers", &self.queue);
            show.field("readers", &self.readers);
        }
        show.finish()
    }
}
