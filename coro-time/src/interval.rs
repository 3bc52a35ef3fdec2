//! Ticks at equal distances.

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::sleep::Sleeper;
use crate::timer::from_now;

/// Ticks at equal distances, the first at once.
///
/// The ticks are counted from the first one, so they do not drift, however late each is served.
/// [`MissedTicks`] says what happens to ticks for which nobody came.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let clock = coro_time::VirtualClock::install();
/// let mut interval = coro_time::interval(Duration::from_secs(2));
/// for n in 0..3 {
///     interval.tick();
///     assert_eq!(clock.elapsed(), Duration::from_secs(2 * n));
/// }
/// ```
///
/// # Source
///
/// New here; tokio's `Interval`.
pub struct Interval {
    /// When the next tick is; `None` for never.
    next: Option<Instant>,
    period: Duration,
    missed: MissedTicks,
    marker: PhantomData<Rc<()>>,
}

/// What an [`Interval`] does about ticks that were missed: whose successor's time has come too
/// before they were served.
///
/// # Examples
///
/// ```
/// use coro_time::MissedTicks;
/// use std::time::Duration;
/// let ticks = |missed| {
///     let clock = coro_time::VirtualClock::install();
///     let mut interval = coro_time::interval(Duration::from_secs(10)).missed_ticks(missed);
///     interval.tick();
///     clock.advance(Duration::from_secs(25)); // the ticks at 10 and 20 are missed
///     std::array::from_fn(|_| {
///         interval.tick();
///         clock.elapsed().as_secs()
///     })
/// };
/// assert_eq!(ticks(MissedTicks::Burst), [25, 25, 30, 40]);
/// assert_eq!(ticks(MissedTicks::Delay), [25, 35, 45, 55]);
/// assert_eq!(ticks(MissedTicks::Skip), [25, 30, 40, 50]);
/// ```
///
/// # Source
///
/// New here; tokio's `MissedTickBehavior`.
#[doc(alias = "MissedTickBehavior")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissedTicks {
    /// They are served at once, one after the other: no tick is lost.
    #[default]
    Burst,
    /// One is served at once, and from then on the period counts anew: no two are closer.
    Delay,
    /// One is served at once, and the others are left out: all are where they were meant to be.
    Skip,
}

/// Returns an interval whose first tick is now.
///
/// # Switches
///
/// Never.
///
/// # Panics
///
/// If the period is zero.
///
/// # Examples
///
/// See [`Interval`].
#[must_use]
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    interval_at(coro::now(), period)
}

/// Returns an interval whose first tick is at `start`.
///
/// # Switches
///
/// Never.
///
/// # Panics
///
/// If the period is zero.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let clock = coro_time::VirtualClock::install();
/// let start = coro::now() + Duration::from_secs(5);
/// let mut interval = coro_time::interval_at(start, Duration::from_secs(1));
/// assert_eq!(interval.tick(), start);
/// assert_eq!(clock.elapsed(), Duration::from_secs(5));
/// ```
#[must_use]
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    assert!(!period.is_zero(), "an interval of zero has no end of ticks");
    Interval {
        next: Some(start),
        period,
        missed: MissedTicks::default(),
        marker: PhantomData,
    }
}

impl Interval {
    /// Returns the interval, with another way of treating ticks that were missed.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`MissedTicks`].
    #[must_use]
    pub fn missed_ticks(self, missed: MissedTicks) -> Interval {
        Interval { missed, ..self }
    }

    /// Blocks until the next tick, and returns when that was meant to be.
    ///
    /// # Switches
    ///
    /// If its time has not come; else as [`cede`](coro::cede).
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro has consumed no tick.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// See [`Interval`].
    #[inline(always)]
    #[track_caller]
    pub fn tick(&mut self) -> Instant {
        coro::check();
        if self.next.is_some_and(|next| next <= coro::now()) {
            coro::cede();
        } else {
            let sleeper = Sleeper::new(self.next);
            loop {
                coro::wait_for(&sleeper);
                if sleeper.is_over() {
                    break;
                }
            }
        }
        self.served()
    }

    /// Goes on to the next tick, and returns this one, whose time has come.
    #[inline(never)]
    fn served(&mut self) -> Instant {
        let now = coro::now();
        let this = self.next.unwrap_or(now);
        self.next = this.checked_add(self.period);
        let Some(next) = self.next.filter(|next| *next <= now) else {
            return this;
        };
        self.next = match self.missed {
            MissedTicks::Burst => Some(next),
            MissedTicks::Delay => now.checked_add(self.period),
            MissedTicks::Skip => {
                let past = (now - this).as_nanos() % self.period.as_nanos();
                // Less than the period, which is a `Duration`.
                let past = Duration::from_nanos_u128(past);
                now.checked_add(self.period - past)
            }
        };
        this
    }

    /// Begins anew: the next tick is one period from now.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let clock = coro_time::VirtualClock::install();
    /// let mut interval = coro_time::interval(Duration::from_secs(2));
    /// interval.reset();
    /// interval.tick();
    /// assert_eq!(clock.elapsed(), Duration::from_secs(2));
    /// ```
    pub fn reset(&mut self) {
        self.next = from_now(self.period);
    }

    /// Returns the time from one tick to the next.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let second = std::time::Duration::from_secs(1);
    /// assert_eq!(coro_time::interval(second).period(), second);
    /// ```
    #[must_use]
    pub fn period(&self) -> Duration {
        self.period
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interval")
            .field("period", &self.period)
            .field("next", &self.next)
            .field("missed", &self.missed)
            .finish_non_exhaustive()
    }
}
