//! Coros whose results are taken in the order in which they end.
//!
//! # Invariants
//!
//! J1. A coro of the set is in `members` until it ends; from then on its result is in `results`,
//!     until it is taken.
//! J2. While a coro waits in `joiners`, as many woken ones as there are results have not run yet;
//!     nobody waits there while the set is empty.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::rc::{Rc, Weak};

use coro::{Builder, Coro, JoinError, JoinHandle};
use coro_wait_queue::{Left, WaitQueue};

pub use self::arm::JoinNextArm;
use self::arm::Joiner;

mod arm;
mod ending;

/// Coros whose results are taken one by one, the first to end first.
///
/// To drop the set asks all that are left to end, as [`Coro::safe_cancel`] does: that never
/// switches, and they unwind when their turn comes. One that is [shielded](coro::shield), or that
/// drops the set itself, is marked, and unwinds at its first switch point after that. The closures
/// of those that never ran are dropped at once, by who drops the set: only their destructors may
/// switch. All this holds in an unwinding, too, and where nothing may switch. At the end of an OS
/// thread the coros are left as they are.
///
/// # Examples
///
/// ```
/// let set = coro_channel::JoinSet::new();
/// for n in [1, 3, 2] {
///     set.spawn(move || {
///         (0..n).for_each(|_| coro::cede());
///         n
///     });
/// }
/// let mut ended = Vec::new();
/// while let Some(result) = set.join_next() {
///     ended.push(result.unwrap());
/// }
/// assert_eq!(ended, [1, 2, 3]);
/// ```
///
/// # Source
///
/// New here; tokio's `JoinSet`.
pub struct JoinSet<T>(Rc<Set<T>>);

struct Set<T> {
    /// Those that have not ended, by the ids of the coros, so the oldest first.
    members: RefCell<BTreeMap<u64, JoinHandle<T>>>,
    results: RefCell<VecDeque<Result<T, JoinError>>>,
    joiners: WaitQueue,
}

impl<T: 'static> JoinSet<T> {
    /// Makes a coro of the set that calls `f`, and readies it.
    ///
    /// # Switches
    ///
    /// Never. Readies the new coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_channel::JoinSet::new();
    /// let c = set.spawn(|| 1);
    /// assert!(c.is_ready());
    /// assert_eq!(set.join_next().unwrap().unwrap(), 1);
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, f: F) -> Coro
    where
        F: FnOnce() -> T + 'static,
    {
        self.add(coro::spawn(f))
    }

    /// Makes a coro of the set as the builder describes it, and readies it.
    ///
    /// # Switches
    ///
    /// Never. Readies the new coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_channel::JoinSet::new();
    /// let c = set.spawn_with(coro::Builder::new().desc("fetch"), || 1);
    /// assert_eq!(c.desc().as_deref(), Some("fetch"));
    /// ```
    #[doc(alias = "build_task")]
    #[track_caller]
    pub fn spawn_with<F>(&self, builder: Builder, f: F) -> Coro
    where
        F: FnOnce() -> T + 'static,
    {
        self.add(builder.spawn(f))
    }

    fn add(&self, handle: JoinHandle<T>) -> Coro {
        let coro = handle.coro().clone();
        let id = coro.id();
        self.0.members.borrow_mut().insert(id, handle);
        let set = Rc::downgrade(&self.0);
        coro.on_destroy(move || end(&set, id));
        if coro.is_finished() {
            // An observer has cancelled it.
            end(&Rc::downgrade(&self.0), id);
        }
        coro
    }
}

