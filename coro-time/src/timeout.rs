//! Cutting a body off when its time is over.

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use coro::{Coro, OverdueKey};

use crate::heap::Key;
use crate::timer::from_now;
use crate::timers::{self, Alarm};

/// Calls `f`, and cuts it off where it blocks if it has not returned after `duration`.
///
/// When the time is over, the call that `f` blocks in is given the chance to succeed: if what it
/// waits for has come by then, that stands, and `f` goes on. Else, and at every later entry of a
/// call that may block, `f` is unwound from there. See the crate's page for what that
/// means [for protocols](crate#two-kinds-of-timeout), for [ties](crate#ties) and for
/// [nested timeouts](crate#nested-timeouts-and-shields).
///
/// A body that never blocks is not cut off, and neither is one inside [`coro::shield`]. If `f`
/// returns after its time, its value stands.
///
/// # Errors
///
/// [`Elapsed`], if `f` was cut off: it was unwound, and its destructors have run. This is the only
/// error.
///
/// # Switches
///
/// If `f` does.
///
/// # Cancel safety
///
/// An interruption passes through, as a panic of `f` does; the timeout is disarmed.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use coro_time::{Elapsed, sleep, timeout};
///
/// let _clock = coro_time::VirtualClock::install();
/// let second = Duration::from_secs(1);
/// assert_eq!(timeout(second, || 42), Ok(42));
/// assert_eq!(timeout(second, || sleep(2 * second)).unwrap_err(), Elapsed);
/// ```
///
/// # Source
///
/// New here; trio's `move_on_after`, Ruby's `Timeout`, which cuts anywhere.
#[doc(alias = "move_on_after")]
#[doc(alias = "with_timeout")]
#[inline]
pub fn timeout<T>(duration: Duration, f: impl FnOnce() -> T) -> Result<T, Elapsed> {
    until(from_now(duration), f)
}

/// Calls `f`, and cuts it off where it blocks if it has not returned at `deadline`: as [`timeout`],
/// with a deadline that several calls may share.
///
/// # Errors
///
/// [`Elapsed`], if `f` was cut off. This is the only error.
///
/// # Switches
///
/// If `f` does.
///
/// # Cancel safety
///
/// As [`timeout`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use coro_time::{sleep, timeout_at};
///
/// let _clock = coro_time::VirtualClock::install();
/// let second = Duration::from_secs(1);
/// let deadline = coro::now() + 3 * second;
/// assert!(timeout_at(deadline, || sleep(2 * second)).is_ok());
/// assert!(timeout_at(deadline, || sleep(2 * second)).is_err());
/// ```
#[doc(alias = "with_deadline")]
#[inline]
pub fn timeout_at<T>(deadline: Instant, f: impl FnOnce() -> T) -> Result<T, Elapsed> {
    until(Some(deadline), f)
}

#[inline]
fn until<T>(deadline: Option<Instant>, f: impl FnOnce() -> T) -> Result<T, Elapsed> {
    let frame = Frame::new(deadline);
    let result = catch_unwind(AssertUnwindSafe(f));
    let mine = frame.key();
    drop(frame);
    match result {
        Ok(value) => Ok(value),
        Err(payload) if mine.is_some() && coro::overdue_key(&*payload) == mine => Err(Elapsed),
        Err(payload) => resume_unwind(payload),
    }
}

/// A body runs that has a timeout.
struct Frame(Option<(Coro, Key, OverdueKey)>);

impl Frame {
    #[inline(never)]
    fn new(deadline: Option<Instant>) -> Frame {
        Frame(deadline.and_then(|deadline| {
            let (coro, mark) = (coro::current(), OverdueKey::unique());
            let timer = timers::arm(deadline, Alarm::Overdue(coro.clone(), mark))?;
            Some((coro, timer, mark))
        }))
    }

    #[inline]
    fn key(&self) -> Option<OverdueKey> {
        Some(self.0.as_ref()?.2)
    }
}

impl Drop for Frame {
    #[inline(never)]
    fn drop(&mut self) {
        if let Some((coro, timer, mark)) = &self.0
            && !timers::disarm(*timer)
        {
            coro.clear_overdue(*mark);
        }
    }
}

/// The time was over.
///
/// # Examples
///
/// ```
/// assert_eq!(coro_time::Elapsed.to_string(), "the time is over");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is over")
    }
}

impl Error for Elapsed {}

impl From<Elapsed> for std::io::Error {
    fn from(elapsed: Elapsed) -> std::io::Error {
        std::io::Error::new(std::io::ErrorKind::TimedOut, elapsed)
    }
}
