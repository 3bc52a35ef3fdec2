//! The arm of a select that joins a coro of a set.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;

use coro::{JoinError, Wait};
use coro_wait_queue::{Arm, Left, PassOn, Waiter};

use super::{JoinSet, Set};

impl<T> JoinSet<T> {
    /// Returns an arm that does what [`join_next`](JoinSet::join_next) does.
    ///
    /// # Switches
    ///
    /// Never. The select does.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::{Channel, JoinSet, select};
    /// let (set, jobs) = (JoinSet::new(), Channel::<u8>::unbounded());
    /// set.spawn(|| 1);
    /// select! {
    ///     _ = jobs.get_arm() => unreachable!(),
    ///     result = set.join_next_arm() => assert_eq!(result.unwrap().unwrap(), 1),
    /// }
    /// ```
    pub fn join_next_arm(&self) -> JoinNextArm<'_, T> {
        JoinNextArm {
            set: &self.0,
            waiter: self.0.joiners.waiter(Joiner(&self.0)),
            got: Cell::new(None),
        }
    }
}

/// Takes the next result of a [`JoinSet`] if it is selected.
///
/// # Examples
///
/// See [`JoinSet::join_next_arm`].
#[must_use = "an arm does nothing unless a select waits for it"]
pub struct JoinNextArm<'a, T> {
    set: &'a Set<T>,
    pub(crate) waiter: Waiter<'a, Joiner<'a, T>>,
    got: Cell<Option<Result<T, JoinError>>>,
}

/// What a select owes that was woken as a joiner, and took something else.
pub(crate) struct Joiner<'a, T>(pub(super) &'a Set<T>);

impl<T> PassOn for Joiner<'_, T> {
    fn pass_on(&self, left: Left) {
        self.0.pass_on(left);
    }

    /// J2; that the set is empty is news for all.
    fn is_stranded(&self, oldest: bool) -> bool {
        let has_results = !self.0.results.borrow().is_empty();
        has_results && oldest || !has_results && self.0.members.borrow().is_empty()
    }
}

impl<T> Arm for JoinNextArm<'_, T> {
    type Output = Option<Result<T, JoinError>>;

    fn commit(&self) -> bool {
        if self.set.must_wait() {
            return false;
        }
        self.waiter.done();
        self.got.set(self.set.take());
        true
    }

    fn enter(&self) {
        self.waiter.stay();
        // One may have ended in a callback that another arm of this select has called.
        if !self.set.must_wait() {
            self.set.joiners.wake_all();
        }
    }

    fn quit(&self) {
        self.waiter.quit();
    }

    fn is_stranded(&self) -> bool {
        self.waiter.is_stranded()
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        self.set.joiners.what()
    }

    fn take(self) -> Option<Result<T, JoinError>> {
        self.got.take()
    }
}

impl<T> fmt::Debug for JoinNextArm<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinNextArm")
            .field("members", &self.set.coros())
            .finish_non_exhaustive()
    }
}
