//! The payloads that unwind a coro, and the two calls that tell them from other panics.

use std::any::Any;
use std::num::NonZeroU64;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Unwinds a cancelled coro.
pub(crate) struct Cancelled;

/// Unwinds a coro whose result `terminate` has already stored.
pub(crate) struct Terminated;

/// Unwinds a coro as far as the call that set the timeout of this key.
pub(crate) struct Overdue(pub(crate) OverdueKey);

/// Names one timeout: no other one of the process has the same key.
///
/// # Examples
///
/// See [`Coro::set_overdue`](crate::Coro::set_overdue).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OverdueKey(NonZeroU64);

impl OverdueKey {
    /// Returns a new key.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_ne!(coro::OverdueKey::unique(), coro::OverdueKey::unique());
    /// ```
    #[must_use]
    pub fn unique() -> OverdueKey {
        // A payload may get to another OS thread, so they are unique in the process.
        static LAST: AtomicU64 = AtomicU64::new(0);
        let last = LAST.fetch_add(1, Ordering::Relaxed);
        OverdueKey(NonZeroU64::MIN.saturating_add(last))
    }
}

/// Unwinds main, with a report, from a wait that still has children to end before it may panic.
pub(crate) struct Deadlock(pub(crate) String);

impl Deadlock {
    /// Panics as a deadlock does.
    #[track_caller]
    pub(crate) fn panic(&self) -> ! {
        panic!(
            "deadlock: nothing is ready and nobody can wake us\n{}",
            self.0
        )
    }
}

/// Raises `payload` without the panic hook: nothing is printed.
pub(crate) fn raise(payload: Box<dyn Any + Send>) -> ! {
    if cfg!(panic = "abort") {
        // It would end the process without a word.
        eprintln!("coro: an interruption {CANNOT_UNWIND}; aborting");
        process::abort();
    }
    panic::resume_unwind(payload)
}

/// Why a coro that has begun cannot be interrupted, if that is so.
pub(crate) const CANNOT_UNWIND: &str =
    "cannot unwind, as the program is built with panic = \"abort\"";

/// Returns `true` if `payload`, caught by `catch_unwind`, is not the catcher's: a cancel, a
/// [`terminate`](crate::terminate), or a timeout that some frame further out has set.
///
/// Code that catches panics must pass these on with [`std::panic::resume_unwind`], as [`catch`]
/// does; a cancel or a timeout that was swallowed is raised again at the next switch point.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
///
/// let c = coro::spawn(|| {
///     let caught = catch_unwind(AssertUnwindSafe(coro::schedule)).unwrap_err();
///     assert!(coro::is_cancel(&*caught));
///     resume_unwind(caught);
/// });
/// coro::cede();
/// c.cancel();
/// assert!(c.join().unwrap_err().is_cancelled());
/// ```
///
/// # Source
///
/// New here.
#[must_use]
pub fn is_cancel(payload: &(dyn Any + Send)) -> bool {
    payload.is::<Cancelled>() || payload.is::<Terminated>() || payload.is::<Overdue>()
}

/// Calls `f` and catches what it raises, but lets a cancel, a [`terminate`](crate::terminate) and
/// a timeout go on.
///
/// # Errors
///
/// The payload of a panic or of a [`throw`](crate::Coro::throw) that left `f`.
///
/// # Switches
///
/// If `f` does.
///
/// # Cancel safety
///
/// A cancel or a timeout passes through: only `f`'s own state is unwound.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| {
///     let thrown = coro::catch(coro::schedule).unwrap_err();
///     *thrown.downcast::<&str>().unwrap()
/// });
/// coro::cede();
/// c.throw("wake up");
/// assert_eq!(c.join().unwrap(), "wake up");
/// ```
///
/// # Source
///
/// New here; Perl's `eval` catches cancels neither.
pub fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Box<dyn Any + Send>> {
    match panic::catch_unwind(AssertUnwindSafe(f)) {
        Err(payload) if is_cancel(&*payload) => raise(payload),
        other => other,
    }
}