impl<T> JoinSet<T> {
    /// Returns an empty set.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_channel::JoinSet::<u8>::new().is_empty());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new() -> JoinSet<T> {
        JoinSet(Rc::new(Set {
            members: RefCell::new(BTreeMap::new()),
            results: RefCell::new(VecDeque::new()),
            joiners: WaitQueue::new("join set"),
        }))
    }

    /// Takes the result of the coro that ended first; blocks until one has ended. Returns `None` if
    /// the set is empty.
    ///
    /// The result is that of [`JoinHandle::join`]: a coro that panicked, was cancelled or was thrown
    /// into yields an error.
    ///
    /// # Switches
    ///
    /// If no coro of the set has ended, and the set is not empty.
    ///
    /// # Cancel safety
    ///
    /// An interrupted joiner has taken nothing. If it had been woken, the wake-up passes on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_channel::JoinSet::new();
    /// set.spawn(|| 1);
    /// set.spawn(|| std::panic::resume_unwind(Box::new("oh")));
    /// assert_eq!(set.join_next().unwrap().unwrap(), 1);
    /// assert!(set.join_next().unwrap().unwrap_err().is_panic());
    /// assert!(set.join_next().is_none());
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn join_next(&self) -> Option<Result<T, JoinError>> {
        coro::check();
        if self.0.must_wait() {
            self.await_next();
        }
        self.0.take()
    }

    #[inline(always)]
    #[track_caller]
    fn await_next(&self) {
        let waiter = self.0.joiners.enter(Joiner(&self.0));
        loop {
            coro::wait_for(&waiter);
            if !self.0.must_wait() {
                break;
            }
            waiter.stay();
        }
        waiter.done();
    }

    /// Takes the result of the coro that ended first, if one has ended.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_channel::JoinSet::new();
    /// set.spawn(|| 1);
    /// assert!(set.try_join_next().is_none());
    /// coro::cede();
    /// assert_eq!(set.try_join_next().unwrap().unwrap(), 1);
    /// ```
    pub fn try_join_next(&self) -> Option<Result<T, JoinError>> {
        self.0.take()
    }

    /// Returns how many coros are in the set: those that have not ended, and those whose result was
    /// not taken.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_channel::JoinSet::new();
    /// set.spawn(|| 1);
    /// coro::cede();
    /// assert_eq!(set.len(), 1);
    /// set.join_next();
    /// assert_eq!(set.len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.members.borrow().len() + self.0.results.borrow().len()
    }

    /// Returns `true` if there is nothing to join.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_channel::JoinSet::new();
    /// set.spawn(|| 1);
    /// assert!(!set.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Set<T> {
    fn coros(&self) -> Vec<Coro> {
        let members = self.members.borrow();
        members
            .values()
            .map(|handle| handle.coro().clone())
            .collect()
    }

    #[inline(always)]
    fn must_wait(&self) -> bool {
        self.results.borrow().is_empty() && !self.members.borrow().is_empty()
    }

    /// Takes the oldest result, if there is one.
    fn take(&self) -> Option<Result<T, JoinError>> {
        let result = self.results.borrow_mut().pop_front();
        self.release();
        result
    }

    /// Wakes all if the set is empty: nobody would do it later.
    fn release(&self) {
        if !self.joiners.is_empty()
            && self.members.borrow().is_empty()
            && self.results.borrow().is_empty()
        {
            self.joiners.wake_all();
        }
    }

    /// What a joiner owes that leaves without a result.
    fn pass_on(&self, left: Left) {
        if left != Left::Waiting && !self.results.borrow().is_empty() {
            self.joiners.wake_one();
        }
    }
}

/// Stores the result of a coro that has ended, if it still is in the set.
fn end<T>(set: &Weak<Set<T>>, id: u64) {
    let Some(set) = set.upgrade() else { return };
    let Some(handle) = set.members.borrow_mut().remove(&id) else {
        return;
    };
    // It has ended, so this does not block; and an interruption of whoever runs would lose the
    // result.
    let result = coro::shield(|| handle.join());
    set.results.borrow_mut().push_back(result);
    set.joiners.wake_one();
}

impl<T> Default for JoinSet<T> {
    #[track_caller]
    fn default() -> JoinSet<T> {
        JoinSet::new()
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet")
            .field("members", &self.0.coros())
            .field("ended", &self.0.results.borrow().len())
            .field("joiners", &self.0.joiners)
            .finish()
    }
}
