//! Time that passes when nobody has anything to do.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;
use std::time::{Duration, Instant};

use coro::Clock;

use crate::timers;

/// A clock that stands still while coros run, and jumps to the next deadline when none is ready.
///
/// With it, a program that sleeps for hours takes no time, and does the same in each run. Wake-ups
/// from other OS threads are not waited for while a timer is armed: time goes on at once.
///
/// Clones are of the same clock.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let clock = coro_time::VirtualClock::install();
/// let slow = coro::spawn(|| coro_time::sleep(Duration::from_secs(60)));
/// coro_time::sleep(Duration::from_secs(59));
/// assert!(!slow.is_finished());
/// slow.join().unwrap();
/// assert_eq!(clock.elapsed(), Duration::from_secs(60));
/// ```
///
/// # Source
///
/// New here; tokio's `pause`, Go's `testing/synctest`.
#[doc(alias = "pause")]
#[doc(alias = "MockClock")]
#[derive(Clone)]
pub struct VirtualClock(Rc<Time>);

struct Time {
    start: Instant,
    now: Cell<Instant>,
}

impl VirtualClock {
    /// Returns a clock that nobody uses yet, and that shows the present.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_time::VirtualClock;
    /// let clock = VirtualClock::new();
    /// coro::set_clock(Some(Box::new(clock.clone()))); // the other way: `install`
    /// assert_eq!(coro::now(), clock.now());
    /// # coro::set_clock(None);
    /// ```
    #[expect(clippy::new_without_default, reason = "it is not always the same")]
    #[must_use]
    pub fn new() -> VirtualClock {
        let start = Instant::now();
        let now = Cell::new(start);
        VirtualClock(Rc::new(Time { start, now }))
    }

    /// Makes a new clock that of this OS thread, until the guard is dropped.
    ///
    /// There is no [slack](crate::set_slack) meanwhile. Timers that are armed when a clock is
    /// installed or taken away keep their deadlines.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`VirtualClock`].
    #[must_use = "the clock goes when the guard is dropped"]
    pub fn install() -> VirtualClockGuard {
        let clock = VirtualClock::new();
        VirtualClockGuard {
            before: coro::set_clock(Some(Box::new(clock.clone()))),
            slack: timers::set_slack(Duration::ZERO),
            clock,
        }
    }

    /// Lets time pass, and readies those whose time has come by then, in the order of their
    /// deadlines. None of them runs before the others are ready.
    ///
    /// # Switches
    ///
    /// Never. Readies sleepers.
    ///
    /// # Panics
    ///
    /// If that is past all that an [`Instant`] can be.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let clock = coro_time::VirtualClock::install();
    /// let c = coro::spawn(|| coro_time::sleep(Duration::from_secs(1)));
    /// coro::cede();
    /// clock.advance(Duration::from_secs(2));
    /// assert!(c.is_ready());
    /// ```
    #[track_caller]
    pub fn advance(&self, by: Duration) {
        let Some(now) = self.now().checked_add(by) else {
            panic!("a virtual clock cannot show a time that no Instant can be");
        };
        self.0.now.set(now);
        // Which is another time, if this is not the clock of the OS thread.
        timers::fire(coro::now());
    }

    /// Returns the time that the clock shows.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let clock = coro_time::VirtualClock::install();
    /// assert_eq!(clock.now(), coro::now());
    /// ```
    #[must_use]
    pub fn now(&self) -> Instant {
        self.0.now.get()
    }

    /// Returns how much time has passed since the clock was made.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`VirtualClock`].
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.now() - self.0.start
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.0.now.get()
    }

    fn skip_to(&self, deadline: Instant) -> bool {
        self.0.now.set(self.0.now.get().max(deadline));
        true
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualClock")
            .field("elapsed", &self.elapsed())
            .finish()
    }
}

/// A [`VirtualClock`] that is installed. Dropping it puts the clock and the slack back that were
/// there before.
///
/// # Examples
///
/// ```
/// let real = coro_time::VirtualClock::install();
/// drop(coro_time::VirtualClock::install());
/// assert_eq!(coro::now(), real.now());
/// ```
pub struct VirtualClockGuard {
    clock: VirtualClock,
    before: Option<Box<dyn Clock>>,
    slack: Duration,
}

impl Deref for VirtualClockGuard {
    type Target = VirtualClock;

    fn deref(&self) -> &VirtualClock {
        &self.clock
    }
}

impl Drop for VirtualClockGuard {
    fn drop(&mut self) {
        coro::set_clock(self.before.take());
        timers::set_slack(self.slack);
    }
}

impl fmt::Debug for VirtualClockGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VirtualClockGuard")
            .field(&self.clock)
            .finish()
    }
}
