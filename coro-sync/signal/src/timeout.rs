//! Waiting for a signal or for a group, but not for ever: feature `time`.

use std::time::Duration;

use coro_time::{Elapsed, Timer};
use coro_wait_queue::PassOn;

use crate::signal::{PassSend, Until};
use crate::wait_group::Emptied;
use crate::{Signal, WaitGroup};

/// Waiting, but not for ever: feature `time`.
///
/// Who was woken when the time is over, or is at that very moment, was woken in time. A limit of zero
/// does not block, and one past all that an `Instant` can be is for ever.
impl Signal {
    /// As [`wait`](Signal::wait), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if there was no signal. This is the only error.
    ///
    /// # Switches
    ///
    /// If no send is remembered, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Signal::wait).
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
    /// let signal = coro_signal::Signal::new();
    /// assert!(signal.wait_timeout(Duration::from_secs(1)).is_err());
    /// signal.send();
    /// assert!(signal.wait_timeout(Duration::from_secs(1)).is_ok());
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    #[inline(always)]
    #[track_caller]
    pub fn wait_timeout(&self, limit: Duration) -> Result<(), Elapsed> {
        coro::check();
        if self.take_sent() {
            return Ok(());
        }
        if limit.is_zero() {
            return Err(Elapsed);
        }
        let timer = Timer::after(limit);
        self.block_timeout(PassSend(self), &timer)
    }

    /// As [`wait_until`](Signal::wait_until), at most for `limit` in all. Needs the feature `time`.
    ///
    /// The predicate is asked once more when the time is over: what it says then counts. It is asked
    /// once if the limit is zero.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if the predicate has returned `false` to the last. This is the only error.
    ///
    /// # Switches
    ///
    /// If the predicate is false, no send is remembered, and `limit` is above zero; or if the
    /// predicate does.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Signal::wait).
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
    /// let signal = coro_signal::Signal::new();
    /// signal.send(); // it is used up by the look that follows
    /// assert!(signal.wait_until_timeout(Duration::from_secs(1), || false).is_err());
    /// assert!(signal.wait_until_timeout(Duration::from_secs(1), || true).is_ok());
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    #[inline(always)]
    #[track_caller]
    pub fn wait_until_timeout(
        &self,
        limit: Duration,
        mut predicate: impl FnMut() -> bool,
    ) -> Result<(), Elapsed> {
        coro::check();
        if predicate() {
            return Ok(());
        }
        let timer = Timer::after(limit);
        loop {
            if timer.is_due() {
                return Err(Elapsed);
            }
            coro::check();
            if !self.take_sent() {
                // Whatever woke us, the predicate decides.
                let _ = self.block_timeout(Until::new(self, &mut predicate), &timer);
            }
            if predicate() {
                return Ok(());
            }
        }
    }

    /// Blocks until a send or a broadcast wakes the coro, or the timer is due.
    #[inline(always)]
    #[track_caller]
    fn block_timeout(&self, pass_on: impl PassOn, timer: &Timer) -> Result<(), Elapsed> {
        if self.waiters.wait_unless(pass_on, || timer.is_due()) {
            Ok(())
        } else {
            Err(Elapsed)
        }
    }
}

/// Waiting, but not for ever: feature `time`.
impl WaitGroup {
    /// As [`wait`](WaitGroup::wait), at most for `limit`. Needs the feature `time`.
    ///
    /// A limit of zero does not block, and one past all that an `Instant` can be is for ever.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if there were tokens all the time. This is the only error.
    ///
    /// # Switches
    ///
    /// If there is a token, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](WaitGroup::wait).
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
    /// let group = coro_signal::WaitGroup::new();
    /// let token = group.token();
    /// assert!(group.wait_timeout(Duration::from_secs(1)).is_err());
    /// drop(token);
    /// assert!(group.wait_timeout(Duration::from_secs(1)).is_ok());
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    #[inline(always)]
    #[track_caller]
    pub fn wait_timeout(&self, limit: Duration) -> Result<(), Elapsed> {
        coro::check();
        if self.tokens() == 0 {
            return Ok(());
        }
        if limit.is_zero() {
            return Err(Elapsed);
        }
        let timer = Timer::after(limit);
        if self
            .0
            .waiters
            .wait_unless(Emptied(&self.0), || timer.is_due())
        {
            Ok(())
        } else {
            Err(Elapsed)
        }
    }
}
