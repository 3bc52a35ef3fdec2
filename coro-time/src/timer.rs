//! A flag that is raised when a time has come.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;
use std::time::{Duration, Instant};

use coro::{Coro, Wait};
use coro_wait_queue::Arm;

use crate::heap::Key;
use crate::timers::{self, Alarm};

/// A flag that is raised when a time has come.
///
/// The timer then readies the coro that made it, and all that wait for it. For whoever waits for
/// something else this is a spurious wake-up, and that is the use of it: a loop that looks whether
/// what it wants has come, then whether it [`is_due`](Timer::is_due), and then blocks, is a wait
/// with a timeout. Looking in this order gives a tie to who has got what it wanted.
///
/// Dropping the timer disarms it. It is an [`Arm`] of a select, by value or by reference.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use coro_time::{Timer, VirtualClock};
///
/// let _clock = VirtualClock::install();
/// let slow = coro::spawn(|| coro_time::sleep(Duration::from_secs(9)));
/// let timer = Timer::after(Duration::from_secs(2));
/// while !slow.is_finished() && !timer.is_due() {
///     coro::schedule();
/// }
/// assert!(timer.is_due() && !slow.is_finished());
/// # slow.cancel();
/// ```
///
/// # Source
///
/// Coro 6.57, `Coro::Timer::timeout`.
#[doc(alias = "timeout")]
#[doc(alias = "Delay")]
#[must_use = "a timer is disarmed when it is dropped"]
pub struct Timer {
    at: Option<Instant>,
    /// Of the heap of this OS thread.
    key: Cell<Option<Key>>,
    made: &'static Location<'static>,
    marker: PhantomData<Rc<()>>,
}

/// Returns the time after so long; `None` if it never comes.
#[inline]
pub(crate) fn from_now(duration: Duration) -> Option<Instant> {
    coro::now().checked_add(duration)
}

/// Returns a timer that is due after `duration`: [`Timer::after`].
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let timer = coro_time::after(std::time::Duration::from_secs(1));
/// assert!(!timer.is_due());
/// ```
#[track_caller]
pub fn after(duration: Duration) -> Timer {
    Timer::after(duration)
}

/// Returns a timer that is due at `deadline`: [`Timer::at`].
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// assert!(coro_time::at(coro::now()).is_due());
/// ```
#[track_caller]
pub fn at(deadline: Instant) -> Timer {
    Timer::at(deadline)
}

impl Timer {
    /// Returns a timer that is due after `duration`; never, if that is past all that an [`Instant`]
    /// can be.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// assert!(coro_time::Timer::after(Duration::ZERO).is_due());
    /// assert_eq!(coro_time::Timer::after(Duration::MAX).deadline(), None);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `Coro::Timer::timeout`.
    #[track_caller]
    pub fn after(duration: Duration) -> Timer {
        Timer::new(from_now(duration))
    }

    /// Returns a timer that is due at `deadline`, which may be past.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let now = coro::now();
    /// assert_eq!(coro_time::Timer::at(now).deadline(), Some(now));
    /// ```
    #[track_caller]
    pub fn at(deadline: Instant) -> Timer {
        Timer::new(Some(deadline))
    }

    #[track_caller]
    pub(crate) fn new(at: Option<Instant>) -> Timer {
        let timer = Timer {
            at,
            key: Cell::new(None),
            made: Location::caller(),
            marker: PhantomData,
        };
        timer.stay();
        timer
    }

    /// Arms it for the current coro, unless it is armed or has gone off.
    pub(crate) fn stay(&self) {
        if let (Some(at), None) = (self.at, self.key.get()) {
            self.key.set(timers::arm(at, Alarm::Ready(coro::current())));
        }
    }

    /// Disarms it, whether it has gone off or not: [`stay`](Timer::stay) arms it again.
    pub(crate) fn leave(&self) {
        if let Some(key) = self.key.take() {
            timers::disarm(key);
        }
    }

    /// Returns `true` if it was served.
    #[inline]
    pub(crate) fn has_gone_off(&self) -> bool {
        self.key.get().is_some_and(|key| !timers::is_armed(key))
    }

    /// Returns `true` if the time has come.
    ///
    /// The coros may not have been readied yet: that happens when the OS thread next looks at its
    /// timers.
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
    /// let timer = coro_time::after(Duration::from_secs(1));
    /// assert!(!timer.is_due());
    /// clock.advance(Duration::from_secs(1));
    /// assert!(timer.is_due());
    /// ```
    #[must_use]
    pub fn is_due(&self) -> bool {
        // One that has gone off stays due, when a virtual clock is taken away too.
        self.has_gone_off() || self.at.is_some_and(|at| at <= coro::now())
    }

    /// Returns when it is due; `None` for never.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let timer = coro_time::after(std::time::Duration::from_secs(1));
    /// assert!(timer.deadline().is_some_and(|at| at > coro::now()));
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.at
    }

    /// Blocks until it is due. Any number of coros may wait, any number of times.
    ///
    /// # Switches
    ///
    /// If it is not due.
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro no longer waits; the timer is not affected.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let clock = coro_time::VirtualClock::install();
    /// let timer = coro_time::after(Duration::from_secs(1));
    /// timer.wait();
    /// timer.wait();
    /// assert_eq!(clock.elapsed(), Duration::from_secs(1));
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn wait(&self) {
        coro::check();
        if self.is_due() {
            return;
        }
        let waiting = Waiting(self);
        loop {
            self.enter();
            coro::wait_for(&waiting);
            if self.is_due() {
                break;
            }
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Arm for Timer {
    type Output = ();

    fn commit(&self) -> bool {
        let due = self.is_due();
        if due {
            self.quit();
        }
        due
    }

    #[inline(never)]
    fn enter(&self) {
        match self.key.get() {
            Some(key) if timers::is_armed(key) => timers::join(key, coro::current()),
            Some(_) => {
                coro::current().ready();
            }
            // It never is due.
            None => {}
        }
    }

    #[inline(never)]
    fn quit(&self) {
        if let Some(key) = self.key.get() {
            timers::leave(key, &coro::current());
        }
    }

    /// If it is only due, the OS thread has not looked at its timers yet.
    fn is_stranded(&self) -> bool {
        self.has_gone_off()
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        ("timer", Some(self.made))
    }

    fn take(self) {}
}

impl Arm for &Timer {
    type Output = ();

    fn commit(&self) -> bool {
        Timer::commit(self)
    }

    fn enter(&self) {
        Timer::enter(self);
    }

    fn quit(&self) {
        Timer::quit(self);
    }

    fn is_stranded(&self) -> bool {
        Timer::is_stranded(self)
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        Timer::what(self)
    }

    fn take(self) {}
}

/// A coro that waits for a timer: it is no longer readied when this is dropped.
struct Waiting<'a>(&'a Timer);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.quit();
    }
}

impl Wait for Waiting<'_> {
    fn what(&self) -> &'static str {
        "timer"
    }

    fn made(&self) -> Option<&'static Location<'static>> {
        Some(self.0.made)
    }

    fn is_stranded(&self) -> bool {
        self.0.is_stranded()
    }

    fn leave(&self, coro: &Coro) {
        if let Some(key) = self.0.key.get() {
            timers::leave(key, coro);
        }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer")
            .field("deadline", &self.at)
            .field("gone_off", &self.has_gone_off())
            .finish_non_exhaustive()
    }
}
