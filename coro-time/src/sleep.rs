//! Blocking until a time has come.

use std::time::{Duration, Instant};

use coro::{Coro, Wait};

use crate::timer::{Timer, from_now};

/// Blocks for `duration`, or somewhat longer: never shorter, whoever readies the coro meanwhile.
///
/// Sleepers go on in the order of their deadlines, and of their calls where these are equal. A
/// duration past all that an [`Instant`] can be is for ever: if nothing else can happen, that is a
/// deadlock, and is reported. One of zero is a [`cede`](coro::cede), so that a loop of such sleeps
/// keeps nobody from running.
///
/// # Switches
///
/// If `duration` is above zero; else as [`cede`](coro::cede).
///
/// # Cancel safety
///
/// An interrupted coro sleeps no longer.
///
/// # Panics
///
/// Where nothing may switch. In main, if it is for ever and nobody can ever wake a coro.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let clock = coro_time::VirtualClock::install();
/// coro_time::sleep(Duration::from_secs(3600));
/// assert_eq!(clock.elapsed(), Duration::from_secs(3600));
/// ```
///
/// # Source
///
/// Coro 6.57, `Coro::Timer::sleep`.
#[inline(always)]
#[track_caller]
pub fn sleep(duration: Duration) {
    coro::check();
    if duration.is_zero() {
        return coro::cede();
    }
    let sleeper = Sleeper::new(from_now(duration));
    loop {
        coro::wait_for(&sleeper);
        if sleeper.is_over() {
            break;
        }
    }
}

/// Blocks until `deadline`, or somewhat longer.
///
/// # Switches
///
/// If the deadline has not come; else as [`cede`](coro::cede).
///
/// # Cancel safety
///
/// An interrupted coro sleeps no longer.
///
/// # Panics
///
/// Where nothing may switch.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let clock = coro_time::VirtualClock::install();
/// let deadline = coro::now() + Duration::from_secs(1);
/// coro_time::sleep_until(deadline);
/// coro_time::sleep_until(deadline); // only cedes
/// assert_eq!(coro::now(), deadline);
/// ```
#[inline(always)]
#[track_caller]
pub fn sleep_until(deadline: Instant) {
    coro::check();
    if deadline <= coro::now() {
        return coro::cede();
    }
    let sleeper = Sleeper::new(Some(deadline));
    loop {
        coro::wait_for(&sleeper);
        if sleeper.is_over() {
            break;
        }
    }
}

/// A coro that sleeps.
pub(crate) struct Sleeper(Timer);

impl Sleeper {
    #[inline(never)]
    pub(crate) fn new(until: Option<Instant>) -> Sleeper {
        Sleeper(Timer::new(until))
    }

    /// Returns `true` if the time has come; else sees to it that the coro sleeps on.
    #[inline(never)]
    pub(crate) fn is_over(&self) -> bool {
        // In the order of the timers: one that is due, but was not served yet, has to wait.
        let over = self.0.has_gone_off();
        if !over {
            // A cancel may have taken it out, and may have to wait.
            self.0.stay();
        }
        over
    }
}

impl Wait for Sleeper {
    fn what(&self) -> &'static str {
        "sleep"
    }

    fn is_stranded(&self) -> bool {
        self.0.has_gone_off()
    }

    fn leave(&self, _: &Coro) {
        self.0.leave();
    }
}
