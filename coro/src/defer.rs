//! What a coro is to do at its very end.

use crate::passage::Name;
use crate::root;
use crate::state::{ENDED, ROOT};

/// Calls `f` when the current coro has ended, in its own context: after its body has returned or
/// unwound, before [`join`](crate::Coro::join) returns.
///
/// It is the place for a cleanup that blocks: nothing unwinds any more then, so
/// `std::thread::panicking` is not `true` for all coros of the OS thread meanwhile, as it is while
/// a destructor blocks in an unwinding. The coro is shielded there, and its coro-locals are still
/// alive. The newest is called first; a panic of one goes to the panic hook, and no further.
///
/// # Switches
///
/// Never. (`f` may.)
///
/// # Panics
///
/// In main, which ends by returning, and in a coro that has ended: in its destroy handlers.
///
/// # Examples
///
/// ```
/// use std::{cell::Cell, rc::Rc};
/// let clean = Rc::new(Cell::new(false));
/// let done = clean.clone();
/// let c = coro::spawn(move || {
///     coro::defer(move || {
///         coro::cede(); // it may block
///         done.set(true);
///     });
///     coro::schedule();
/// });
/// coro::cede();
/// c.cancel();
/// assert!(!clean.get());
/// c.coro().join();
/// assert!(clean.get());
/// ```
///
/// # Source
///
/// New here; Go's `defer` is called while the panic is under way.
#[track_caller]
pub fn defer(f: impl FnOnce() + 'static) {
    let c = root::kernel().current();
    assert!(!c.has(ROOT), "cannot defer in main: it ends by returning");
    assert!(!c.has(ENDED), "cannot defer in {}: it has ended", Name(c));
    let mut deferred = c.rare().deferred.take();
    deferred.push(Box::new(f));
    c.rare().deferred.set(deferred);
}
