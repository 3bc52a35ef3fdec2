//! Timeouts, as the kernel sees them: a coro is overdue, and is to stop what it does.
//!
//! Unlike a throw, this is raised on *entry* of a call that may block, never at the return of the
//! one that the coro is in: who has got what it waited for keeps it. And it stays, like a cancel,
//! until it is taken back.

use std::any::Any;

use crate::control::Coro;
use crate::kernel::Kernel;
use crate::passage;
use crate::root;
use crate::state::{DEAD, DOUBT, ENDED, GRACE, OVERDUE};
use crate::unwind::{Overdue, OverdueKey};

/// Timeouts of it.
impl Coro {
    /// Marks the coro as overdue, with a key that tells by which timeout. It may have several marks;
    /// the oldest counts.
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
    /// use std::panic::{AssertUnwindSafe, catch_unwind};
    ///
    /// let key = coro::OverdueKey::unique();
    /// let c = coro::spawn(move || {
    ///     let payload = catch_unwind(AssertUnwindSafe(|| loop { coro::schedule() })).unwrap_err();
    ///     assert_eq!(coro::overdue_key(&*payload), Some(key));
    ///     coro::current().clear_overdue(key);
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
    pub fn set_overdue(&self, key: OverdueKey) {
        let k = root::kernel();
        let c = self.control();
        if c.has(ENDED | DEAD) {
            return;
        }
        passage::must_unwind("set a deadline to", c);
        let rare = c.rare();
        let mut keys = rare.overdue.take();
        if !keys.contains(&key) {
            keys.push(key);
        }
        let is_first = keys.first() == Some(&key);
        rare.overdue.set(keys);
        if is_first {
            self.wake_overdue(k);
        }
    }

    /// Takes the mark with this key back, if the coro has it. If it has another one, that is raised
    /// next.
    ///
    /// # Switches
    ///
    /// Never. Readies the coro if another mark is left.
    ///
    /// # Examples
    ///
    /// See [`Coro::set_overdue`].
    pub fn clear_overdue(&self, key: OverdueKey) {
        let c = self.control();
        let Some(rare) = c.rare_if_any() else { return };
        let mut keys = rare.overdue.take();
        let was_first = keys.first() == Some(&key);
        keys.retain(|other| *other != key);
        let none_left = keys.is_empty();
        rare.overdue.set(keys);
        if none_left {
            c.clear(OVERDUE | GRACE);
        } else if was_first && !c.has(ENDED | DEAD) {
            self.wake_overdue(root::kernel());
        }
    }

    fn wake_overdue(&self, k: &'static Kernel) {
        let c = self.control();
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
    pub fn overdue(&self) -> Option<OverdueKey> {
        self.control().rare_if_any()?.first_overdue()
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
pub fn overdue_key(payload: &(dyn Any + Send)) -> Option<OverdueKey> {
    payload.downcast_ref::<Overdue>().map(|overdue| overdue.0)
}
