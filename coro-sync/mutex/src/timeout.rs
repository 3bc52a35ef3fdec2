//! Waiting for a mutex, or for a notification, but not for ever: feature `time`.

use std::time::Duration;

use coro_time::{Elapsed, Timer};
use coro_wait_queue::PassOn;

use crate::condvar::{PassNotice, While};
use crate::{Condvar, Mutex, MutexGuard};

/// Waiting, but not for ever: feature `time`.
impl<T: ?Sized> Mutex<T> {
    /// As [`lock`](Mutex::lock), at most for `limit`. Needs the feature `time`.
    ///
    /// Who has the mutex when the time is over, or is given it at that very moment, has it. A limit
    /// of zero does not block, and one past all that an `Instant` can be is for ever.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if the mutex was not locked; a wake-up that the coro was given passes on. This
    /// is the only error.
    ///
    /// # Switches
    ///
    /// If the mutex is locked, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`lock`](Mutex::lock).
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
    /// let mutex = coro_mutex::Mutex::new(5);
    /// let guard = mutex.lock_timeout(Duration::from_secs(1));
    /// assert!(guard.is_ok());
    /// assert!(mutex.lock_timeout(Duration::from_secs(1)).is_err());
    /// ```
    ///
    /// # Source
    ///
    /// New here; parking_lot's `try_lock_for`.
    #[doc(alias = "try_lock_for")]
    #[inline(always)]
    #[track_caller]
    pub fn lock_timeout(&self, limit: Duration) -> Result<MutexGuard<'_, T>, Elapsed> {
        coro::check();
        if !self.raw.try_lock() {
            if limit.is_zero() {
                return Err(Elapsed);
            }
            let timer = Timer::after(limit);
            if !self.raw.block(|| timer.is_due()) {
                return Err(Elapsed);
            }
        }
        Ok(MutexGuard::new(self))
    }
}

/// Waiting, but not for ever: feature `time`.
///
/// The limit is that of the wait for a notification. The mutex is locked again in any case, and that
/// may take longer.
impl Condvar {
    /// As [`wait`](Condvar::wait), at most for `limit`, and tells whether it was notified. Needs the
    /// feature `time`.
    ///
    /// Who was notified when the time is over, or is at that very moment, was notified in time. A
    /// limit of zero does not block, nor unlock the mutex; one past all that an `Instant` can be is
    /// for ever.
    ///
    /// # Errors
    ///
    /// The second part is [`Elapsed`], if it was not notified. This is the only error.
    ///
    /// # Switches
    ///
    /// If `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Condvar::wait).
    ///
    /// # Panics
    ///
    /// Where nothing may switch, if `limit` is above zero; the mutex is unlocked then.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_mutex::{Condvar, Mutex};
    /// use std::time::Duration;
    ///
    /// let _clock = coro_time::VirtualClock::install();
    /// let (mutex, condvar) = (Mutex::new(5), Condvar::new());
    /// let (guard, notified) = condvar.wait_timeout(mutex.lock(), Duration::from_secs(1));
    /// assert_eq!((*guard, notified), (5, Err(coro_time::Elapsed)));
    /// ```
    ///
    /// # Source
    ///
    /// std's `wait_timeout`.
    #[inline(always)]
    #[track_caller]
    pub fn wait_timeout<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> (MutexGuard<'a, T>, Result<(), Elapsed>) {
        coro::check();
        if limit.is_zero() {
            return (guard, Err(Elapsed));
        }
        let timer = Timer::after(limit);
        self.wait_until(guard, PassNotice(self), &timer)
    }

    /// As [`wait_while`](Condvar::wait_while), at most for `limit` in all, and tells whether the
    /// closure has said `false`. Needs the feature `time`.
    ///
    /// The closure is asked once more when the time is over and the mutex is locked again: what it
    /// says then counts. It is asked once if the limit is zero.
    ///
    /// # Errors
    ///
    /// The second part is [`Elapsed`], if the closure has said `true` to the last. This is the only
    /// error.
    ///
    /// # Switches
    ///
    /// If the closure says `true`, and `limit` is above zero; or if the closure switches itself.
    ///
    /// # Cancel safety
    ///
    /// As [`wait_while`](Condvar::wait_while).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch; the mutex is unlocked then.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_mutex::{Condvar, Mutex};
    /// use std::time::Duration;
    ///
    /// let _clock = coro_time::VirtualClock::install();
    /// let (open, opened) = (Mutex::new(false), Condvar::new());
    /// let second = Duration::from_secs(1);
    /// let (mut guard, in_time) = opened.wait_while_timeout(open.lock(), second, |open| !*open);
    /// assert!(in_time.is_err());
    /// *guard = true;
    /// assert!(opened.wait_while_timeout(guard, second, |open| !*open).1.is_ok());
    /// ```
    ///
    /// # Source
    ///
    /// std's `wait_timeout_while`.
    #[doc(alias = "wait_timeout_while")]
    #[inline(always)]
    #[track_caller]
    pub fn wait_while_timeout<'a, T: ?Sized>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> (MutexGuard<'a, T>, Result<(), Elapsed>) {
        let mut result = Ok(());
        if condition(&mut guard) {
            let timer = Timer::after(limit);
            loop {
                if timer.is_due() {
                    result = Err(Elapsed);
                    break;
                }
                let pass_on = While::new(self, guard.mutex(), &mut condition);
                guard = self.wait_until(guard, pass_on, &timer).0;
                if !condition(&mut guard) {
                    break;
                }
            }
        }
        // Not at the return, where an unwinding destructor leaks what is returned.
        drop(condition);
        (guard, result)
    }

    /// As `wait`, until the timer is due.
    #[inline(always)]
    #[track_caller]
    fn wait_until<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        pass_on: impl PassOn,
        timer: &Timer,
    ) -> (MutexGuard<'a, T>, Result<(), Elapsed>) {
        let mutex = guard.mutex();
        let waiter = self.waiters.enter(pass_on);
        drop(guard);
        let result = loop {
            coro::wait_for(&waiter);
            if waiter.is_woken() {
                break Ok(());
            }
            if timer.is_due() {
                // A notification from now on is for others.
                waiter.quit();
                break Err(Elapsed);
            }
            waiter.stay();
        };
        // Until the mutex is ours, the notification may still have to pass on.
        mutex.raw.lock();
        waiter.done();
        (MutexGuard::new(mutex), result)
    }
}
