//! How the coros of a set end before their time, and how they are spared.

use coro::{Builder, Coro};

use super::JoinSet;

impl<T> JoinSet<T> {
    /// Cancels each coro of the set, the oldest first, as [`Coro::cancel`] does. They stay in the
    /// set until they are joined. One that is spawned meanwhile is not cancelled.
    ///
    /// If the current coro is one of them, it unwinds from here when all others were cancelled.
    ///
    /// # Switches
    ///
    /// If a coro of the set is blocked, ready or suspended: to it, and back before anybody else
    /// runs.
    ///
    /// # Cancel safety
    ///
    /// An interruption of the caller is raised when all are cancelled.
    ///
    /// # Panics
    ///
    /// At the end of an OS thread, as [`Coro::cancel`].
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_channel::JoinSet::new();
    /// set.spawn(coro::schedule);
    /// set.cancel_all();
    /// assert!(set.join_next().unwrap().unwrap_err().is_cancelled());
    /// ```
    #[doc(alias = "abort_all")]
    #[track_caller]
    pub fn cancel_all(&self) {
        let members = self.0.coros();
        coro::shield(|| members.iter().for_each(Coro::cancel));
        coro::check();
    }

    /// Takes all coros out of the set, and lets them go on. What those that have ended returned is
    /// dropped.
    ///
    /// Nobody holds them then but who kept a handle: one that is blocked, and that nobody holds, is
    /// cancelled.
    ///
    /// # Switches
    ///
    /// If the drop of a result does. Readies those who wait in [`join_next`](JoinSet::join_next).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    /// let (set, ran) = (coro_channel::JoinSet::new(), Rc::new(Cell::new(false)));
    /// let seen = ran.clone();
    /// set.spawn(move || seen.set(true));
    /// set.detach_all();
    /// drop(set);
    /// coro::cede();
    /// assert!(ran.get());
    /// ```
    pub fn detach_all(&self) {
        let members = self.0.members.take();
        let results = self.0.results.take();
        self.0.joiners.wake_all();
        drop((members, results));
    }
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        for coro in self.0.coros() {
            if coro.safe_cancel().is_err() && !is_over() {
                // It is shielded, or it is the current one. In a shield that is marked, too.
                coro::shield(|| coro.cancel());
            }
        }
    }
}

/// Returns `true` at the end of an OS thread, when not even a new coro can be cancelled.
#[cold]
fn is_over() -> bool {
    Builder::new().build(|| ()).safe_cancel().is_err()
}
