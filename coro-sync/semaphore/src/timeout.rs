//! Waiting for permits, but not for ever: feature `time`.

use std::rc::Rc;
use std::time::Duration;

use coro_time::{Elapsed, Timer};

use crate::semaphore::number;
use crate::{Semaphore, SemaphoreGuard, SemaphoreGuardRc};

/// Waiting, but not for ever: feature `time`.
///
/// Who has it when the time is over, or is given it at that very moment, has it. Else the coro
/// leaves the queue, has taken nothing, and what it had collected passes on. A limit of zero does
/// not block, and one past all that an `Instant` can be is for ever.
impl Semaphore {
    /// As [`down`](Semaphore::down), at most for `limit`. Needs the feature `time`.
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
    /// As [`down`](Semaphore::down).
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
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// assert!(semaphore.down_timeout(Duration::from_secs(1)).is_ok());
    /// assert!(semaphore.down_timeout(Duration::from_secs(1)).is_err());
    /// ```
    ///
    /// # Source
    ///
    /// New here; the `sem_timedwait` of POSIX.
    #[doc(alias = "sem_timedwait")]
    #[inline(always)]
    #[track_caller]
    pub fn down_timeout(&self, limit: Duration) -> Result<(), Elapsed> {
        self.lower_timeout(1, limit)
    }

    /// As [`down_many`](Semaphore::down_many), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if the count was not lowered. This is the only error.
    ///
    /// # Switches
    ///
    /// If the count is less than `permits`, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`down_many`](Semaphore::down_many).
    ///
    /// # Panics
    ///
    /// As [`down_many`](Semaphore::down_many).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let semaphore = coro_semaphore::Semaphore::new(3);
    /// assert!(semaphore.down_many_timeout(2, Duration::from_secs(1)).is_ok());
    /// assert!(semaphore.down_many_timeout(2, Duration::from_secs(1)).is_err());
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn down_many_timeout(&self, permits: usize, limit: Duration) -> Result<(), Elapsed> {
        self.lower_timeout(number(permits), limit)
    }

    /// As [`wait`](Semaphore::wait), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if the count is zero or less. This is the only error.
    ///
    /// # Switches
    ///
    /// If the count is zero or less, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Semaphore::wait).
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
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// assert!(semaphore.wait_timeout(Duration::from_secs(1)).is_ok());
    /// semaphore.down();
    /// assert!(semaphore.wait_timeout(Duration::from_secs(1)).is_err());
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn wait_timeout(&self, limit: Duration) -> Result<(), Elapsed> {
        coro::check();
        if self.count.get() <= 0 {
            self.block_timeout(0, limit)?;
        }
        // The permit that woke us is still there for the next one.
        self.serve();
        Ok(())
    }

    /// As [`acquire`](Semaphore::acquire), at most for `limit`. Needs the feature `time`.
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
    /// As [`acquire`](Semaphore::acquire).
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
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// let guard = semaphore.acquire_timeout(Duration::from_secs(1));
    /// assert!(guard.is_ok());
    /// assert!(semaphore.acquire_timeout(Duration::from_secs(1)).is_err());
    /// ```
    #[doc(alias = "try_acquire_for")]
    #[inline(always)]
    #[track_caller]
    pub fn acquire_timeout(&self, limit: Duration) -> Result<SemaphoreGuard<'_>, Elapsed> {
        self.lower_timeout(1, limit)?;
        self.note_holder();
        Ok(SemaphoreGuard::new(self, 1))
    }

    /// As [`acquire_many`](Semaphore::acquire_many), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if there is no guard. This is the only error.
    ///
    /// # Switches
    ///
    /// If the count is less than `permits`, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`down_many`](Semaphore::down_many).
    ///
    /// # Panics
    ///
    /// As [`down_many`](Semaphore::down_many).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let semaphore = coro_semaphore::Semaphore::new(3);
    /// let guard = semaphore.acquire_many_timeout(2, Duration::from_secs(1)).unwrap();
    /// assert!(semaphore.acquire_many_timeout(2, Duration::from_secs(1)).is_err());
    /// assert_eq!((guard.permits(), semaphore.count()), (2, 1));
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn acquire_many_timeout(
        &self,
        permits: usize,
        limit: Duration,
    ) -> Result<SemaphoreGuard<'_>, Elapsed> {
        self.lower_timeout(number(permits), limit)?;
        self.note_holder();
        Ok(SemaphoreGuard::new(self, number(permits)))
    }

    /// As [`acquire_rc`](Semaphore::acquire_rc), at most for `limit`. Needs the feature `time`.
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
    /// As [`acquire_rc`](Semaphore::acquire_rc).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let semaphore = Rc::new(coro_semaphore::Semaphore::new(1));
    /// let guard = semaphore.acquire_rc_timeout(Duration::from_secs(1));
    /// assert!(guard.is_ok());
    /// assert!(semaphore.acquire_rc_timeout(Duration::from_secs(1)).is_err());
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn acquire_rc_timeout(
        self: &Rc<Self>,
        limit: Duration,
    ) -> Result<SemaphoreGuardRc, Elapsed> {
        self.lower_timeout(1, limit)?;
        self.note_holder();
        Ok(SemaphoreGuardRc::new(self.clone()))
    }

    #[inline(always)]
    #[track_caller]
    fn lower_timeout(&self, by: isize, limit: Duration) -> Result<(), Elapsed> {
        coro::check();
        if by != 0 && self.count.get() < by {
            self.block_timeout(by, limit)?;
        }
        self.count.set(self.count.get().wrapping_sub(by));
        Ok(())
    }

    /// As `block`, at most for `limit`: a waiter that leaves passes on what it was given.
    #[inline(always)]
    #[track_caller]
    fn block_timeout(&self, want: isize, limit: Duration) -> Result<(), Elapsed> {
        if limit.is_zero() {
            return Err(Elapsed);
        }
        let timer = Timer::after(limit);
        if self.block(want, || timer.is_due()) {
            Ok(())
        } else {
            Err(Elapsed)
        }
    }
}
