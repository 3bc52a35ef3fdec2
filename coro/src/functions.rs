//! The free functions of scheduling: what concerns the current coro, or all of them.

use std::panic::Location;

use crate::control::Coro;
use crate::hooks::Wait;
use crate::kernel::Kernel;
use crate::next;
use crate::passage;
use crate::root;
use crate::scheduler;
use crate::state::INTERRUPT;

/// Returns the coro that runs now.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// assert_eq!(coro::current(), coro::main());
/// let c = coro::spawn(coro::current);
/// let id = c.id();
/// assert_eq!(c.join().unwrap().id(), id);
/// ```
///
/// # Source
///
/// Coro 6.57, `$Coro::current`.
#[inline(always)]
#[must_use]
#[track_caller]
pub fn current() -> Coro {
    root::kernel().current().handle()
}

/// Returns the coro that is the OS thread's own stack.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(coro::main);
/// assert_eq!(c.join().unwrap(), coro::main());
/// ```
///
/// # Source
///
/// Coro 6.57, `$Coro::main`.
#[must_use]
#[track_caller]
pub fn main() -> Coro {
    root::kernel().root().handle()
}

/// Switches to the next ready coro; returns when somebody readied the current one, and it is its
/// turn.
///
/// Anybody may ready it, so a caller who waits for something looks again, in a loop. If it was
/// readied already, as by itself, it may be its turn at once.
///
/// # Switches
///
/// Always.
///
/// # Cancel safety
///
/// A throw or a cancel is raised when the call returns. Then it has done nothing else.
///
/// # Panics
///
/// In main, if nothing is ready and nobody can ever wake a coro: the deadlock panic lists all
/// coros. Elsewhere, where nothing may switch ([`no_switch`](crate::no_switch), hooks, destructors
/// of thread-locals).
///
/// # Examples
///
/// ```
/// let main = coro::current();
/// let _c = coro::spawn(move || main.ready());
/// coro::schedule(); // until the coro has readied us
/// ```
///
/// # Source
///
/// Coro 6.57, `schedule`.
#[doc(alias = "park")]
#[inline(always)]
#[track_caller]
pub fn schedule() {
    scheduler::schedule(None, Location::caller());
}

/// As [`schedule`], and says what for: reports show it, and
/// [`safe_cancel`](crate::Coro::safe_cancel) calls [`Wait::leave`].
///
/// # Switches
///
/// Always.
///
/// # Cancel safety
///
/// As [`schedule`].
///
/// # Panics
///
/// As [`schedule`].
///
/// # Examples
///
/// See [`Wait`].
///
/// # Source
///
/// New here.
#[inline(always)]
#[track_caller]
pub fn wait_for(what: &dyn Wait) {
    scheduler::schedule_on(what, Location::caller());
}

/// Gives every ready coro of at least the current priority a turn before the current one has its
/// next: readies the current coro, and switches.
///
/// # Switches
///
/// If another coro of the same or a higher priority is ready.
///
/// # Cancel safety
///
/// A throw or a cancel is raised when the call returns.
///
/// # Panics
///
/// Where nothing may switch.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| 1);
/// coro::cede();
/// assert!(c.is_finished());
/// ```
///
/// # Source
///
/// Coro 6.57, `cede`.
#[doc(alias = "yield_now")]
#[inline(always)]
#[track_caller]
pub fn cede() {
    scheduler::cede();
}

/// Switches to another ready coro, whatever its priority; returns at once if there is none.
///
/// # Switches
///
/// If another coro is ready.
///
/// # Cancel safety
///
/// A throw or a cancel is raised when the call returns.
///
/// # Panics
///
/// Where nothing may switch.
///
/// # Examples
///
/// ```
/// use coro::{Builder, Prio};
/// let c = Builder::new().prio(Prio::LOW).spawn(|| ());
/// coro::cede();
/// assert!(!c.is_finished());
/// coro::cede_notself();
/// assert!(c.is_finished());
/// ```
///
/// # Source
///
/// Coro 6.57, `cede_notself`.
#[track_caller]
pub fn cede_notself() {
    scheduler::cede_notself();
    // It raises what is pending whether it has switched or not.
    check();
}

/// Raises a throw or a cancel that is pending for the current coro; else does nothing.
///
/// Calls that may block begin with this, so that they are interrupted whether they block or not.
/// Long computations may call it too.
///
/// # Switches
///
/// Never.
///
/// # Cancel safety
///
/// This is where it is raised.
///
/// # Examples
///
/// ```
/// coro::current().throw("now");
/// assert!(coro::catch(coro::check).is_err());
/// coro::check();
/// ```
///
/// # Source
///
/// New here; Coro tests for a pending exception in each of its calls.
#[inline(always)]
#[track_caller]
pub fn check() {
    let k = Kernel::get();
    if let Some(c) = k.current_if_made()
        && c.has(INTERRUPT)
    {
        passage::check(k, c);
    }
}

/// Chooses one of `count` things that are equally due: returns a number below `count`.
///
/// The choice is pseudo-random and the same in each run of a program; an installed
/// [`Policy`](crate::Policy) may choose in its place. A select uses it where several arms can be
/// had.
///
/// # Switches
///
/// Never.
///
/// # Panics
///
/// If `count` is 0.
///
/// # Examples
///
/// ```
/// assert!(coro::choose(3) < 3);
/// assert_eq!(coro::choose(1), 0);
/// ```
///
/// # Source
///
/// New here; the sequence is that of SplitMix64 (Steele, Lea, Flood 2014).
#[must_use]
#[track_caller]
pub fn choose(count: usize) -> usize {
    assert!(count > 0, "there is nothing to choose from");
    let k = root::kernel();
    if let Some(choice) = next::ask_policy_to_choose(k, count) {
        return choice;
    }
    let state = k.choices.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
    k.choices.set(state);
    let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    // The product's upper half is spread evenly over the numbers below `count`.
    ((u128::from(mixed ^ (mixed >> 31)) * count as u128) >> 64) as usize
}

/// Returns how many coros are in the ready queue. The current one normally is not.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let _c = coro::spawn(|| ());
/// assert_eq!(coro::ready_count(), 1);
/// ```
///
/// # Source
///
/// Coro 6.57, `nready`.
#[must_use]
pub fn ready_count() -> usize {
    Kernel::get().ready_count()
}

/// Returns all coros that have not ended, newest first; main is the last.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| ());
/// assert_eq!(coro::all(), [c.coro().clone(), coro::main()]);
/// ```
///
/// # Source
///
/// Coro 6.57, `Coro::State::list`.
#[must_use]
#[track_caller]
pub fn all() -> Vec<Coro> {
    root::kernel().living.all()
}
