//! Ending the current coro, or all of them.

use std::any;

use crate::control::Coro;
use crate::functions::{all, cede_notself, ready_count};
use crate::passage::{self, Name, Unwinding, must_unwind};
use crate::root;
use crate::state::{ENDED, ROOT};
use crate::unwind::{Terminated, raise};

/// Ends the current coro as if its body had returned `value`: it unwinds from here.
///
/// # Switches
///
/// Never returns.
///
/// # Panics
///
/// If `T` is not the type of the coro's result, if the coro may borrow (that of a
/// [`scope`](crate::scope)), in main, or in a destroy handler.
///
/// # Aborts
///
/// In a destructor that runs in an unwinding, as every panic there does.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| {
///     if true {
///         coro::terminate(1);
///     }
///     2
/// });
/// assert_eq!(c.join().unwrap(), 1);
/// ```
///
/// # Source
///
/// Coro 6.57, `terminate`.
#[track_caller]
pub fn terminate<T: 'static>(value: T) -> ! {
    let k = root::kernel();
    let c = k.current();
    assert!(!c.has(ROOT), "cannot terminate main: it ends by returning");
    assert!(!c.has(ENDED), "cannot terminate {}: it has ended", Name(c));
    must_unwind("terminate", c);
    if passage::ask(k) == Unwinding::Yes {
        eprintln!(
            "coro: terminate in a destructor of {}, which unwinds; aborting",
            Name(c)
        );
        std::process::abort();
    }
    let accepted = c.accept(&mut Some(value));
    assert!(
        accepted,
        "terminate: {} is not the type of the result of {}, or that may borrow",
        any::type_name::<T>(),
        Name(c)
    );
    raise(Box::new(Terminated))
}

/// Cancels every coro of this OS thread but the current one and main, newest first.
///
/// # Switches
///
/// As [`Coro::cancel`] for each.
///
/// # Cancel safety
///
/// An interruption may leave older coros alive.
///
/// # Panics
///
/// As [`Coro::cancel`].
///
/// # Examples
///
/// ```
/// let c = coro::spawn(coro::schedule);
/// coro::cede();
/// coro::killall();
/// assert!(c.is_finished());
/// ```
///
/// # Source
///
/// Coro 6.57, `killall`; there, it cancels main and the helpers of the runtime as well.
#[track_caller]
pub fn killall() {
    cancel_others(|_| true);
}

/// Cancels those of the coros that are neither current nor main.
#[track_caller]
fn cancel_others(which: impl Fn(&Coro) -> bool) {
    for coro in all() {
        if !coro.is_running() && !coro.control().has(ROOT) && which(&coro) {
            coro.cancel();
        }
    }
}

/// So many rounds are given to destructors that block and to swallowed cancels.
const ROUNDS: usize = 1_000;

/// Unwinds all coros of this OS thread, so that their destructors run before it ends.
///
/// At the end of an OS thread coros that are still alive are leaked with all they own: nothing can
/// be resumed any more. Returns the coros that could not be ended: they wait, shielded or in a
/// destructor, for what does not happen, or swallow every cancel; or they have begun, and the
/// program is built with `panic = "abort"`.
///
/// # Switches
///
/// If there are other coros.
///
/// # Cancel safety
///
/// An interruption may leave coros alive.
///
/// # Panics
///
/// If called by another coro than main.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(coro::schedule);
/// coro::cede();
/// assert!(coro::shutdown().is_empty());
/// assert!(c.is_finished());
/// ```
///
/// # Source
///
/// New here.
#[track_caller]
pub fn shutdown() -> Vec<Coro> {
    let k = root::kernel();
    assert!(k.current().has(ROOT), "shutdown is for main alone");
    for _ in 0..ROUNDS {
        // Where nothing can unwind, those that have begun can only go on to their ends.
        cancel_others(|coro| cfg!(panic = "unwind") || coro.is_new());
        if ready_count() == 0 {
            break;
        }
        cede_notself();
    }
    let mut left = all();
    left.retain(|coro| !coro.control().has(ROOT));
    left
}
