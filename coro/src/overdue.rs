//! Timeouts, as the kernel sees them: a coro is overdue, and is to stop what it does.
//!
//! Unlike a throw, this is raised on *entry* of a call that may block, never at the return of the
//! one that the coro is in: who has got what it waited for keeps it. And it stays, like a cancel,
//! until it is taken back.

use std::any::Any;
use std::num::NonZeroU64;

use crate::control::Coro;
use crate::passage;
use crate::root;
use crate::state::{DEAD, DOUBT, ENDED, GRACE, OVERDUE};
use crate::unwind::Overdue;

/// Timeouts of it.
impl Coro {
    /// Marks the coro as overdue, with a key that tells by which timeout, or takes the mark back.
    ///
    /// An overdue coro is readied. If the call that it waits in has come to its end by then, that
    /// stands; else, and at each later entry of a call that may block, it is unwound by a payload
    /// that has the key: [`overdue_key`] tells it. That waits while the coro is in
    /// [`shield`](crate::shield) or unwinds, and a cancel and a throw come first. Whoever marks a
    /// coro sees to it that some frame of it catches that payload and takes the mark back.
    ///
    /// # Switches
    ///
    /// Never. Readies the coro if it is marked.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::num::NonZeroU64;
    /// use std::panic::{AssertUnwindSafe, catch_unwind};
    ///
    /// let key = NonZeroU64::new(7);
    /// let c = coro::spawn(move || {
    ///     let payload = catch_unwind(AssertUnwindSafe(|| loop { coro::schedule() })).unwrap_err();
    ///     assert_eq!(coro::overdue_key(&*payload), key);
    ///     coro::current().set_overdue(None);
    ///     coro::cede();
    /// });
    /// coro::cede();
    /// c.set_overdue(key);
    /// c.join().unwrap();
    /// ```
    ///
    /// # Source
    ///
    /// New here; `coro-time` is built on it. Level-triggered, as trio's cancel scopes are.
    #[track_caller]
    pub fn set_overdue(&self, key: Option<NonZeroU64>) {
        let k = root::kernel();
        let c = self.control();
        if c.has(ENDED | DEAD) {
            return;
        }
        if key.is_some() {
            passage::must_unwind("set a deadline to", c);
        }
        c.rare().overdue.set(key);
        if key.is_none() {
            return c.clear(OVERDUE | GRACE);
        }
        c.set(OVERDUE);
        if self.is_running() {
            return;
        }
        c.set(GRACE);
        if c.has(DOUBT) {
            passage::defer(k, c);
        }
        k.ready(c);
    }

    /// Returns the key of the timeout that the coro is marked with as overdue.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::current().overdue(), None);
    /// ```
    #[must_use]
    pub fn overdue(&self) -> Option<NonZeroU64> {
        self.control().rare_if_any()?.overdue.get()
    }
}

/// Returns the key of the timeout that raised `payload`, if one did.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// See [`Coro::set_overdue`].
#[must_use]
pub fn overdue_key(payload: &(dyn Any + Send)) -> Option<NonZeroU64> {
    payload.downcast_ref::<Overdue>().map(|overdue| overdue.0)
}
