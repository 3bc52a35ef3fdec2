//! Waiting for the end of a coro, but not for ever.

use std::panic::Location;
use std::time::Duration;

use coro::{Coro, Holder, Joiner, Wait};

use crate::Elapsed;
use crate::timer::{Timer, from_now};

/// Blocks until `coro` has ended, at most for `duration`. The coro goes on if it has not.
///
/// # Errors
///
/// [`Elapsed`], if the coro had not ended when its time was over. This is the only error.
///
/// # Switches
///
/// If the coro has not ended, and there is time.
///
/// # Cancel safety
///
/// An interrupted joiner no longer waits; the coro is not affected.
///
/// # Panics
///
/// If it has to block where nothing may switch.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use coro_time::{Elapsed, join_timeout, sleep};
///
/// let _clock = coro_time::VirtualClock::install();
/// let second = Duration::from_secs(1);
/// let c = coro::spawn(move || sleep(2 * second));
/// assert_eq!(join_timeout(c.coro(), second), Err(Elapsed));
/// assert_eq!(join_timeout(c.coro(), second), Ok(()));
/// ```
///
/// # Source
///
/// New here.
#[inline(always)]
#[track_caller]
pub fn join_timeout(coro: &Coro, duration: Duration) -> Result<(), Elapsed> {
    coro::check();
    if coro.is_finished() {
        return Ok(());
    }
    if duration.is_zero() {
        return Err(Elapsed);
    }
    let wait = TimedJoin::new(coro, duration);
    loop {
        coro::wait_for(&wait);
        if coro.is_finished() {
            return Ok(());
        }
        if wait.timer.has_gone_off() {
            return Err(Elapsed);
        }
        wait.timer.stay();
    }
}

struct TimedJoin<'a> {
    timer: Timer,
    joiner: Joiner<'a>,
}

impl<'a> TimedJoin<'a> {
    #[inline(never)]
    fn new(coro: &'a Coro, duration: Duration) -> TimedJoin<'a> {
        TimedJoin {
            timer: Timer::new(from_now(duration)),
            joiner: coro.joiner(),
        }
    }
}

impl Wait for TimedJoin<'_> {
    fn what(&self) -> &'static str {
        self.joiner.what()
    }

    fn made(&self) -> Option<&'static Location<'static>> {
        self.joiner.made()
    }

    fn is_stranded(&self) -> bool {
        self.joiner.is_stranded() || self.timer.has_gone_off()
    }

    fn holders(&self, tell: &mut dyn FnMut(Holder)) {
        self.joiner.holders(tell);
    }

    fn leave(&self, _: &Coro) {
        self.timer.leave();
    }
}
