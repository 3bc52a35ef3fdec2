//! Regions where nothing is raised, or nothing switches.

use std::panic::Location;

use crate::control::Coro;
use crate::functions::current;
use crate::passage::{self, Unwinding};
use crate::root;
use crate::state::SHIELD;

/// Calls `f`; throws and cancels of the current coro wait until it has returned.
///
/// They are raised at the first switch point after it. Shields nest.
///
/// # Switches
///
/// If `f` does.
///
/// # Cancel safety
///
/// `f` is not interrupted; only a deadlock is raised in main all the same.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| {
///     coro::shield(|| {
///         coro::schedule(); // cancelled here
///     });
///     coro::check(); // raised here
///     unreachable!();
/// });
/// coro::cede();
/// c.cancel();
/// assert!(!c.is_finished());
/// c.ready();
/// assert!(c.join().unwrap_err().is_cancelled());
/// ```
///
/// # Source
///
/// New here; trio's shielded cancel scopes.
pub fn shield<R>(f: impl FnOnce() -> R) -> R {
    let _shield = Shield::new();
    f()
}

/// While it lives, nothing is raised in its coro.
pub(crate) struct Shield(Coro);

impl Shield {
    pub(crate) fn new() -> Shield {
        let coro = current();
        let c = coro.control();
        let shields = &c.rare().shields;
        // The one that is there for good when a coro ends may not have been counted yet.
        let uncounted = u32::from(shields.get() == 0 && c.has(SHIELD));
        shields.set(shields.get() + uncounted + 1);
        c.set(SHIELD);
        Shield(coro)
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        let c = self.0.control();
        let shields = &c.rare().shields;
        shields.set(shields.get() - 1);
        if shields.get() == 0 {
            c.clear(SHIELD);
        }
    }
}

/// Calls `f`, in which nothing may switch: a call that would enter the scheduler panics, and
/// names both places.
///
/// For the invariants of code that is not meant to be left half-way. A cancel of another coro is
/// carried out at the next switch.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let sum = coro::no_switch(|| 1 + 2);
/// assert_eq!(sum, 3);
/// assert!(std::panic::catch_unwind(|| coro::no_switch(coro::cede)).is_err());
/// ```
///
/// # Source
///
/// New here.
#[track_caller]
pub fn no_switch<R>(f: impl FnOnce() -> R) -> R {
    let _forbidden = root::kernel().forbid("no_switch", Location::caller());
    f()
}

/// Returns whether the current coro is unwinding, by a panic or by an interruption; `None` if it
/// cannot be known, as other coros are switched out in the middle of an unwinding.
///
/// `std::thread::panicking` tells of the OS thread: it is `true` in every coro while any of them
/// is blocked in a destructor that runs in an unwinding.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// struct Look;
/// impl Drop for Look {
///     fn drop(&mut self) {
///         assert_eq!(coro::unwinding(), Some(true));
///     }
/// }
/// assert_eq!(coro::unwinding(), Some(false));
/// let c = coro::spawn(|| {
///     let _look = Look;
///     coro::schedule();
/// });
/// coro::cede();
/// c.cancel();
/// ```
///
/// # Source
///
/// New here.
#[must_use]
pub fn unwinding() -> Option<bool> {
    match passage::ask(root::kernel()) {
        Unwinding::Yes => Some(true),
        Unwinding::No => Some(false),
        Unwinding::Unknown => None,
    }
}
