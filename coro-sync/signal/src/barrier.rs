//! A barrier.

use std::fmt;

use coro_wait_queue::WaitQueue;

/// Holds coros back until so many have arrived, then lets all of them pass, again and again.
///
/// # Examples
///
/// ```
/// use coro_signal::Barrier;
///
/// let barrier = Barrier::new(3);
/// let leaders = coro::scope(|s| {
///     let all: Vec<_> = (0..3).map(|_| s.spawn(|| barrier.wait().is_leader())).collect();
///     all.into_iter().filter_map(|c| c.join().ok()).filter(|&leads| leads).count()
/// });
/// assert_eq!(leaders, 1);
/// ```
///
/// # Source
///
/// New here; the form is that of `std::sync::Barrier`.
pub struct Barrier {
    size: usize,
    /// Who has arrived waits: who is interrupted has not arrived.
    waiters: WaitQueue,
}

impl Barrier {
    /// Returns a barrier for `n` coros; one for none is as one for a single coro.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_signal::Barrier::new(1).wait().is_leader());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new(n: usize) -> Barrier {
        Barrier {
            size: n,
            waiters: WaitQueue::new("barrier"),
        }
    }

    /// Blocks until the last one has arrived, who goes on at once: it is the leader.
    ///
    /// # Switches
    ///
    /// If the coro is not the last one to arrive.
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro that was not released takes its arrival back: another one has to come
    /// in its place. If it was released, the others were too, and nothing is owed.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch; the coro has not arrived then.
    ///
    /// # Examples
    ///
    /// See [`Barrier`].
    #[inline(always)]
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        coro::check();
        let leads = self.waiters.len() + 1 >= self.size;
        if leads {
            self.waiters.wake_all();
        } else {
            self.waiters.wait(|_| ());
        }
        BarrierWaitResult(leads)
    }

    /// Returns how many have arrived and wait for the others.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_signal::Barrier::new(2).waiters(), 0);
    /// ```
    #[must_use]
    pub fn waiters(&self) -> usize {
        self.waiters.len()
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("size", &self.size)
            .field("waiters", &self.waiters)
            .finish()
    }
}

/// Says whether a coro was the last one to arrive at a [`Barrier`].
///
/// # Examples
///
/// See [`Barrier`].
#[derive(Debug)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Returns `true` for the coro that arrived last: for one of those that pass together.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Barrier`].
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}
